import { durationText } from '../readings/plain-words';
import { count } from './words';

/** Most steps ahead, whatever is asked for. */
const MAX_STEPS = 2_000;
/** Forecasts are tried on the end of a history after being fitted on three horizons: it must be so many times as long. */
const HORIZONS_OF_HISTORY = 5;

/** How many steps ahead a forecaster is made for, and where that is less than was asked for, why. */
export interface Reach {
  readonly horizon: number;
  readonly notes: readonly string[];
}

/** @param horizonMs - what was asked for; @param samples - of the history, one a step */
export function reachOf(horizonMs: number, stepMs: number, samples: number): Reach {
  const asked = Math.max(1, Math.round(horizonMs / stepMs));
  const possible = Math.max(1, Math.floor(samples / HORIZONS_OF_HISTORY));
  const horizon = Math.min(asked, MAX_STEPS, possible);
  if (horizon === asked) return { horizon, notes: [] };
  const reach = `It looks ${durationText(horizon * stepMs)} ahead instead of ${durationText(asked * stepMs)}`;
  if (horizon < possible) {
    return {
      horizon,
      notes: [`${reach}: ${count(horizon)} steps are the most there may be. Longer steps reach further.`],
    };
  }
  const most = Math.min(asked, MAX_STEPS);
  const learned = `a fifth of the ${durationText(samples * stepMs)} there is to learn from`;
  const enough = durationText(most * HORIZONS_OF_HISTORY * stepMs);
  return { horizon, notes: [`${reach}: ${learned}. With ${enough} it reaches ${durationText(most * stepMs)}.`] };
}
