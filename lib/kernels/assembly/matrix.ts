// Matrix products. Activations lie feature-major and batch-minor ([feature][batch]), so that a vector runs along the
// batch; weights lie in panels of four rows ([row / 4][column][4]), so that four outputs share each load.
import { add4, all4, load4, multiplyAdd4, splat4, store4, sums4 } from './vector';

/**
 * c = weights · b, or c += weights · b.
 * @param weights panels of `rows × inner`, `panelStride` floats from one panel to the next
 * @param b `inner × batch`
 * @param c `rows × batch`
 * @param rows multiple of 4
 * @param batch multiple of 8; also the row stride of b and c
 */
export function multiplyPanels(
  weights: usize, panelStride: u32, b: usize, c: usize, rows: u32, inner: u32, batch: u32, accumulate: u32,
): void {
  const panelBytes: usize = panelStride << 2;
  const rowBytes: usize = batch << 2;
  for (let row: u32 = 0; row < rows; row += 4) {
    for (let column: u32 = 0; column < batch; column += 8) {
      const c0 = c + (column << 2), c1 = c0 + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes;
      let s00 = all4(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      if (accumulate) {
        s00 = load4(c0); s01 = v128.load(c0, 16);
        s10 = load4(c1); s11 = v128.load(c1, 16);
        s20 = load4(c2); s21 = v128.load(c2, 16);
        s30 = load4(c3); s31 = v128.load(c3, 16);
      }
      let weight = weights, from = b + (column << 2), left = inner;
      while (left) {
        const low = load4(from), high = v128.load(from, 16);
        let w = splat4(weight);
        s00 = multiplyAdd4(w, low, s00); s01 = multiplyAdd4(w, high, s01);
        w = v128.load_splat<f32>(weight, 4);
        s10 = multiplyAdd4(w, low, s10); s11 = multiplyAdd4(w, high, s11);
        w = v128.load_splat<f32>(weight, 8);
        s20 = multiplyAdd4(w, low, s20); s21 = multiplyAdd4(w, high, s21);
        w = v128.load_splat<f32>(weight, 12);
        s30 = multiplyAdd4(w, low, s30); s31 = multiplyAdd4(w, high, s31);
        weight += 16; from += rowBytes; left--;
      }
      store4(c0, s00); v128.store(c0, s01, 16);
      store4(c1, s10); v128.store(c1, s11, 16);
      store4(c2, s20); v128.store(c2, s21, 16);
      store4(c3, s30); v128.store(c3, s31, 16);
    }
    weights += panelBytes;
    c += rowBytes << 2;
  }
}

/**
 * gradient += Σ over steps of d · inputᵀ: the gradient of `multiplyPanels` by its weights, over several time steps at once.
 * @param d `rows × batch` a step, `dStride` floats from step to step
 * @param input `inner × batch` a step, `inputStride` floats from step to step
 * @param gradient panels of `rows × inner`, `panelStride` floats from one panel to the next
 * @param rows multiple of 4; @param batch multiple of 4
 */
export function addOuterProducts(
  d: usize, dStride: u32, input: usize, inputStride: u32, gradient: usize, panelStride: u32,
  rows: u32, inner: u32, batch: u32, steps: u32,
): void {
  const rowBytes: usize = batch << 2;
  const dBytes: usize = dStride << 2, inputBytes: usize = inputStride << 2;
  // Blocks of 32 inputs stay in the first-level cache while all rows pass over them.
  for (let block: u32 = 0; block < inner; block += 32) {
    const end = min(block + 32, inner);
    for (let row: u32 = 0; row < rows; row += 4) {
      const panel = gradient + (((row >> 2) * panelStride) << 2);
      let column = block;
      for (; column + 2 <= end; column += 2) {
        let a0 = all4(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (let step: u32 = 0; step < steps; step++) {
          let d0 = d + step * dBytes + row * rowBytes, d1 = d0 + rowBytes, d2 = d1 + rowBytes, d3 = d2 + rowBytes;
          let x0 = input + step * inputBytes + column * rowBytes, x1 = x0 + rowBytes;
          const stop = d1;
          while (d0 < stop) {
            const left = load4(x0), right = load4(x1);
            let v = load4(d0);
            a0 = multiplyAdd4(v, left, a0); b0 = multiplyAdd4(v, right, b0);
            v = load4(d1);
            a1 = multiplyAdd4(v, left, a1); b1 = multiplyAdd4(v, right, b1);
            v = load4(d2);
            a2 = multiplyAdd4(v, left, a2); b2 = multiplyAdd4(v, right, b2);
            v = load4(d3);
            a3 = multiplyAdd4(v, left, a3); b3 = multiplyAdd4(v, right, b3);
            d0 += 16; d1 += 16; d2 += 16; d3 += 16; x0 += 16; x1 += 16;
          }
        }
        const to = panel + (column << 4);
        store4(to, add4(load4(to), sums4(a0, a1, a2, a3)));
        v128.store(to, add4(v128.load(to, 16), sums4(b0, b1, b2, b3)), 16);
      }
      for (; column < end; column++) {
        let a0 = all4(0), a1 = a0, a2 = a0, a3 = a0;
        for (let step: u32 = 0; step < steps; step++) {
          const from = d + step * dBytes + row * rowBytes, x = input + step * inputBytes + column * rowBytes;
          for (let at: usize = 0; at < rowBytes; at += 16) {
            const v = load4(x + at);
            a0 = multiplyAdd4(load4(from + at), v, a0);
            a1 = multiplyAdd4(load4(from + rowBytes + at), v, a1);
            a2 = multiplyAdd4(load4(from + 2 * rowBytes + at), v, a2);
            a3 = multiplyAdd4(load4(from + 3 * rowBytes + at), v, a3);
          }
        }
        const to = panel + (column << 4);
        store4(to, add4(load4(to), sums4(a0, a1, a2, a3)));
      }
    }
  }
}

/**
 * Writes the transpose of the first `columns` columns of a panelled matrix as panels of `columns × rows`,
 * for carrying gradients back through `multiplyPanels`.
 * @param rows multiple of 4; @param columns multiple of 4
 */
export function transposePanels(
  from: usize, fromStride: u32, to: usize, toStride: u32, rows: u32, columns: u32,
): void {
  for (let row: u32 = 0; row < rows; row += 4) {
    const panel = from + (((row >> 2) * fromStride) << 2);
    for (let column: u32 = 0; column < columns; column += 4) {
      const at = panel + (column << 4);
      const a = load4(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
      const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      const out = to + (((column >> 2) * toStride) << 2) + (row << 4);
      store4(out, v128.shuffle<i32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(out, v128.shuffle<i32>(ab0, cd0, 2, 3, 6, 7), 16);
      v128.store(out, v128.shuffle<i32>(ab1, cd1, 0, 1, 4, 5), 32);
      v128.store(out, v128.shuffle<i32>(ab1, cd1, 2, 3, 6, 7), 48);
    }
  }
}

/**
 * y = weights · x for one row of inputs (batch 1).
 * @param weights panels of `rows × inner`; @param rows multiple of 4
 */
export function multiplyVector(weights: usize, panelStride: u32, x: usize, y: usize, rows: u32, inner: u32): void {
  const panelBytes: usize = panelStride << 2;
  let row: u32 = 0;
  for (; row + 16 <= rows; row += 16) {
    let p0 = weights + (row >> 2) * panelBytes, p1 = p0 + panelBytes, p2 = p1 + panelBytes, p3 = p2 + panelBytes;
    let s0 = all4(0), s1 = s0, s2 = s0, s3 = s0, from = x, left = inner;
    while (left) {
      const v = splat4(from);
      s0 = multiplyAdd4(load4(p0), v, s0);
      s1 = multiplyAdd4(load4(p1), v, s1);
      s2 = multiplyAdd4(load4(p2), v, s2);
      s3 = multiplyAdd4(load4(p3), v, s3);
      p0 += 16; p1 += 16; p2 += 16; p3 += 16; from += 4; left--;
    }
    const to = y + (row << 2);
    store4(to, s0); v128.store(to, s1, 16); v128.store(to, s2, 32); v128.store(to, s3, 48);
  }
  for (; row < rows; row += 4) {
    const panel = weights + (row >> 2) * panelBytes;
    let sum = all4(0);
    for (let column: u32 = 0; column < inner; column++) {
      sum = multiplyAdd4(load4(panel + (column << 4)), splat4(x + (column << 2)), sum);
    }
    store4(y + (row << 2), sum);
  }
}
