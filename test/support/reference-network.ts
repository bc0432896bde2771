import type { NetworkSpec, RecurrentSpec, DenseSpec, LossSpec } from '#lib/nn/spec';

/** Weights in double precision, by the names that `Weights` uses, row-major. */
export type DoubleWeights = Record<string, Float64Array>;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const activations = { linear: (x: number) => x, tanh: Math.tanh, relu: (x: number) => Math.max(0, x), sigmoid };

function product(matrix: Float64Array, rows: number, x: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, r) =>
    x.reduce((sum, value, c) => sum + matrix[r * x.length + c]! * value, 0),
  );
}

/** One recurrent layer over a sequence: the hidden state after every step. Equations as in PyTorch's documentation. */
function recurrent(
  spec: RecurrentSpec,
  weights: DoubleWeights,
  name: string,
  sequence: readonly number[][],
): number[][] {
  const { units } = spec;
  const activate = activations[spec.activation];
  const [hiddenWeights, inputWeights, bias] = ['hidden', 'input', 'bias'].map((part) => weights[`${name}.${part}`]!);
  const gates = spec.kind === 'lstm' ? 4 : 3;
  let h = new Array<number>(units).fill(0);
  let c = new Array<number>(units).fill(0);
  return sequence.map((x) => {
    const fromInput = product(inputWeights!, gates * units, x).map((value, i) => value + bias![i]!);
    const fromHidden = product(hiddenWeights!, gates * units, h);
    const gate = (index: number, unit: number): number =>
      fromInput[index * units + unit]! + fromHidden[index * units + unit]!;
    const next = h.map((previous, unit) => {
      if (spec.kind === 'lstm') {
        c[unit] = sigmoid(gate(1, unit)) * c[unit]! + sigmoid(gate(0, unit)) * activate(gate(2, unit));
        return sigmoid(gate(3, unit)) * activate(c[unit]);
      }
      const reset = sigmoid(gate(0, unit));
      const update = sigmoid(gate(1, unit));
      const hiddenPart = fromHidden[2 * units + unit]! + weights[`${name}.hiddenBias`]![unit]!;
      const candidate = activate(fromInput[2 * units + unit]! + reset * hiddenPart);
      return (1 - update) * candidate + update * previous;
    });
    h = next;
    c = [...c];
    return next;
  });
}

/** What a network without dropout gives for one window, in double precision and in the plainest way: the tests' oracle. */
export function referenceOutputs(spec: NetworkSpec, weights: DoubleWeights, window: ArrayLike<number>): number[] {
  let sequence: number[][] = Array.from({ length: spec.steps }, (_, step) =>
    Array.from({ length: spec.inputs }, (_, input) => window[step * spec.inputs + input]!),
  );
  let values: number[] | null = null;
  spec.layers.forEach((layer: RecurrentSpec | DenseSpec | { kind: 'dropout' }, index) => {
    const name = `layer${index}`;
    if (layer.kind === 'dropout') throw new Error('The reference knows no dropout.');
    if (layer.kind !== 'dense') {
      sequence = recurrent(layer, weights, name, sequence);
      values = sequence.at(-1)!;
      return;
    }
    const activate = activations[layer.activation];
    const bias = weights[`${name}.bias`]!;
    values = product(weights[`${name}.input`]!, layer.units, values ?? sequence.flat()).map((sum, i) =>
      activate(sum + bias[i]!),
    );
  });
  return values!;
}

/** The loss of one output, as its definition says. */
export function referenceLoss(spec: LossSpec, output: number, target: number): number {
  const error = output - target;
  switch (spec.kind) {
    case 'squared':
      return error ** 2;
    case 'absolute':
      return Math.abs(error);
    case 'huber':
      return Math.abs(error) <= spec.parameter
        ? error ** 2 / 2
        : spec.parameter * (Math.abs(error) - spec.parameter / 2);
    case 'quantile':
      return Math.max(spec.parameter * -error, (spec.parameter - 1) * -error);
  }
}
