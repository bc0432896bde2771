import { Random } from '#lib/core/random';
import type { NetworkSpec } from '#lib/nn/spec';

export const AHEAD = 12;
export const BATCH = 32;
export const POINTS = 10_080;

/** The reference forecaster: a week of minutes, a window of 50, twelve steps ahead. */
export const referenceForecaster: NetworkSpec = {
  steps: 50,
  inputs: 1,
  layers: [
    { kind: 'lstm', units: 128, activation: 'tanh' },
    { kind: 'dropout', rate: 0.2 },
    { kind: 'lstm', units: 64, activation: 'tanh' },
    { kind: 'dropout', rate: 0.2 },
    { kind: 'dense', units: 32, activation: 'relu' },
    { kind: 'dense', units: AHEAD, activation: 'linear' },
  ],
};

/** Samples of the reference forecaster in a series. */
export const SAMPLES = POINTS - referenceForecaster.steps - AHEAD + 1;

/** A noisy day of minutes, a week long, between 0 and 1. */
export function makeSeries(): Float32Array {
  const random = new Random(7);
  return Float32Array.from({ length: POINTS }, (_, minute) => {
    const day = (2 * Math.PI * minute) / 1440;
    return 0.5 + 0.3 * Math.sin(day) + 0.1 * Math.sin(day / 7) + 0.03 * random.normal();
  });
}
