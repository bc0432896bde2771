import type { ParamSpecs } from '../core/params';
import { defineNetworkForecaster } from './network/define-network';
import { networkParams, proven, unitsParam } from './network/params';

const params = {
  units: unitsParam('How much it can keep in mind; 0: 32.'),
  ...networkParams,
} satisfies ParamSpecs;

/**
 * A small recurrent network that reads its window step by step. For signals that switch: on-off control, cycles whose
 * next turn depends on what came before. Takes seconds where linear models take milliseconds, and thousands of samples:
 * on a month of hours it hardly beats repeating the last season.
 */
export const gru = defineNetworkForecaster({
  id: 'gru',
  title: 'GRU (recurrent neural network)',
  summary: 'A small network that reads the past step by step: for signals that switch or cycle by rules of their own.',
  reference: 'K. Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder. EMNLP 2014.',
  params,
  testParams: { units: 8, window: 24, epochs: 40, learningRate: 0.02 },
  recipe: ({ units, window, epochs, learningRate }) => ({
    ...proven,
    layers: [{ kind: 'gru', units: units || 32, activation: 'tanh' }],
    window,
    training: { ...proven.training, epochs, rate: learningRate || proven.training.rate },
  }),
});
