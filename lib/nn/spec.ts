import { MlError, show } from '../core/errors';

/** A recurrent layer; all but the last hand on every step, the last one only its final state. */
export interface RecurrentSpec {
  readonly kind: 'lstm' | 'gru';
  readonly units: number;
  /** Of the candidate (and, in an LSTM, of the cell's output); gates are always sigmoids. */
  readonly activation: 'tanh' | 'relu';
}

export interface DenseSpec {
  readonly kind: 'dense';
  readonly units: number;
  readonly activation: 'linear' | 'tanh' | 'relu' | 'sigmoid';
}

/** While training, drops this share of the values that the layer before hands on. */
export interface DropoutSpec {
  readonly kind: 'dropout';
  /** 0 ≤ rate < 1 */
  readonly rate: number;
}

export type LayerSpec = RecurrentSpec | DenseSpec | DropoutSpec;

/** A sequential network: recurrent layers first, then dense ones; the last layer is dense and gives the outputs. */
export interface NetworkSpec {
  /** Length of the window it sees. */
  readonly steps: number;
  /** Numbers a step. */
  readonly inputs: number;
  readonly layers: readonly LayerSpec[];
}

/** How wrong an output is: squared, absolute, Huber (quadratic up to `parameter`) or quantile loss of level `parameter`. */
export type LossSpec =
  { readonly kind: 'squared' | 'absolute' } | { readonly kind: 'huber' | 'quantile'; readonly parameter: number };

const MAX_UNITS = 4096;

function requireInteger(what: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new MlError('PARAMETER', `A network's ${what} must be an integer from 1 to ${max}, got ${show(value)}.`);
  }
}

/** @throws MlError `PARAMETER` where the layers cannot be stacked that way */
export function checkNetwork(spec: NetworkSpec): void {
  requireInteger('steps', spec.steps, 100_000);
  requireInteger('inputs', spec.inputs, MAX_UNITS);
  let sawDense = false;
  spec.layers.forEach((layer, index) => {
    if (layer.kind === 'dropout') {
      if (!(layer.rate >= 0 && layer.rate < 1)) {
        throw new MlError('PARAMETER', `A dropout rate must be from 0 to below 1, got ${show(layer.rate)}.`);
      }
      if (index === 0 || index === spec.layers.length - 1) {
        throw new MlError('PARAMETER', 'Dropout must stand between two layers.');
      }
      return;
    }
    requireInteger('units', layer.units, MAX_UNITS);
    if (layer.kind === 'dense') sawDense = true;
    else if (sawDense) throw new MlError('PARAMETER', 'Recurrent layers must come before dense ones.');
  });
  if (spec.layers.at(-1)?.kind !== 'dense') {
    throw new MlError('PARAMETER', "A network's last layer must be dense: it gives the outputs.");
  }
}
