import type { Forecaster, ForecasterAlgorithm } from '../core/algorithm';
import { sliceHistory, type History } from '../core/history';
import type { ParamValues } from '../core/params';
import { transformed, untransformed, type Transform } from './transforms';

/** One fitted algorithm on one scale. */
export interface Member {
  readonly algorithm: ForecasterAlgorithm;
  readonly params: ParamValues;
  readonly transform: Transform;
  readonly model: Forecaster;
  /** Range of the samples it was fitted on, on its scale. */
  readonly low: number;
  readonly high: number;
  /** Mean absolute error in the backtest, in the target's unit. */
  readonly error: number;
}

/** Forecasts may leave the range of what is known by this share of it. */
const GUARD = 0.5;

/**
 * What each member expects after each origin: one `origins × horizon` array a member, row-major, in the target's unit.
 * A forecast leaves the range of the training samples and the newest sample by at most half a range, so that a model
 * that has lost its way does no harm.
 * @param origins - rising, each from 1 to the history's length
 */
export function forecastMembers(
  members: readonly Omit<Member, 'error'>[],
  history: History,
  origins: readonly number[],
  horizon: number,
): Float64Array[] {
  return members.map((member) => forecastMember(member, history, origins, horizon));
}

function forecastMember(
  { model, transform, low, high }: Omit<Member, 'error'>,
  history: History,
  origins: readonly number[],
  horizon: number,
): Float64Array {
  const first = origins[0];
  if (first === undefined) return new Float64Array(0);
  // Of the history only what is looked at is transformed.
  const start = Math.max(0, first - model.lookback);
  const seen = sliceHistory(history, start, origins.at(-1)!);
  const reach = GUARD * (high - low);
  const target = transformed(transform, seen.target, low - reach);
  const shifted = origins.map((origin) => origin - start);
  const forecasts = model.forecast({ ...seen, target }, shifted, horizon);
  shifted.forEach((origin, row) => {
    const newest = target[origin - 1]!;
    const lowest = Math.min(low, newest) - reach;
    const highest = Math.max(high, newest) + reach;
    for (let i = row * horizon; i < (row + 1) * horizon; i++) {
      forecasts[i] = untransformed(transform, Math.min(highest, Math.max(lowest, forecasts[i]!)));
    }
  });
  return forecasts;
}
