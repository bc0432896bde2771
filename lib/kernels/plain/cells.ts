import type { Kernels } from '../kernels';
import { relu as rectify, sigmoid, tanh } from './activations';

type CellKernels = Pick<Kernels, 'lstmForward' | 'lstmBackward' | 'gruForward' | 'gruBackward'>;

const activate = (value: number, relu: number): number => (relu === 0 ? tanh(value) : rectify(value));
const slope = (activated: number, relu: number): number =>
  relu === 0 ? 1 - activated * activated : activated > 0 ? 1 : 0;

/** The recurrent cells in plain TypeScript, on the floats of one memory. */
export function cellKernels(f: Float32Array): CellKernels {
  return {
    lstmForward(gates, previousCell, cell, activatedCell, hidden, count, relu) {
      const g = gates / 4;
      for (let i = 0; i < count; i++) {
        const input = sigmoid(f[g + i]!);
        const forget = sigmoid(f[g + count + i]!);
        const candidate = activate(f[g + 2 * count + i]!, relu);
        const output = sigmoid(f[g + 3 * count + i]!);
        const c = forget * f[previousCell / 4 + i]! + input * candidate;
        const activated = activate(c, relu);
        f[g + i] = input;
        f[g + count + i] = forget;
        f[g + 2 * count + i] = candidate;
        f[g + 3 * count + i] = output;
        f[cell / 4 + i] = c;
        f[activatedCell / 4 + i] = activated;
        f[hidden / 4 + i] = output * activated;
      }
    },

    lstmBackward(gates, previousCell, activatedCell, dHidden, dCell, dGates, count, relu) {
      const g = gates / 4;
      const to = dGates / 4;
      for (let i = 0; i < count; i++) {
        const input = f[g + i]!;
        const forget = f[g + count + i]!;
        const candidate = f[g + 2 * count + i]!;
        const output = f[g + 3 * count + i]!;
        const activated = f[activatedCell / 4 + i]!;
        const dh = f[dHidden / 4 + i]!;
        const dc = f[dCell / 4 + i]! + dh * output * slope(activated, relu);
        f[to + i] = dc * candidate * input * (1 - input);
        f[to + count + i] = dc * f[previousCell / 4 + i]! * forget * (1 - forget);
        f[to + 2 * count + i] = dc * input * slope(candidate, relu);
        f[to + 3 * count + i] = dh * activated * output * (1 - output);
        f[dCell / 4 + i] = dc * forget;
      }
    },

    gruForward(gates, previousHidden, hidden, count, relu) {
      const g = gates / 4;
      for (let i = 0; i < count; i++) {
        const reset = sigmoid(f[g + i]!);
        const update = sigmoid(f[g + count + i]!);
        const candidate = activate(f[g + 2 * count + i]! + reset * f[g + 3 * count + i]!, relu);
        f[g + i] = reset;
        f[g + count + i] = update;
        f[g + 2 * count + i] = candidate;
        f[hidden / 4 + i] = candidate + update * (f[previousHidden / 4 + i]! - candidate);
      }
    },

    gruBackward(gates, previousHidden, dHidden, dGates, count, relu) {
      const g = gates / 4;
      const to = dGates / 4;
      for (let i = 0; i < count; i++) {
        const reset = f[g + i]!;
        const update = f[g + count + i]!;
        const candidate = f[g + 2 * count + i]!;
        const dh = f[dHidden / 4 + i]!;
        const dCandidate = dh * (1 - update) * slope(candidate, relu);
        f[to + i] = dCandidate * f[g + 3 * count + i]! * reset * (1 - reset);
        f[to + count + i] = dh * (f[previousHidden / 4 + i]! - candidate) * update * (1 - update);
        f[to + 2 * count + i] = dCandidate;
        f[to + 3 * count + i] = dCandidate * reset;
        f[dHidden / 4 + i] = dh * update;
      }
    },
  };
}
