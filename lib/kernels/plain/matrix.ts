import type { Kernels } from '../kernels';

type MatrixKernels = Pick<Kernels, 'multiplyPanels' | 'addOuterProducts' | 'transposePanels' | 'multiplyVector'>;

/** The matrix kernels in plain TypeScript, on the floats of one memory. */
export function matrixKernels(f: Float32Array): MatrixKernels {
  return {
    multiplyPanels(weights, panelStride, b, c, rows, inner, batch, accumulate) {
      for (let row = 0; row < rows; row += 4) {
        const panel = weights / 4 + (row / 4) * panelStride;
        const to = c / 4 + row * batch;
        for (let column = 0; column < batch; column++) {
          let s0 = 0;
          let s1 = 0;
          let s2 = 0;
          let s3 = 0;
          let from = b / 4 + column;
          for (let w = panel, end = panel + 4 * inner; w < end; w += 4, from += batch) {
            const x = f[from]!;
            s0 += f[w]! * x;
            s1 += f[w + 1]! * x;
            s2 += f[w + 2]! * x;
            s3 += f[w + 3]! * x;
          }
          const at = to + column;
          f[at] = accumulate === 0 ? s0 : f[at]! + s0;
          f[at + batch] = accumulate === 0 ? s1 : f[at + batch]! + s1;
          f[at + 2 * batch] = accumulate === 0 ? s2 : f[at + 2 * batch]! + s2;
          f[at + 3 * batch] = accumulate === 0 ? s3 : f[at + 3 * batch]! + s3;
        }
      }
    },

    addOuterProducts(d, dStride, input, inputStride, gradient, panelStride, rows, inner, batch, steps) {
      for (let row = 0; row < rows; row += 4) {
        const panel = gradient / 4 + (row / 4) * panelStride;
        for (let column = 0; column < inner; column++) {
          let s0 = 0;
          let s1 = 0;
          let s2 = 0;
          let s3 = 0;
          for (let step = 0; step < steps; step++) {
            const from = d / 4 + step * dStride + row * batch;
            const x = input / 4 + step * inputStride + column * batch;
            for (let at = 0; at < batch; at++) {
              const value = f[x + at]!;
              s0 += f[from + at]! * value;
              s1 += f[from + batch + at]! * value;
              s2 += f[from + 2 * batch + at]! * value;
              s3 += f[from + 3 * batch + at]! * value;
            }
          }
          const to = panel + 4 * column;
          f[to]! += s0;
          f[to + 1]! += s1;
          f[to + 2]! += s2;
          f[to + 3]! += s3;
        }
      }
    },

    transposePanels(from, fromStride, to, toStride, rows, columns) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          f[to / 4 + (column >> 2) * toStride + row * 4 + (column & 3)] =
            f[from / 4 + (row >> 2) * fromStride + column * 4 + (row & 3)]!;
        }
      }
    },

    multiplyVector(weights, panelStride, x, y, rows, inner) {
      for (let row = 0; row < rows; row += 4) {
        const panel = weights / 4 + (row / 4) * panelStride;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let column = 0; column < inner; column++) {
          const value = f[x / 4 + column]!;
          const w = panel + 4 * column;
          s0 += f[w]! * value;
          s1 += f[w + 1]! * value;
          s2 += f[w + 2]! * value;
          s3 += f[w + 3]! * value;
        }
        const to = y / 4 + row;
        f[to] = s0;
        f[to + 1] = s1;
        f[to + 2] = s2;
        f[to + 3] = s3;
      }
    },
  };
}
