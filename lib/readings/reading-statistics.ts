import { setImmediate } from 'node:timers/promises';
import { Random } from '../core/random';
import type { ReadingTable } from '../core/readings';
import { quantileSorted } from '../core/statistics';

/** Of one field, over the readings that have it. */
export interface FieldStatistics {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of a sample (n − 1), as SQL's `stddev`; null: there is only one value. */
  readonly deviation: number | null;
  readonly min: number;
  readonly max: number;
  /** Interpolated linearly, as SQL's `percentile_cont`. */
  readonly quantiles: Readonly<Record<'p5' | 'p25' | 'p50' | 'p75' | 'p95', number>>;
}

export interface ReadingStatistics {
  readonly readings: number;
  /** Of the first and the last reading, ISO 8601, UTC; null: there is none. */
  readonly from: string | null;
  readonly to: string | null;
  /** Between the two. */
  readonly durationMs: number;
  /** Readings by label. */
  readonly labels: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, FieldStatistics>>;
  /** True where there were so many values that the quantiles come from a random sample of them. */
  readonly sampled: boolean;
}

/** Values that are kept for the quantiles, of all fields together: 32 MB. */
const MAX_KEPT = 4_000_000;
/** Labels that are told apart. */
const MAX_LABELS = 1000;
/** Names of all further ones. */
const OTHER_LABELS = '(others)';

/**
 * Describes readings while they go by: all is exact, save the quantiles of more values than are kept.
 * @param parts - of one device, in time order
 * @param maxKept - values kept at the most, of all fields together
 */
export async function statisticsOf(
  parts: AsyncIterable<ReadingTable>,
  maxKept: number = MAX_KEPT,
): Promise<ReadingStatistics> {
  const fields = new Map<string, FieldSummary>();
  const labels = new Map<string, number>();
  let [readings, fromMs, toMs] = [0, NaN, NaN];
  for await (const { fields: names, timestampsMs, data, labels: given } of parts) {
    if (timestampsMs.length === 0) continue;
    if (readings === 0) fromMs = timestampsMs[0]!;
    toMs = timestampsMs.at(-1)!;
    readings += timestampsMs.length;
    names.forEach((name, column) => {
      const summary = fields.get(name) ?? new FieldSummary(Math.ceil(maxKept / names.length));
      fields.set(name, summary);
      for (let i = column; i < data.length; i += names.length) summary.add(data[i]!);
    });
    for (const label of given ?? []) {
      if (label === null) continue;
      const name = labels.has(label) || labels.size < MAX_LABELS ? label : OTHER_LABELS;
      labels.set(name, (labels.get(name) ?? 0) + 1);
    }
  }
  const described: [string, FieldStatistics][] = [];
  for (const [name, summary] of fields) {
    if (summary.count > 0) described.push([name, summary.described()]);
    await setImmediate(); // sorting one field takes some ms
  }
  const time = (ms: number): string | null => (Number.isNaN(ms) ? null : new Date(ms).toISOString());
  return {
    readings,
    from: time(fromMs),
    to: time(toMs),
    durationMs: readings === 0 ? 0 : toMs - fromMs,
    labels: Object.fromEntries(labels),
    fields: Object.fromEntries(described),
    sampled: [...fields.values()].some((summary) => summary.isSampled),
  };
}

/** Mean and spread by B. Welford's method (Technometrics 4, 1962); a sample by J. Vitter's algorithm R (ACM TOMS 11, 1985). */
class FieldSummary {
  count = 0;
  #mean = 0;
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;
  #kept = new Float64Array(1024);
  readonly #random = new Random(1);

  constructor(private readonly capacity: number) {}

  get isSampled(): boolean {
    return this.count > this.capacity;
  }

  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.#keep(value);
    this.count += 1;
    const off = value - this.#mean;
    this.#mean += off / this.count;
    this.#squares += off * (value - this.#mean);
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  described(): FieldStatistics {
    const sorted = this.#kept.subarray(0, Math.min(this.count, this.capacity)).sort();
    const quantile = (p: number): number => quantileSorted(sorted, p);
    return {
      count: this.count,
      mean: this.#mean,
      deviation: this.count < 2 ? null : Math.sqrt(this.#squares / (this.count - 1)),
      min: this.#min,
      max: this.#max,
      quantiles: {
        p5: quantile(0.05),
        p25: quantile(0.25),
        p50: quantile(0.5),
        p75: quantile(0.75),
        p95: quantile(0.95),
      },
    };
  }

  #keep(value: number): void {
    if (this.count < this.capacity) {
      if (this.count === this.#kept.length) {
        const grown = new Float64Array(2 * this.count);
        grown.set(this.#kept);
        this.#kept = grown;
      }
      this.#kept[this.count] = value;
      return;
    }
    const place = Math.floor(this.#random.uniform(0, this.count + 1));
    if (place < this.capacity) this.#kept[place] = value;
  }
}
