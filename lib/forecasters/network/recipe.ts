import type { FitSettings } from '../../nn/fit';
import type { LayerSpec } from '../../nn/spec';

/** How a forecasting network is built, what it reads, and how it is trained. */
export interface Recipe {
  /** Layers below the outputs; it reads its window step by step where the first is recurrent, else all at once. */
  readonly layers: readonly LayerSpec[];
  /** Past values it reads; 0: chosen from the season. */
  readonly window: number;
  /** Steps ahead that it gives at once; 0: those that the training asks for. */
  readonly ahead: number;
  /**
   * plain: values between the least and the greatest of the training, nothing else.
   * relative: values as changes from the newest one, which is an input of its own, and the time within each season.
   */
  readonly values: 'plain' | 'relative';
  readonly training: Pick<FitSettings, 'loss' | 'rate' | 'schedule' | 'clipNorm' | 'validationShare' | 'patience'> & {
    /** Passes over the samples; 0: chosen so that about `batches` are learned. */
    readonly epochs: number;
    readonly batches: number;
  };
}

/** Samples a batch. */
export const BATCH = 32;

/** Fewest and most passes where their number is chosen. */
const FEWEST_EPOCHS = 5;
const MOST_EPOCHS = 100;

/** Passes over so many samples. */
export function epochsFor({ training }: Recipe, samples: number): number {
  if (training.epochs > 0) return training.epochs;
  const chosen = Math.round(training.batches / Math.ceil(samples / BATCH));
  return Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, chosen));
}
