import type { ParamSpecs } from '../core/params';
import { defineNetworkForecaster } from './network/define-network';
import { networkParams, proven, unitsParam } from './network/params';

const params = {
  units: unitsParam('Units of its first layer, the second has half as many; 0: 64.'),
  ...networkParams,
} satisfies ParamSpecs;

const RATE = 3e-3;
const BATCHES = 10_000;

/**
 * A network of two dense layers that reads its window at once. As good as a recurrent one on signals that switch, in a
 * fifth of the time or less. Wants thousands of samples: on a month of hours it hardly beats repeating the last season.
 */
export const mlp = defineNetworkForecaster({
  id: 'mlp',
  title: 'Multilayer perceptron (neural network)',
  summary: 'A small network that looks at the past at once: bent relations to past values, learned in about a second.',
  reference: 'D. Rumelhart, G. Hinton, R. Williams: Learning representations by back-propagating errors. Nature, 1986.',
  params,
  testParams: { units: 16, epochs: 30 },
  recipe: ({ units, window, epochs, learningRate }) => ({
    ...proven,
    layers: [
      { kind: 'dense', units: units || 64, activation: 'relu' },
      { kind: 'dense', units: Math.ceil((units || 64) / 2), activation: 'relu' },
    ],
    window,
    training: { ...proven.training, batches: BATCHES, epochs, rate: learningRate || RATE },
  }),
});
