import type { JsonObject } from '../core/json';
import type { Aggregation } from '../core/pipeline';
import { NORMAL_LABEL } from '../core/readings';

/** Plain JSON. */
export interface BucketSnapshot extends JsonObject {
  readonly index: number;
  readonly totals: readonly number[];
  readonly counts: readonly number[];
  readonly timesMs: readonly number[];
  readonly label: string | null;
}

/** The readings of one step on their way to becoming one row. */
export class Bucket {
  /** Which step: its time divided by the step's length. */
  readonly index: number;
  readonly #aggregation: Aggregation;
  readonly #totals: Float64Array;
  readonly #counts: Float64Array;
  /** When the value in `#totals` was measured, for `last`. */
  readonly #timesMs: Float64Array;
  #label: string | undefined;

  /** @param width - values a reading */
  constructor(index: number, aggregation: Aggregation, width: number) {
    this.index = index;
    this.#aggregation = aggregation;
    this.#totals = new Float64Array(width);
    this.#counts = new Float64Array(width);
    this.#timesMs = new Float64Array(width);
  }

  add(timestampMs: number, values: Float64Array, label: string | undefined): void {
    // A step with a fault in it is not a normal one.
    if (this.#label === undefined || this.#label === NORMAL_LABEL) this.#label = label ?? this.#label;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      if (this.#counts[i] === 0) {
        this.#totals[i] = value;
        this.#timesMs[i] = timestampMs;
      } else this.#combine(i, value, timestampMs);
      this.#counts[i]!++;
    }
  }

  #combine(i: number, value: number, timestampMs: number): void {
    const total = this.#totals[i]!;
    switch (this.#aggregation) {
      case 'mean':
      case 'sum':
        this.#totals[i] = total + value;
        break;
      case 'minimum':
        this.#totals[i] = Math.min(total, value);
        break;
      case 'maximum':
        this.#totals[i] = Math.max(total, value);
        break;
      case 'last':
        if (timestampMs < this.#timesMs[i]!) break;
        this.#totals[i] = value;
        this.#timesMs[i] = timestampMs;
    }
  }

  get label(): string | undefined {
    return this.#label;
  }

  /** The step's row: NaN where no reading had a value. */
  values(): Float64Array {
    return this.#totals.map((total, i) => {
      const count = this.#counts[i]!;
      if (count === 0) return NaN;
      return this.#aggregation === 'mean' ? total / count : total;
    });
  }

  snapshot(): BucketSnapshot {
    return {
      index: this.index,
      totals: [...this.#totals],
      counts: [...this.#counts],
      timesMs: [...this.#timesMs],
      label: this.#label ?? null,
    };
  }

  static restore(snapshot: BucketSnapshot, aggregation: Aggregation): Bucket {
    const bucket = new Bucket(snapshot.index, aggregation, snapshot.totals.length);
    bucket.#totals.set(snapshot.totals);
    bucket.#counts.set(snapshot.counts);
    bucket.#timesMs.set(snapshot.timesMs);
    bucket.#label = snapshot.label ?? undefined;
    return bucket;
  }
}
