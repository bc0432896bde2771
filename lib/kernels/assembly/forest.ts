// Isolation forests as complete binary trees: a row walks `depth` steps down every tree, without a branch.

/** From node `index` to its left (2i + 1) or right (2i + 2) child; a node is a threshold and a byte offset into the row. */
// @ts-ignore: decorator
@inline function descend(nodes: usize, index: u32, row: usize): u32 {
  const node = nodes + (index << 3);
  return 2 * index + 1 + <u32>!(load<f32>(row + load<u32>(node, 4)) <= load<f32>(node));
}

/**
 * Sums the path lengths of each row over all trees.
 * @param nodes `trees × (2^depth − 1)` pairs: threshold (f32), 4 · feature (u32)
 * @param leaves `trees × 2^depth` path lengths (i32, in 1/65536)
 * @param x `rows × columns` (f32), row-major; @param sums `rows` (i32, in 1/65536), out: whole numbers, so that every order of adding gives the same sum
 */
export function forestPathLengths(
  nodes: usize, leaves: usize, x: usize, sums: usize, rows: u32, columns: u32, trees: u32, depth: u32,
): void {
  const inner: u32 = (1 << depth) - 1, outer: u32 = 1 << depth;
  const rowBytes: usize = columns << 2;
  // Blocks of 256 rows stay in the cache while the trees, one after the other, pass over them.
  for (let block: u32 = 0; block < rows; block += 256) {
    const end = min(block + 256, rows);
    for (let row = block; row < end; row++) store<i32>(sums + (row << 2), 0);
    for (let tree: u32 = 0; tree < trees; tree++) {
      const tops = nodes + ((tree * inner) << 3);
      const ends = leaves + ((tree * outer) << 2) - (inner << 2);
      let row = block;
      for (; row + 8 <= end; row += 8) {
        const x0 = x + row * rowBytes, x1 = x0 + rowBytes, x2 = x1 + rowBytes, x3 = x2 + rowBytes;
        const x4 = x3 + rowBytes, x5 = x4 + rowBytes, x6 = x5 + rowBytes, x7 = x6 + rowBytes;
        let i0: u32 = 0, i1: u32 = 0, i2: u32 = 0, i3: u32 = 0, i4: u32 = 0, i5: u32 = 0, i6: u32 = 0, i7: u32 = 0;
        for (let level = depth; level; level--) {
          i0 = descend(tops, i0, x0); i1 = descend(tops, i1, x1); i2 = descend(tops, i2, x2); i3 = descend(tops, i3, x3);
          i4 = descend(tops, i4, x4); i5 = descend(tops, i5, x5); i6 = descend(tops, i6, x6); i7 = descend(tops, i7, x7);
        }
        const to = sums + (row << 2);
        store<i32>(to, load<i32>(to) + load<i32>(ends + (i0 << 2)));
        store<i32>(to, load<i32>(to, 4) + load<i32>(ends + (i1 << 2)), 4);
        store<i32>(to, load<i32>(to, 8) + load<i32>(ends + (i2 << 2)), 8);
        store<i32>(to, load<i32>(to, 12) + load<i32>(ends + (i3 << 2)), 12);
        store<i32>(to, load<i32>(to, 16) + load<i32>(ends + (i4 << 2)), 16);
        store<i32>(to, load<i32>(to, 20) + load<i32>(ends + (i5 << 2)), 20);
        store<i32>(to, load<i32>(to, 24) + load<i32>(ends + (i6 << 2)), 24);
        store<i32>(to, load<i32>(to, 28) + load<i32>(ends + (i7 << 2)), 28);
      }
      for (; row < end; row++) {
        const from = x + row * rowBytes;
        let index: u32 = 0;
        for (let level = depth; level; level--) index = descend(tops, index, from);
        const to = sums + (row << 2);
        store<i32>(to, load<i32>(to) + load<i32>(ends + (index << 2)));
      }
    }
  }
}
