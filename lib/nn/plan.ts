import { Activation } from '../kernels/kernels';
import { checkNetwork, type NetworkSpec } from './spec';

/** Time steps whose weight gradients are summed by one kernel call. */
export const STEP_BLOCK = 5;

/** Rows of a batch that one shard works on at once: two vector pairs wide. */
export const SHARD_ROWS = 16;

interface LayerShape {
  /** Units as asked for, and padded to a multiple of 4. */
  readonly units: number;
  readonly padded: number;
  /** Numbers that come in (a step), as asked for and as laid out. */
  readonly inputs: number;
  readonly paddedInputs: number;
  /** Rows and columns of the weight panels; the last column is the bias. */
  readonly rows: number;
  readonly inner: number;
  /** Where its weights begin in the parameter vector, in floats. */
  readonly offset: number;
  /** Share of its outputs dropped in training. */
  readonly dropout: number;
}

/** Weights lie as columns [hidden state | inputs | bias] over four blocks of rows, one a gate. */
export interface RecurrentShape extends LayerShape {
  readonly kind: 'lstm' | 'gru';
  /** 1 where relu takes the place of tanh. */
  readonly relu: number;
  /** Columns through which gradients go back: the hidden state, and the inputs if a layer made them. */
  readonly back: number;
}

/** Weights lie as columns [inputs | bias]. */
export interface DenseShape extends LayerShape {
  readonly kind: 'dense';
  /** An `Activation`, or null for none. */
  readonly activation: number | null;
  readonly back: number;
}

/** A network's layers as they lie in memory. */
export interface Plan {
  readonly spec: NetworkSpec;
  readonly recurrent: readonly RecurrentShape[];
  readonly dense: readonly DenseShape[];
  readonly outputs: number;
  /** Floats in the parameter vector, padded to a multiple of 16. */
  readonly parameters: number;
}

export const pad = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** @throws MlError `PARAMETER` for layers that cannot be stacked */
export function planNetwork(spec: NetworkSpec): Plan {
  checkNetwork(spec);
  const recurrent: RecurrentShape[] = [];
  const dense: DenseShape[] = [];
  let offset = 0;
  const flat = !spec.layers.some((layer) => layer.kind === 'lstm' || layer.kind === 'gru');
  let inputs = flat ? spec.inputs * spec.steps : spec.inputs;
  let paddedInputs = inputs;
  spec.layers.forEach((layer, index) => {
    if (layer.kind === 'dropout') return;
    const next = spec.layers[index + 1];
    const { units } = layer;
    const padded = pad(units, 4);
    const common = { units, padded, inputs, paddedInputs, offset, dropout: next?.kind === 'dropout' ? next.rate : 0 };
    const first = recurrent.length + dense.length === 0;
    if (layer.kind === 'dense') {
      const inner = paddedInputs + 1;
      const activation = layer.activation === 'linear' ? null : Activation[layer.activation];
      dense.push({ ...common, kind: 'dense', rows: padded, inner, activation, back: first ? 0 : paddedInputs });
      offset += padded * inner;
    } else {
      const inner = padded + paddedInputs + 1;
      const relu = layer.activation === 'relu' ? 1 : 0;
      const back = first ? padded : padded + paddedInputs;
      recurrent.push({ ...common, kind: layer.kind, rows: 4 * padded, inner, relu, back });
      offset += 4 * padded * inner;
    }
    inputs = units;
    paddedInputs = padded;
  });
  return { spec, recurrent, dense, outputs: inputs, parameters: pad(offset, 16) };
}

/** Bytes that one shard's activations and gradients take, the gaps between allocations included. */
export function shardBytes(plan: Plan): number {
  const { steps } = plan.spec;
  let floats = plan.parameters;
  for (const { padded, inner, back } of plan.recurrent) {
    floats += SHARD_ROWS * ((steps + 1) * inner + 4 * padded * (steps + STEP_BLOCK) + padded * (3 * steps + 3) + back);
  }
  for (const { inner, back, padded } of plan.dense) floats += SHARD_ROWS * (inner + back + 3 * padded);
  const allocations = 8 * (plan.recurrent.length + plan.dense.length) + 8;
  return 4 * (floats + 3 * SHARD_ROWS * pad(plan.outputs, 4)) + 128 * allocations;
}

/**
 * Bytes that training takes, so that a job can be refused before it begins.
 * @param batch - samples a batch
 * @param dataFloats - floats of inputs, targets and orders that are copied in
 */
export function trainingBytes(plan: Plan, batch: number, dataFloats: number): number {
  const shards = Math.ceil(batch / SHARD_ROWS);
  const transposed = [...plan.recurrent, ...plan.dense].reduce((sum, { back, rows }) => sum + back * rows, 0);
  const shared = 4 * (3 * plan.parameters + transposed + dataFloats);
  const allocations = plan.recurrent.length + plan.dense.length + 12;
  return shared + shards * (shardBytes(plan) + 8) + 128 * allocations;
}
