import type { JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import { memberWeights } from './combine';

/** Samples that stand for a period where there is none. */
const NO_PERIOD = 24;
/** Periods after which an error counts half as much. */
const HALF_LIFE = 0.5;
/** What the errors of the backtest weigh for good, against 1 for those of late. */
const BACKTEST_WEIGHT = 0.5;

/**
 * Shares of the members in a forecast, by how far off each has been: mean absolute errors that count half as much with
 * each half period that passes, and those of the backtest. Errors of late follow a change within a day; those of the
 * backtest, which are many more, keep chance from deciding.
 */
export class LiveWeights {
  readonly #discount: number;
  readonly #tested: readonly number[];
  /** Discounted sum of each member's errors, and what they weigh together. */
  readonly #sums: Float64Array;
  #weight: number;

  /**
   * @param errors - each member's mean absolute error in the backtest, in the target's unit
   * @param period - shortest seasonal period in samples; below 2: none
   * @param saved - what `snapshot` gave, of the same members
   */
  constructor(errors: readonly number[], period: number, saved?: JsonObject) {
    const halfLife = HALF_LIFE * (period >= 2 ? period : NO_PERIOD);
    this.#tested = errors;
    this.#discount = 0.5 ** (1 / halfLife);
    this.#weight = halfLife / Math.LN2;
    this.#sums = Float64Array.from(errors, (error) => error * this.#weight);
    const numbers = unpackNumbers(saved?.sums);
    if (numbers?.length !== errors.length + 1 || !numbers.every((each) => Number.isFinite(each) && each >= 0)) return;
    this.#sums.set(numbers.subarray(1));
    this.#weight = numbers[0]!;
  }

  /** One a member, sum 1. */
  get weights(): number[] {
    return memberWeights(this.#tested.map((tested, m) => this.#sums[m]! / this.#weight + BACKTEST_WEIGHT * tested));
  }

  /** @param errors - mean absolute error of each member's forecasts for the newest sample */
  verify(errors: ArrayLike<number>): void {
    for (let m = 0; m < this.#sums.length; m++) this.#sums[m] = this.#sums[m]! * this.#discount + errors[m]!;
    this.#weight = this.#weight * this.#discount + 1;
  }

  /** Plain JSON. */
  snapshot(): JsonObject {
    return { sums: packNumbers(Float64Array.of(this.#weight, ...this.#sums)) };
  }
}
