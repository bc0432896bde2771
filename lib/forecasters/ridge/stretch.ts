import type { LagEquations } from './lag-model';
import type { TermsAt } from './step';

/**
 * Standardised series without their profiles, between two indices of a history, and what the model had not foreseen of
 * the first of them. Work that neighbouring origins share is done once.
 */
export class Stretch {
  readonly #residuals: Float64Array;
  /** Before it, residuals are known as far back as an origin may ask for. */
  #to = 0;

  /**
   * @param first - index in the history of the first sample of `series`
   * @param termsAt - the calendar terms at an index of the history
   */
  constructor(
    readonly first: number,
    private readonly series: readonly Float64Array[],
    private readonly equations: LagEquations,
    private readonly termsAt: TermsAt,
  ) {
    this.#residuals = new Float64Array(series[0]!.length);
  }

  /** Copies the samples before `origin` to the first `reach` places; the oldest stands in for those before it. */
  copyTo(window: readonly Float64Array[], origin: number, reach: number): void {
    this.series.forEach((values, s) => {
      const end = origin - this.first;
      const missing = Math.max(0, reach - end);
      const samples = window[s]!;
      samples.set(values.subarray(end - reach + missing, end), missing);
      samples.fill(samples[missing]!, 0, missing);
    });
  }

  /** The target's newest samples before an origin that the model could have foreseen, at most `count`. */
  watched(origin: number, count: number, reach: number): Float64Array {
    const end = origin - this.first;
    return this.series[0]!.subarray(Math.min(end, Math.max(reach, end - count)), end);
  }

  /**
   * What came less what the model had expected one step before, for the samples that `watched` gives.
   * @param origin - not before that of the call before
   */
  residuals(origin: number, count: number, reach: number): Float64Array {
    const end = origin - this.first;
    const start = Math.min(end, Math.max(reach, end - count));
    if (start > this.#to) this.#to = start;
    const target = this.series[0]!;
    for (; this.#to < end; this.#to++) {
      const expected = this.equations.solve(this.series, this.#to, this.termsAt(this.first + this.#to))[0]!;
      this.#residuals[this.#to] = target[this.#to]! - expected;
    }
    return this.#residuals.subarray(start, end);
  }
}
