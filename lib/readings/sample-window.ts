import type { SeriesPlan } from '../core/artifact';
import { fromBase64, toBase64 } from '../core/base64';
import type { History } from '../core/history';
import type { JsonObject } from '../core/json';

const DAY_MS = 86_400_000;
/** Gaps of up to so many samples are bridged by a straight line: they are too short for a rhythm to show. */
const LINEAR_SAMPLES = 3;
/** Gaps of up to so many samples are filled however little came before. */
export const SHORT_GAP_SAMPLES = 10;
/** Another field that is missing keeps its last value for so many samples. */
const HELD_SAMPLES = 10;
const FIRST_ROOM = 256;

/** Plain JSON. */
export interface SampleWindowSnapshot extends JsonObject {
  /** Target, then the others, oldest sample first, in base64. */
  readonly columns: readonly string[];
  /** Cell of the newest sample; null where there is none. */
  readonly cell: number | null;
  readonly count: number;
  /** Last known value of each column, and its cell; null where it was never seen. */
  readonly known: readonly (number | null)[];
  readonly knownCells: readonly (number | null)[];
}

/** Samples in a day, rounded. */
export function samplesADay(stepMs: number): number {
  return Math.round(DAY_MS / stepMs);
}

/**
 * Whether a gap is filled: no longer than the plan allows, and longer than a day only where at least as much came
 * before it, since what is filled in is made from that.
 * @param missing - samples that are missing; @param before - samples before the gap
 */
export function isFillable({ stepMs, fillMs }: SeriesPlan, missing: number, before: number): boolean {
  if (missing === 0) return true;
  if (missing * stepMs > fillMs) return false;
  return missing <= Math.max(SHORT_GAP_SAMPLES, samplesADay(stepMs), before);
}

/**
 * The newest samples of a series and of the fields beside it, each field in one piece. It is given the cells that have
 * a value of the series, and fills in what lies between them:
 *
 * - up to 3 samples by a straight line;
 * - more by the values of the day before the gap (repeated, where it is longer than a day), moved so that they meet the
 *   values at both ends of the gap, and kept within the range of that day and those two; by a straight line where there
 *   is no day before it.
 *
 * Another field that is missing where the series is not keeps its last value for 10 samples; then it goes on as it did
 * a day before, moved to meet its last value. Values to come are never needed: training and live windows agree.
 */
export class SampleWindow {
  readonly #plan: SeriesPlan;
  readonly #depth: number;
  readonly #day: number;
  /** Target, then the others: samples stand at `end − length` to `end` (exclusive). */
  #columns: Float64Array[];
  #end = 0;
  #length = 0;
  #count = 0;
  /** Cell of the newest sample. */
  #cell = -Infinity;
  /** Last known value of each column, and its cell. */
  readonly #known: Float64Array;
  readonly #knownCells: Float64Array;

  /** @param depth - samples kept, at least 1 */
  constructor(plan: SeriesPlan, depth: number) {
    this.#plan = plan;
    this.#depth = depth;
    this.#day = samplesADay(plan.stepMs);
    const width = 1 + plan.others.length;
    this.#columns = Array.from({ length: width }, () => new Float64Array(Math.min(depth, FIRST_ROOM)));
    this.#known = new Float64Array(width).fill(NaN);
    this.#knownCells = new Float64Array(width).fill(NaN);
  }

  get length(): number {
    return this.#length;
  }

  /** Samples since the window began, those that are no longer kept included. */
  get count(): number {
    return this.#count;
  }

  /** Cell of the newest sample; −Infinity where there is none. */
  get cell(): number {
    return this.#cell;
  }

  /** Forgets all samples, but not what the other fields were last. */
  clear(): void {
    this.#end = this.#length = this.#count = 0;
    this.#cell = -Infinity;
  }

  /** Takes over samples as they are. @param history - on the plan's grid, with as many other fields */
  fill({ startMs, target, others }: History): void {
    this.clear();
    const rows = Math.min(target.length, this.#depth);
    this.#makeRoom(rows);
    [target, ...others].forEach((values, c) => {
      this.#columns[c]!.set(values.subarray(target.length - rows));
    });
    this.#end = this.#length = rows;
    this.#count = target.length;
    this.#cell = Math.round(startMs / this.#plan.stepMs) + target.length - 1;
    if (rows === 0) this.#cell = -Infinity;
    else
      this.remember(
        this.#cell,
        Float64Array.from(this.#columns, (column) => column[rows - 1]!),
      );
  }

  /** Keeps in mind what a cell says of the other fields, for cells that do not. @param values - target, then the others */
  remember(cell: number, values: Float64Array): void {
    for (let c = 1; c < values.length; c++) {
      if (Number.isNaN(values[c]!)) continue;
      this.#known[c] = values[c]!;
      this.#knownCells[c] = cell;
    }
  }

  /** Whether the gap before a cell can be filled; true where there is none. */
  reaches(cell: number): boolean {
    return this.#count === 0 || isFillable(this.#plan, Math.max(0, cell - this.#cell - 1), this.#count);
  }

  /**
   * Adds the sample of a cell, and those that are missing before it; the newest cell again replaces its sample.
   * @param cell - that the window `reaches`, not before the newest
   * @param values - target, then the others, NaN where missing; the target must be there
   * @returns samples added: none while another field was never seen
   */
  add(cell: number, values: Float64Array): number {
    this.remember(cell, values);
    const missing = this.#count === 0 ? 0 : cell - this.#cell - 1;
    const sample = new Float64Array(values.length);
    for (let c = 0; c < values.length; c++) {
      const value = Number.isNaN(values[c]!) ? this.#standIn(c, cell, missing) : values[c]!;
      if (Number.isNaN(value)) return 0;
      sample[c] = value;
    }
    if (missing < 0) {
      this.#columns.forEach((column, c) => (column[this.#end - 1] = sample[c]!));
      return 0;
    }
    const fillers = missing === 0 ? [] : this.#columns.map((_, c) => this.#filler(c, missing, sample[c]!));
    const rows = Math.min(missing + 1, this.#depth);
    this.#makeRoom(rows);
    this.#columns.forEach((column, c) => {
      // Of a gap longer than the window only its end is kept.
      for (let i = 0; i < rows - 1; i++) column[this.#end + i] = fillers[c]!(missing + 2 - rows + i);
      column[this.#end + rows - 1] = sample[c]!;
    });
    this.#end += rows;
    this.#length = Math.min(this.#length + rows, this.#depth);
    this.#count += missing + 1;
    this.#cell = cell;
    return missing + 1;
  }

  /** The target in a cell; NaN outside the window. */
  targetAt(cell: number): number {
    const back = this.#cell - cell;
    return back >= 0 && back < this.#length ? this.#back(0, back) : NaN;
  }

  /** The newest samples, at most `length`, sharing memory with the window: they hold until the next one is added. */
  history(length: number = this.#length): History {
    const { stepMs, timeZone } = this.#plan;
    const start = this.#end - Math.min(length, this.#length);
    const [target, ...others] = this.#columns.map((column) => column.subarray(start, this.#end));
    const first = this.#length === 0 ? 0 : this.#cell - (this.#end - start) + 1;
    return { startMs: first * stepMs, stepMs, timeZone, target: target!, others };
  }

  snapshot(): SampleWindowSnapshot {
    const { target, others } = this.history();
    return {
      columns: [target, ...others].map(toBase64),
      cell: this.#length > 0 ? this.#cell : null,
      count: this.#count,
      known: Array.from(this.#known, orNull),
      knownCells: Array.from(this.#knownCells, orNull),
    };
  }

  /** Goes on where a snapshot was taken; undefined where it is damaged or of another number of fields. */
  static restore(plan: SeriesPlan, depth: number, snapshot: SampleWindowSnapshot): SampleWindow | undefined {
    const window = new SampleWindow(plan, depth);
    const width = 1 + plan.others.length;
    const { cell, count, known, knownCells } = snapshot;
    const [target, ...others] = snapshot.columns.map(fromBase64);
    const { length } = target ?? [];
    const columns = [target, ...others];
    const fits = columns.every((column) => column?.length === length && column?.every(Number.isFinite));
    if (!target || !fits || [columns, known, knownCells].some((each) => each.length !== width)) return undefined;
    if (target.length > count || (cell === null) !== (target.length === 0)) return undefined;
    const { stepMs, timeZone } = plan;
    window.fill({ startMs: ((cell ?? 0) - target.length + 1) * stepMs, stepMs, timeZone, target, others });
    window.#count = count;
    window.#known.set(known.map(orNaN));
    window.#knownCells.set(knownCells.map(orNaN));
    return window;
  }

  #back(c: number, samples: number): number {
    return this.#columns[c]![this.#end - 1 - samples]!;
  }

  /** Another field's value in a cell that lacks it; NaN where it was never seen. @param missing - samples missing before */
  #standIn(c: number, cell: number, missing: number): number {
    const known = this.#known[c]!;
    const age = cell - this.#knownCells[c]!;
    // How many samples before the newest one stands what is a day older than the cell, and than the known value.
    const dayBefore = this.#day - missing - 1;
    const knownDayBefore = dayBefore + age;
    if (!(age > HELD_SAMPLES) || dayBefore < 0 || dayBefore >= this.#length) return known;
    if (age > this.#day) return this.#back(c, dayBefore);
    return knownDayBefore < this.#length ? this.#back(c, dayBefore) + known - this.#back(c, knownDayBefore) : known;
  }

  /** Sample k = 1 … `missing` of the gap between the newest sample and `right`. */
  #filler(c: number, missing: number, right: number): (k: number) => number {
    const left = this.#back(c, 0);
    const day = this.#day;
    if (missing <= LINEAR_SAMPLES || day < 2 || day >= this.#length) {
      return (k) => left + ((right - left) * k) / (missing + 1);
    }
    const pattern = this.#columns[c]!.slice(this.#end - day, this.#end);
    const at = (k: number): number => pattern[(k - 1) % day]!;
    const fromLeft = left - this.#back(c, day);
    const fromRight = right - at(missing + 1);
    const low = pattern.reduce((least, value) => Math.min(least, value), Math.min(left, right));
    const high = pattern.reduce((most, value) => Math.max(most, value), Math.max(left, right));
    return (k) => {
      const moved = at(k) + fromLeft + ((fromRight - fromLeft) * k) / (missing + 1);
      return Math.min(high, Math.max(low, moved));
    };
  }

  /** Makes sure that so many more fit behind the newest; the oldest beyond the depth fall out now and then, many at once. */
  #makeRoom(rows: number): void {
    const room = this.#columns[0]!.length;
    if (this.#end + rows <= room) return;
    const kept = Math.min(this.#length, this.#depth - rows);
    const start = this.#end - kept;
    const most = this.#depth + Math.max(1, Math.floor(this.#depth / 4));
    const wanted = Math.min(most, Math.max(2 * room, kept + rows));
    this.#columns = this.#columns.map((column) => {
      if (room >= wanted) return column.copyWithin(0, start, this.#end);
      const larger = new Float64Array(wanted);
      larger.set(column.subarray(start, this.#end));
      return larger;
    });
    this.#end = kept;
    this.#length = kept;
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const orNaN = (value: number | null): number => value ?? NaN;
