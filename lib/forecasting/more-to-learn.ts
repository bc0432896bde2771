import { MlError } from '../core/errors';
import type { TrainingHistory } from '../core/history';
import { meanAbsoluteError, samplesAfter, type Split } from './backtest';
import type { Candidate } from './candidates';
import { forecastByNeighbours } from './neighbours';
import type { Success, Trial } from './trial';

/** A few of the backtest's origins tell. */
const ORIGINS = 60;
/** The past's nearest stretches must be better than the best linear model by a tenth. */
const BETTER = 0.9;

/**
 * Whether the linear models that were tried leave something that a network could learn: a first look that costs a
 * fraction of a second, where a network costs many. What followed the most similar stretches of the past tells: on
 * switching signals it is better by a quarter and more, on smooth ones and on noise it is worse.
 */
export function hasMoreToLearn(history: TrainingHistory, split: Split, trials: readonly Success[]): boolean {
  const { horizon, target } = history;
  const stride = Math.ceil(split.origins.length / ORIGINS);
  const origins = split.origins.filter((_, i) => i % stride === 0);
  const forecasts = forecastByNeighbours(target, split.trainingEnd, origins, horizon);
  if (forecasts === null) return false;
  const actuals = samplesAfter(history, origins, horizon);
  const errors = trials.map(({ result }) => {
    const same = result.forecasts.filter((_, i) => Math.floor(i / horizon) % stride === 0);
    return meanAbsoluteError(same, actuals);
  });
  return meanAbsoluteError(forecasts, actuals) < BETTER * Math.min(...errors);
}

/** A network that was not tried for that reason. */
export function passedOver(candidate: Candidate): Trial {
  const reason = 'Not tried: the past shows nothing that the linear models do not know.';
  return { candidate, result: null, seconds: null, failure: new MlError('DATA', reason) };
}
