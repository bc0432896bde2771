import { createHash } from 'node:crypto';
import type { SeriesPlan } from '../core/artifact';
import { MlError, show } from '../core/errors';
import type { History } from '../core/history';
import type { JsonObject } from '../core/json';
import type { Reading } from '../core/readings';
import { Bucket } from './bucket';
import { CellClock } from './cell-clock';
import { checkGridStreamSnapshot, type GridStreamSnapshot, type WindowRestart } from './grid-stream-snapshot';
import { CLOCK_PUT_BACK_ROWS } from './limits';
import { SampleWindow, SHORT_GAP_SAMPLES } from './sample-window';
import { seriesLayout, type SeriesLayout } from './series-layout';

export type { WindowRestart } from './grid-stream-snapshot';

/**
 * The newest samples of one device's series, on the grid that its model was trained on, kept as readings come: the same
 * samples as `regularGrid` makes of the same readings.
 *
 * Where readings come about once a step a sample is complete with its reading; another reading of the same step still
 * changes it. Where they come faster it is complete when one of a later step comes. Gaps are filled when they end; a gap
 * too long to fill begins the window anew. A reading more than 10 steps ahead of the one before waits for the next one:
 * a single wrong time costs no history. Late readings change the step that is still open, are counted, and otherwise
 * ignored; 100 in a row mean that the clock was put back: the window begins anew.
 *
 * Cost: about 2 µs a reading; 8 to 10 bytes a sample and field.
 */
export class GridStream {
  readonly #plan: SeriesPlan;
  readonly #layout: SeriesLayout;
  readonly #capacity: number;
  #window: SampleWindow;
  #clock: CellClock;
  /** Readings of the newest cell. */
  #open: Bucket | null = null;
  #waiting: { readonly timestampMs: number; readonly row: Float64Array } | null = null;
  /** Last cell that was seeded, until a later one comes. */
  #seededTo = -Infinity;
  #late = 0;
  #lateInRow = 0;
  #restart: WindowRestart | null = null;

  /** @param capacity - samples kept, at least 1 */
  constructor(plan: SeriesPlan, capacity: number) {
    this.#plan = plan;
    this.#layout = seriesLayout(plan);
    this.#capacity = capacity;
    this.#window = new SampleWindow(plan, depthFor(capacity));
    this.#clock = new CellClock(plan.stepMs);
  }

  /** Complete samples in the window, at most the capacity. */
  get length(): number {
    return Math.min(this.#window.length, this.#capacity);
  }

  /**
   * Time of the newest reading or seeded sample, epoch ms; −Infinity before the first. Readings up to there that come
   * again, as in batches that overlap, are best left out; else they are late ones.
   */
  get newestMs(): number {
    return Math.max(this.#clock.newestMs, this.#seededTo * this.#plan.stepMs);
  }

  /** Late readings so far that were ignored. */
  get late(): number {
    return this.#late;
  }

  /** When and why the window last began anew; null: never. */
  get restart(): WindowRestart | null {
    return this.#restart;
  }

  /** The samples, sharing memory with the window: they hold until the next `push`. */
  history(): History {
    return this.#window.history(this.#capacity);
  }

  /**
   * Begins with known samples. Readings for times up to the last of them change nothing.
   * @throws MlError `DATA` for a history of another step or another number of fields
   */
  seed(history: History): void {
    const { stepMs, others } = this.#plan;
    if (history.stepMs !== stepMs || history.others.length !== others.length) {
      const expected = `a step of ${stepMs} ms and ${others.length} further fields`;
      const got = `${history.stepMs} ms and ${history.others.length}`;
      throw new MlError('DATA', `A history for this model must have ${expected}, got ${got}.`);
    }
    this.#window = new SampleWindow(this.#plan, depthFor(this.#capacity));
    this.#window.fill(history);
    this.#clock = new CellClock(stepMs);
    this.#open = this.#waiting = null;
    this.#seededTo = this.#window.cell;
    this.#lateInRow = 0;
  }

  /**
   * Takes a reading in.
   * @returns the samples that it completed, filled ones included
   * @throws MlError `DATA` for a time that is not a number
   */
  push({ timestampMs, values }: Reading): number {
    if (!Number.isFinite(timestampMs)) {
      throw new MlError('DATA', `The time of a reading must be a number of milliseconds, got ${show(timestampMs)}.`);
    }
    const { inputs } = this.#layout;
    const row = this.#layout.rowOf((input) => values.get(inputs[input]!) ?? NaN);
    if (!this.#layout.counts(row)) return 0;
    if (timestampMs < this.#clock.newestMs) return this.#takeLate(timestampMs, row);
    const waiting = this.#waiting;
    this.#waiting = null;
    // One that does not come after the waiting one shows that the latter's time was wrong.
    const completed = waiting && timestampMs >= waiting.timestampMs ? this.#take(waiting.timestampMs, waiting.row) : 0;
    if (this.#isFarAhead(timestampMs)) {
      this.#waiting = { timestampMs, row };
      return completed;
    }
    return completed + this.#take(timestampMs, row);
  }

  #isFarAhead(timestampMs: number): boolean {
    const beforeMs = this.newestMs;
    if (beforeMs === -Infinity || this.#clock.isSlower) return false;
    return timestampMs - beforeMs > SHORT_GAP_SAMPLES * this.#plan.stepMs;
  }

  /** A reading that is not older than the newest. */
  #take(timestampMs: number, row: Float64Array): number {
    const cell = this.#clock.next(timestampMs);
    if (cell <= this.#seededTo) {
      // What was seeded may come again. What is older than all of it may come from a clock that was put back.
      return cell <= this.#seededTo - this.#window.length ? this.#ignore(timestampMs, row) : 0;
    }
    this.#seededTo = -Infinity;
    this.#lateInRow = 0;
    let completed = 0;
    if (this.#open !== null && this.#open.index !== cell) {
      completed += this.#close(this.#open);
      this.#open = null;
    }
    this.#open ??= new Bucket(cell, this.#plan.aggregation, row.length);
    this.#open.add(timestampMs, row, undefined);
    return this.#clock.aggregating ? completed : completed + this.#close(this.#open);
  }

  #takeLate(timestampMs: number, row: Float64Array): number {
    const cell = this.#clock.cellOf(timestampMs);
    if (this.#open?.index === cell) {
      this.#open.add(timestampMs, row, undefined);
      return this.#window.cell === cell ? this.#close(this.#open) : 0;
    }
    // The same reading again, as in batches that overlap.
    const isRepeated = this.#window.targetAt(cell) === this.#layout.seriesOf(row)[0];
    return isRepeated ? 0 : this.#ignore(timestampMs, row);
  }

  /** Ignores a late reading, unless there were so many in a row that the clock must have been put back. */
  #ignore(timestampMs: number, row: Float64Array): number {
    this.#late++;
    this.#lateInRow++;
    if (this.#lateInRow < CLOCK_PUT_BACK_ROWS) return 0;
    this.#window = new SampleWindow(this.#plan, depthFor(this.#capacity));
    this.#clock = new CellClock(this.#plan.stepMs);
    this.#open = this.#waiting = null;
    this.#seededTo = -Infinity;
    this.#restart = { atMs: timestampMs, reason: 'clock-put-back' };
    return this.#take(timestampMs, row);
  }

  /** Makes the sample of a cell, or makes it anew. @returns the samples that are new */
  #close(bucket: Bucket): number {
    const cell = bucket.index;
    const values = this.#layout.seriesOf(bucket.values());
    if (Number.isNaN(values[0]!)) {
      this.#window.remember(cell, values);
      return 0;
    }
    if (!this.#window.reaches(cell)) {
      this.#window.clear();
      this.#restart = { atMs: cell * this.#plan.stepMs, reason: 'silence' };
    }
    return this.#window.add(cell, values);
  }

  /** All that has been seen and still matters, as plain JSON: 11 bytes a sample and field. */
  snapshot(): JsonObject {
    const snapshot: GridStreamSnapshot = {
      plan: signatureOf(this.#plan),
      window: this.#window.snapshot(),
      clock: this.#clock.snapshot(),
      open: this.#open?.snapshot() ?? null,
      waiting: this.#waiting && {
        timestampMs: this.#waiting.timestampMs,
        row: Array.from(this.#waiting.row, (value) => (Number.isNaN(value) ? null : value)),
      },
      seededTo: this.#seededTo === -Infinity ? null : this.#seededTo,
      late: this.#late,
      lateInRow: this.#lateInRow,
      restart: this.#restart && { ...this.#restart },
    };
    return snapshot;
  }

  /**
   * Goes on where the snapshot was taken, with the same bits. The snapshot of another plan or a damaged one begins anew.
   * @param capacity - may differ from that at the time of the snapshot
   */
  static restore(plan: SeriesPlan, capacity: number, snapshot: JsonObject): GridStream {
    const stream = new GridStream(plan, capacity);
    const width = stream.#layout.rowOf(() => NaN).length;
    const known = checkGridStreamSnapshot(snapshot, width);
    if (known?.plan !== signatureOf(plan)) return stream;
    const window = SampleWindow.restore(plan, depthFor(capacity), known.window);
    if (window === undefined) return stream;
    stream.#window = window;
    stream.#clock = CellClock.restore(plan.stepMs, known.clock);
    stream.#open = known.open && Bucket.restore(known.open, plan.aggregation);
    stream.#waiting = known.waiting && {
      timestampMs: known.waiting.timestampMs,
      row: Float64Array.from(known.waiting.row, (value) => value ?? NaN),
    };
    stream.#seededTo = known.seededTo ?? -Infinity;
    stream.#late = known.late;
    stream.#lateInRow = known.lateInRow;
    stream.#restart = known.restart;
    return stream;
  }
}

/** One sample more than asked for: the day before is compared with the day after it. */
function depthFor(capacity: number): number {
  return capacity + 1;
}

/** Of all that decides what stands in the window. */
function signatureOf({ field, others, derived, stepMs, aggregation, judgeWhen }: SeriesPlan): string {
  const decisive = [field, others, derived, stepMs, aggregation, judgeWhen ?? null];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('base64');
}
