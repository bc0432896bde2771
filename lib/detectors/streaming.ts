import type { Explanation, ModelState, OnlineDetector } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import type { StateReader } from '../core/state-reader';
import { LARGEST_VALUE, rowOf, type Table } from '../core/table';
import type { ZoneOffset } from '../readings/time-zone';
import { defineDetector } from './define';
import { checkRow, checkScoringTable } from './input';
import { anyOf, LearnedField } from './learned-field';

/** Readings that a field needs before it is judged, unless told otherwise. */
export const DEFAULT_WARM_UP = 100;
/** Bounds of a field's warm-up. */
export const MIN_WARM_UP = 20;
export const MAX_WARM_UP = 100_000;
/** Less probable than one in so many is not told apart. */
const LEAST_PROBABLE = 1e-30;
const UTC: ZoneOffset = () => 0;

/**
 * Learns each field as it goes, with forgetting: its level, spread, restlessness and pauses and, where readings have
 * times, what is usual at which hour and on which day of the week. Judges by how improbable a value is against them; the
 * worst field decides. Raw score: −log₁₀ of the probability that any field of a normal row turns out so badly (Šidák's
 * correction), 0…30.
 *
 * A NaN is neither judged nor learned from, nor is a number beyond what a PLC can send learned from. Fails where the
 * normal behaviour depends on other fields: it sees each by itself. About 5 µs a field, and 17 KB.
 */
export class StreamingDetector implements OnlineDetector {
  readonly features: string[] = [];
  readonly #fields: LearnedField[] = [];
  #learned = 0;

  /**
   * @param warmUp - values that a feature needs before it is judged; at least 20
   * @param zone - time zone of the calendar
   */
  constructor(
    readonly warmUp: number,
    private readonly zone: ZoneOffset = UTC,
  ) {}

  /** Rows learned from. */
  get learned(): number {
    return this.#learned;
  }

  /** Adds a feature as the last one; it goes through a warm-up of its own. */
  add(feature: string): void {
    this.features.push(feature);
    this.#fields.push(LearnedField.begin(this.warmUp, this.zone));
  }

  /** Values that a feature has learned from; it is judged from `warmUp` on. */
  learnedOf(feature: number): number {
    return this.#fields[feature]!.count;
  }

  /** @param timestampMs - when the rows were taken, epoch ms; NaN: without the calendar */
  score(x: Table, timestampMs = NaN): Float64Array {
    checkScoringTable(this.features, x, true);
    const width = this.features.length;
    return Float64Array.from({ length: x.rows }, (_, r) => this.#scoreOf(x.data, r * width, timestampMs));
  }

  /** @param timestampMs - when the row was taken, epoch ms; NaN: nothing is learned of the calendar */
  learnOne(row: Float64Array, timestampMs = NaN): void {
    checkRow(this.features, row, true);
    for (const [f, field] of this.#fields.entries()) {
      if (Math.abs(row[f]!) <= LARGEST_VALUE) field.learn(row[f]!, timestampMs);
    }
    this.#learned++;
  }

  /**
   * Shares go by squared surprise, so that one improbable field is not drowned by many probable ones.
   * @param timestampMs - as for `score`
   */
  explain(row: Float64Array, timestampMs = NaN): Explanation {
    checkRow(this.features, row, true);
    const ranges = this.#fields.map((field, f) => field.expected(row[f]!, timestampMs));
    return {
      shares: this.#shares(row, timestampMs),
      low: Float64Array.from(ranges, ([low]) => low),
      high: Float64Array.from(ranges, ([, high]) => high),
    };
  }

  snapshot(): ModelState {
    const fields = this.#fields.map((field) => field.snapshot());
    const { features, warmUp, learned } = this;
    return { scalars: { features: [...features], warmUp, learned, fields }, tensors: {} };
  }

  /**
   * @param warmUp - by default as it was
   * @param zone - time zone of the calendar
   * @throws MlError `ARTIFACT` where the state is damaged
   */
  static restore(
    state: StateReader,
    warmUp = state.integer('warmUp', MIN_WARM_UP, MAX_WARM_UP),
    zone = UTC,
  ): StreamingDetector {
    const detector = new StreamingDetector(warmUp, zone);
    detector.features.push(...state.features());
    detector.#learned = state.integer('learned', 0, Number.MAX_SAFE_INTEGER);
    for (const field of state.objects('fields', detector.features.length)) {
      detector.#fields.push(LearnedField.restore(field, warmUp, zone));
    }
    return detector;
  }

  #shares(row: Float64Array, timestampMs: number): Float64Array {
    const squares = Float64Array.from(
      this.#fields,
      (field, f) => surpriseOf(field.probability(row[f]!, timestampMs), 1) ** 2,
    );
    const sum = squares.reduce((a, b) => a + b, 0);
    if (sum > 0) return squares.map((square) => square / sum);
    const judged = this.#fields.map((field, f) => (field.isReady && !Number.isNaN(row[f]) ? 1 : 0));
    const count = judged.filter((one) => one === 1).length;
    return Float64Array.from(judged, (one) => (count > 0 ? one / count : 1 / judged.length));
  }

  #scoreOf(data: Float64Array, start: number, timestampMs: number): number {
    let least = 1;
    let judged = 0;
    for (let f = 0; f < this.#fields.length; f++) {
      const field = this.#fields[f]!;
      const value = data[start + f]!;
      if (Number.isNaN(value) || !field.isReady) continue;
      judged++;
      least = Math.min(least, field.probability(value, timestampMs));
    }
    return surpriseOf(least, judged);
  }
}

/** −log₁₀ of the probability that the least probable of so many fields is so improbable. */
function surpriseOf(least: number, fields: number): number {
  return 0 - Math.log10(Math.max(anyOf(least, fields), LEAST_PROBABLE));
}

/** The detector that learns as it goes; trained on a table, it judges by the state that it ended in. */
export const streaming = defineDetector({
  id: 'streaming',
  stateVersion: 1,
  title: 'Learning as it goes',
  summary:
    'Each feature by itself: whether it leaves its recent level, becomes restless or stands still. Needs no training.',
  reference:
    'Peaks over threshold: J. Pickands, Statistical Inference Using Extreme Order Statistics. Ann. Stat. 3, 1975.',
  params: {
    warmUp: {
      type: 'int',
      default: DEFAULT_WARM_UP,
      min: MIN_WARM_UP,
      max: MAX_WARM_UP,
      unit: 'readings',
      doc: 'How many readings it learns from before it judges.',
    },
  },
  traits: { online: true, multivariate: false, allowsMissing: true },
  testParams: { warmUp: 40 },
  minRows: ({ warmUp }) => warmUp,
  fit: (x, { warmUp }, run) => {
    const detector = new StreamingDetector(warmUp);
    for (const feature of x.columns) detector.add(feature);
    const reportEvery = Math.ceil(x.rows / 100);
    for (let r = 0; r < x.rows; r++) {
      detector.learnOne(rowOf(x, r));
      const done = r + 1;
      if (done % reportEvery === 0 || done === x.rows) {
        throwIfAborted(run.signal);
        run.onProgress?.(done / x.rows);
      }
    }
    return detector;
  },
  restore: (state) => StreamingDetector.restore(state),
});
