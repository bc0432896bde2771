import type { JsonObject } from '../core/json';
import { Rhythm, type Tempo } from './rhythm';

/** Of steps: readings that come within this range after one another are neighbours on the grid. */
const NEIGHBOURS = { from: 0.5, to: 1.5 };
/** Of a step: so far may a reading lie from the time of its cell before it is put into another one. */
const MAX_OFFSET = 0.9;

/** Plain JSON. */
export interface CellClockSnapshot extends JsonObject {
  readonly newestMs: number | null;
  readonly cell: number | null;
  readonly intervals: readonly number[];
}

/**
 * Says to which cell of the grid a reading belongs; cell c stands for the time c × step.
 *
 * Readings that come faster than the step belong to the cell that begins at or before them. Those that come about once
 * a step belong to the nearest cell, and each to the one after the last's: a logger that polls half a step off the
 * grid, or drifts along it, would otherwise fill some cells twice and leave others empty.
 */
export class CellClock {
  readonly #stepMs: number;
  #rhythm: Rhythm;
  #tempo: Tempo = 'as-trained';
  #newestMs = -Infinity;
  #cell = -Infinity;

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
    this.#rhythm = new Rhythm(stepMs, [], 1);
  }

  /** Time of the newest reading; −Infinity before the first. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** Readings come faster than the step. */
  get aggregating(): boolean {
    return this.#tempo === 'faster';
  }

  /** Readings come more slowly than the step. */
  get isSlower(): boolean {
    return this.#tempo === 'slower';
  }

  /** The cell of a reading that is not older than the newest; never before the newest one's. */
  next(timestampMs: number): number {
    this.#rhythm.add(timestampMs - this.#newestMs);
    this.#tempo = this.#rhythm.tempo;
    const nearest = this.cellOf(timestampMs);
    const following = this.#cell + 1;
    const steps = (timestampMs - this.#newestMs) / this.#stepMs;
    const follows =
      !this.aggregating &&
      steps >= NEIGHBOURS.from &&
      steps <= NEIGHBOURS.to &&
      Math.abs(timestampMs / this.#stepMs - following) <= MAX_OFFSET;
    this.#newestMs = timestampMs;
    this.#cell = Math.max(follows ? following : nearest, this.#cell);
    return this.#cell;
  }

  /** The cell of any reading, by its time alone. */
  cellOf(timestampMs: number): number {
    const position = timestampMs / this.#stepMs;
    return this.aggregating ? Math.floor(position) : Math.round(position);
  }

  snapshot(): CellClockSnapshot {
    const known = this.#newestMs > -Infinity;
    return {
      newestMs: known ? this.#newestMs : null,
      cell: known ? this.#cell : null,
      intervals: this.#rhythm.snapshot(),
    };
  }

  static restore(stepMs: number, { newestMs, cell, intervals }: CellClockSnapshot): CellClock {
    const clock = new CellClock(stepMs);
    clock.#newestMs = newestMs ?? -Infinity;
    clock.#cell = cell ?? -Infinity;
    clock.#rhythm = new Rhythm(stepMs, intervals, 1);
    clock.#tempo = clock.#rhythm.tempo;
    return clock;
  }
}
