/** Mean, deviation, minimum and maximum of the values of a window; NaN where there are none, or too few rows. */
export interface WindowSummary {
  mean: number;
  /** Sample standard deviation (n − 1): missing for fewer than two values. */
  deviation: number;
  minimum: number;
  maximum: number;
}

/**
 * The newest values of one field, newest last.
 *
 * Each value is kept twice, one ring length apart, so that any trailing window lies in one piece. Windows are summed up
 * anew from oldest to newest for each row: unlike running sums that gives the same bits wherever a stream is cut and
 * gone on with, and never drifts.
 */
export class History {
  readonly #depth: number;
  readonly #ring: Float64Array;
  #count = 0;

  /** @param depth - values kept */
  constructor(depth: number) {
    this.#depth = depth;
    this.#ring = new Float64Array(2 * depth);
  }

  /** Values there are, up to `depth`. */
  get length(): number {
    return Math.min(this.#count, this.#depth);
  }

  clear(): void {
    this.#count = 0;
  }

  /** @param value - NaN where missing */
  push(value: number): void {
    const position = this.#count % this.#depth;
    this.#ring[position] = value;
    this.#ring[position + this.#depth] = value;
    this.#count++;
  }

  /** The value so many rows before the newest; NaN where it is missing or not there. */
  back(rows: number): number {
    if (rows >= this.#count || rows >= this.#depth) return NaN;
    return this.#ring[((this.#count - 1) % this.#depth) + this.#depth - rows]!;
  }

  /**
   * Sums up the newest rows; missing values are passed over. NaN while there are fewer rows: the mean of two values
   * strays further than that of fifty, and a model that knows the latter would take it for an anomaly.
   */
  summarize(rows: number, into: WindowSummary, withDeviation: boolean): void {
    if (this.#count < rows) {
      into.mean = into.deviation = into.minimum = into.maximum = NaN;
      return;
    }
    const end = ((this.#count - 1) % this.#depth) + this.#depth + 1;
    const ring = this.#ring;
    let sum = 0;
    let present = 0;
    let minimum = Infinity;
    let maximum = -Infinity;
    for (let i = end - rows; i < end; i++) {
      const value = ring[i]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      present++;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    const mean = present > 0 ? sum / present : NaN;
    into.mean = mean;
    into.minimum = present > 0 ? minimum : NaN;
    into.maximum = present > 0 ? maximum : NaN;
    into.deviation = NaN;
    if (!withDeviation || present < 2) return;
    let squares = 0;
    for (let i = end - rows; i < end; i++) {
      const difference = ring[i]! - mean;
      if (!Number.isNaN(difference)) squares += difference * difference;
    }
    into.deviation = Math.sqrt(squares / (present - 1));
  }

  /** Oldest first; null where missing. */
  snapshot(): (number | null)[] {
    const { length } = this;
    return Array.from({ length }, (_, i) => {
      const value = this.back(length - 1 - i);
      return Number.isNaN(value) ? null : value;
    });
  }
}
