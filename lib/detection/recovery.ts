import type { Pipeline } from '../core/pipeline';
import { lookbackOf } from '../readings/lookback';

/** After a disturbance a reading is an anomaly only where its raw score is at least this share of the worst one … */
const SHARE_OF_WORST = 0.5;
/** … which is forgotten by a factor of e in so many times the rows that features reach back. */
const FORGETTING = 4;
/** The worst counts as so many times the limit at most. */
const WORST_AT_MOST = 6;

/**
 * How a device recovers from a disturbance: a window that has seen one is unusual for as long as it reaches back, and
 * temperatures take their time. What has fallen to less than half of the worst is on its way back to normal, and is no
 * anomaly. The bar sinks, so that what does not go away is one again before long.
 *
 * Without windows or lags nothing rings on, and there is no bar.
 */
export class Recovery {
  readonly #decay: number;
  #bar: number;

  /** @param bar - that of an earlier one, to go on from */
  constructor(pipeline: Pick<Pipeline, 'features'>, bar = 0) {
    const lookback = lookbackOf(pipeline);
    this.#decay = lookback === 0 ? 0 : Math.exp(-1 / (FORGETTING * lookback));
    this.#bar = bar >= 0 ? Math.min(bar, SHARE_OF_WORST * WORST_AT_MOST) : 0;
  }

  /** So many times the limit must a raw score be to be an anomaly; up to 1 there is no bar. */
  get bar(): number {
    return this.#bar;
  }

  /**
   * Takes a raw score into account, in time order.
   * @param excess - raw score / that of the threshold
   */
  next(excess: number): void {
    if (this.#decay === 0) return;
    this.#bar = Math.max(this.#bar * this.#decay, SHARE_OF_WORST * Math.min(excess, WORST_AT_MOST));
  }
}
