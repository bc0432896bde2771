import type { Kernels } from '../kernels';

/** Forest traversal in plain TypeScript, on the floats of one memory. */
export function forestKernels(f: Float32Array): Pick<Kernels, 'forestPathLengths'> {
  const ints = new Int32Array(f.buffer);
  return {
    forestPathLengths(nodes, leaves, x, sums, rows, columns, trees, depth) {
      const inner = 2 ** depth - 1;
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let tree = 0; tree < trees; tree++) {
          let index = 0;
          for (let level = 0; level < depth; level++) {
            const node = nodes / 4 + 2 * (tree * inner + index);
            const value = f[x / 4 + row * columns + ints[node + 1]! / 4]!;
            index = 2 * index + (value <= f[node]! ? 1 : 2);
          }
          sum += ints[leaves / 4 + tree * (inner + 1) + index - inner]!;
        }
        ints[sums / 4 + row] = sum;
      }
    },
  };
}
