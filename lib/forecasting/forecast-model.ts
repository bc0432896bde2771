import type { History } from '../core/history';
import type { IntervalState } from './intervals';
import type { Member } from './members';

/** All that a forecast needs: what the state of a forecaster's artifact holds. */
export interface ForecastModel {
  /** At least one. */
  readonly members: readonly Member[];
  readonly intervals: IntervalState;
  /** The newest samples, as many as the members look back at, so that it can forecast at once. */
  readonly history: History;
  /** Seasonal periods in samples, the shortest first. */
  readonly periods: readonly number[];
  /** Steps ahead that it was made for. */
  readonly horizon: number;
  /** MASE's denominator, in the target's unit, > 0. */
  readonly naiveError: number;
}
