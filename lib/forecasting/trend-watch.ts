import { type History, sliceHistory } from '../core/history';
import { changePoints } from './change-points';
import type { Trend } from './forecast';
import { trendOf } from './trend';

/** Samples that are looked back on: a week of minutes. */
const MOST_SAMPLES = 10_080;
/** A trend is worked out anew after so many samples: it changes slowly, and takes some milliseconds. */
const RENEW_AFTER = 10;

/** Keeps an eye on where a series has been going, without looking anew at each sample. */
export class TrendWatch {
  #trend: Trend | null = null;
  /** Time of the newest sample that it knows, epoch ms. */
  #knownMs = -Infinity;

  /** @param periods - in samples, the shortest first */
  of(history: History, periods: readonly number[]): Trend | null {
    const { length } = history.target;
    const newestMs = history.startMs + (length - 1) * history.stepMs;
    if (Math.abs(newestMs - this.#knownMs) < RENEW_AFTER * history.stepMs) return this.#trend;
    const recent = sliceHistory(history, Math.max(0, length - MOST_SAMPLES), length);
    this.#knownMs = newestMs;
    this.#trend = trendOf(recent, { periods, changes: changePoints(recent.target, { periods }) });
    return this.#trend;
  }
}
