import { Activation, LossKind, type Kernels } from '../kernels';
import { relu, sigmoid, tanh } from './activations';

type ElementwiseKernels = Pick<
  Kernels,
  | 'multiply'
  | 'addProduct'
  | 'add'
  | 'copy'
  | 'fill'
  | 'scale'
  | 'sumOfSquares'
  | 'activate'
  | 'activateBackward'
  | 'dropoutMask'
  | 'loss'
  | 'adam'
>;

/** The loss of one error and its slope. */
function lossOf(error: number, kind: number, parameter: number): readonly [value: number, slope: number] {
  const size = Math.abs(error);
  switch (kind) {
    case LossKind.squared:
      return [error * error, 2 * error];
    case LossKind.absolute:
      return [size, Math.sign(error)];
    case LossKind.huber:
      return size <= parameter
        ? [0.5 * error * error, error]
        : [parameter * (size - 0.5 * parameter), Math.sign(error) * parameter];
    default: {
      const slope = error > 0 ? 1 - parameter : error < 0 ? -parameter : 0;
      return [slope * error, slope];
    }
  }
}

/** The element-by-element kernels in plain TypeScript, on the floats of one memory. */
export function elementwiseKernels(f: Float32Array): ElementwiseKernels {
  const words = new Uint32Array(f.buffer);
  return {
    multiply(a, b, to, count) {
      for (let i = 0; i < count; i++) f[to / 4 + i] = f[a / 4 + i]! * f[b / 4 + i]!;
    },
    addProduct(a, b, to, count) {
      for (let i = 0; i < count; i++) f[to / 4 + i]! += f[a / 4 + i]! * f[b / 4 + i]!;
    },
    add(a, to, count) {
      for (let i = 0; i < count; i++) f[to / 4 + i]! += f[a / 4 + i]!;
    },
    copy(a, to, count) {
      f.copyWithin(to / 4, a / 4, a / 4 + count);
    },
    fill(to, value, count) {
      f.fill(value, to / 4, to / 4 + count);
    },
    scale(to, factor, count) {
      for (let i = 0; i < count; i++) f[to / 4 + i]! *= factor;
    },
    sumOfSquares(a, count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += f[a / 4 + i]! ** 2;
      return sum;
    },
    activate(to, kind, count) {
      const activation = kind === Activation.tanh ? tanh : kind === Activation.relu ? relu : sigmoid;
      for (let i = 0; i < count; i++) f[to / 4 + i] = activation(f[to / 4 + i]!);
    },
    activateBackward(y, d, kind, count) {
      for (let i = 0; i < count; i++) {
        const value = f[y / 4 + i]!;
        const slope =
          kind === Activation.tanh ? 1 - value * value : kind === Activation.relu ? +(value > 0) : value * (1 - value);
        f[d / 4 + i]! *= slope;
      }
    },
    dropoutMask(mask, keep, state, count) {
      const kept = 1 / Math.fround(keep);
      const limit = Math.min(Math.trunc(Math.fround(keep) * 2 ** 31), 2 ** 31 - 1);
      for (let lane = 0; lane < 4; lane++) {
        let s = words[state / 4 + lane]!;
        for (let i = lane; i < count; i += 4) {
          s ^= s << 13;
          s ^= s >>> 17;
          s ^= s << 5;
          f[mask / 4 + i] = (s & 0x7fffffff) < limit ? kept : 0;
        }
        words[state / 4 + lane] = s;
      }
    },
    loss(output, target, weight, kind, parameter, count) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const w = f[weight / 4 + i]!;
        const [value, slope] = lossOf(f[output / 4 + i]! - f[target / 4 + i]!, kind, parameter);
        if (w !== 0) sum += value;
        f[output / 4 + i] = slope * w;
      }
      return sum;
    },
    adam(parameters, gradient, first, second, count, rate, beta1, beta2, epsilon, bias1, bias2) {
      for (let i = 0; i < count; i++) {
        const g = f[gradient / 4 + i]!;
        const m = beta1 * f[first / 4 + i]! + (1 - beta1) * g;
        const v = beta2 * f[second / 4 + i]! + (1 - beta2) * g * g;
        f[first / 4 + i] = m;
        f[second / 4 + i] = v;
        f[parameters / 4 + i]! -= ((rate / bias1) * m) / (Math.sqrt(v / bias2) + epsilon);
      }
    },
  };
}
