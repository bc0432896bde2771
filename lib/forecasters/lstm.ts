import type { ParamSpecs, ParamsOf } from '../core/params';
import { defineNetworkForecaster } from './network/define-network';
import { networkParams, proven, unitsParam } from './network/params';
import type { Recipe } from './network/recipe';

const params = {
  preset: {
    type: 'choice',
    default: 'small',
    options: ['small', 'reference'],
    doc: 'small: one layer, trained as the benchmarks found best. reference: the customary two large layers; takes minutes.',
  },
  units: unitsParam('Units of the first layer; 0: 32, in the reference 128, whose second layer has half as many.'),
  ...networkParams,
} satisfies ParamSpecs;
type Params = ParamsOf<typeof params>;

/** Window 50, twelve steps ahead, layers of 128 and 64 with dropout, a constant rate; values between 0 and 1. */
function referenceRecipe({ units, window, epochs, learningRate }: Params): Recipe {
  const first = units || 128;
  return {
    layers: [
      { kind: 'lstm', units: first, activation: 'tanh' },
      { kind: 'dropout', rate: 0.2 },
      { kind: 'lstm', units: Math.ceil(first / 2), activation: 'tanh' },
      { kind: 'dropout', rate: 0.2 },
      { kind: 'dense', units: Math.ceil(first / 4), activation: 'relu' },
    ],
    window: window || 50,
    ahead: 12,
    values: 'plain',
    training: {
      loss: { kind: 'squared' },
      rate: learningRate || 1e-3,
      schedule: 'constant',
      clipNorm: Infinity,
      validationShare: 0.2,
      patience: Infinity,
      epochs: epochs || 50,
      batches: 0,
    },
  };
}

function smallRecipe({ units, window, epochs, learningRate }: Params): Recipe {
  return {
    ...proven,
    layers: [{ kind: 'lstm', units: units || 32, activation: 'tanh' }],
    window,
    training: { ...proven.training, epochs, rate: learningRate || proven.training.rate },
  };
}

/**
 * A recurrent network with a memory that it guards. The small preset forecasts no worse than the reference, in a small
 * part of its time: the schedule of the learning rate matters more than the size. Like a GRU, it wants thousands of samples.
 */
export const lstm = defineNetworkForecaster({
  id: 'lstm',
  title: 'LSTM (recurrent neural network)',
  summary: 'A network with a guarded memory that reads the past step by step: for signals that switch or cycle.',
  reference: 'S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation, 1997.',
  params,
  testParams: { units: 8, window: 24, epochs: 40, learningRate: 0.02 },
  recipe: (chosen) => (chosen.preset === 'reference' ? referenceRecipe(chosen) : smallRecipe(chosen)),
});
