import type { ModelReference } from '../core/events';

/** One step ahead: the value expected then, and the interval that holds the true one with the probability `level`. */
export interface ForecastPoint {
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** Where a series has been going. */
export interface Trend {
  readonly direction: 'rising' | 'falling' | 'steady';
  /** Change an hour, in the field's unit, and the range that holds the true one with the probability `confidence`. */
  readonly perHour: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  /** What it was worked out from. ISO 8601, UTC. */
  readonly since: string;
  /** Times at which the series' level changed for good, ISO 8601, UTC, oldest first. */
  readonly changes: readonly string[];
}

/** What the next hour brings, from the points within it; null where a step is longer than an hour. */
export interface NextHour {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly trend: 'rising' | 'falling' | 'steady';
}

/** How good the forecasts for this device were, against the values that came. */
export interface Accuracy {
  /** Mean absolute error, in the field's unit. */
  readonly mae: number;
  /**
   * `mae` in units of what repeating the last season would have got in training; below 1 is better than that. Null where
   * that was never wrong.
   */
  readonly mase: number | null;
  /** Share of the values that lay within the interval; `level` is what was promised. */
  readonly coverage: number;
  /** Forecast values that could be checked, the newest first: the window that the three are worked out from. */
  readonly points: number;
  readonly since: string;
}

/** The forecast of one field of one device: `msg.forecast`. */
export interface Forecast {
  readonly device: string;
  readonly field: string;
  readonly model: ModelReference;
  readonly stepMs: number;
  /** Probability with which an interval holds the true value. */
  readonly level: number;
  /** Rising times, one step apart; the first is one step after the newest value. */
  readonly points: readonly ForecastPoint[];
  readonly trend: Trend | null;
  readonly nextHour: NextHour | null;
  /** Null until forecasts could be checked. */
  readonly accuracy: Accuracy | null;
  /** What should be known about the forecast, in one sentence. */
  readonly note?: string;
}
