import type { ParamSpecs, ParamSpec } from '../../core/params';
import type { Recipe } from './recipe';

/** Parameters that every network has; 0 leaves the choice to the algorithm. */
export const networkParams = {
  window: {
    type: 'int',
    default: 0,
    min: 0,
    max: 2000,
    unit: 'steps',
    doc: 'How many past values it looks at; 0: chosen from the season.',
  },
  epochs: {
    type: 'int',
    default: 0,
    min: 0,
    max: 2000,
    doc: 'Most passes over the training data; 0: chosen from its length.',
  },
  learningRate: {
    type: 'number',
    default: 0,
    min: 0,
    max: 1,
    doc: 'Size of the first steps of learning; 0: as proven in the benchmarks.',
  },
} satisfies ParamSpecs;

/** How many units a network has. */
export const unitsParam = (doc: string): ParamSpec & { readonly type: 'int' } => ({
  type: 'int',
  default: 0,
  min: 0,
  max: 512,
  doc,
});

/**
 * The recipe that got the best forecasts for its time in the benchmarks: steps large at first and falling along a
 * cosine, gradients clipped, the absolute error as loss, the weights of the best pass by the newest tenth of the samples.
 */
export const proven: Pick<Recipe, 'ahead' | 'values'> & { readonly training: Recipe['training'] } = {
  ahead: 0,
  values: 'relative',
  training: {
    loss: { kind: 'absolute' },
    rate: 6e-3,
    schedule: 'cosine',
    clipNorm: 1,
    validationShare: 0.1,
    patience: 10,
    epochs: 0,
    batches: 2500,
  },
};
