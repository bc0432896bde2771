import type { ForecasterAlgorithmOf } from '../../core/algorithm';
import type { ParamSpecs, ParamsOf } from '../../core/params';
import { defineForecaster, type ForecasterDefinition } from '../define';
import { trainingSeconds } from './estimate';
import { earlierWeights, fitForecastingNetwork } from './fit';
import { frameFor, rowsFor } from './frame';
import { NetworkForecaster } from './model';
import type { Recipe } from './recipe';
import { unpackNetwork } from './state';

const STATE_VERSION = 1;
/** Enough for a handful of short windows. */
const FEWEST_ROWS = 40;

/** What sets one network apart from another. */
export interface NetworkDefinition<P extends ParamSpecs> extends Pick<
  ForecasterDefinition<P>,
  'id' | 'title' | 'summary' | 'reference' | 'params' | 'testParams'
> {
  readonly recipe: (params: ParamsOf<P>) => Recipe;
}

/** Makes a forecaster's algorithm of a network. All learn from at most 20,000 windows, of long histories spread ones. */
export function defineNetworkForecaster<P extends ParamSpecs>(
  definition: NetworkDefinition<P>,
): ForecasterAlgorithmOf<P> {
  const { recipe, ...described } = definition;
  return defineForecaster({
    ...described,
    stateVersion: STATE_VERSION,
    traits: { online: false, multivariate: true, allowsMissing: false, warmStart: true },
    minRows: (params) => Math.max(FEWEST_ROWS, rowsFor(recipe(params).window)),
    estimateSeconds: (x, params) => trainingSeconds(x, recipe(params)),
    async fit(x, params, run) {
      const made = recipe(params);
      const earlier = earlierWeights(definition.id, STATE_VERSION, run.start, frameFor(x, made), made);
      return new NetworkForecaster(await fitForecastingNetwork(x, made, earlier, run), made);
    },
    restore(state, _version, params) {
      const made = recipe(params);
      return new NetworkForecaster(unpackNetwork(state, made), made);
    },
  });
}
