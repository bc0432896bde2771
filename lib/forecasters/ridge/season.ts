import type { History } from '../../core/history';
import { phases } from '../../readings/phases';

/** The seasons of a model, in samples; 0: none. A week is seven days. */
export interface Season {
  readonly day: number;
  readonly week: number;
}

type Clock = Pick<History, 'startMs' | 'stepMs' | 'timeZone'>;

/** The phases of the samples `first`, `first + 1` … of a history within day and week. */
export class SeasonPhases {
  readonly day: Uint32Array;
  readonly week: Uint32Array;

  constructor(
    readonly season: Season,
    clock: Clock,
    readonly first: number,
    count: number,
  ) {
    this.day = season.day > 0 ? phases(clock, first, count, season.day) : new Uint32Array(0);
    this.week = season.week > 0 ? phases(clock, first, count, season.week) : new Uint32Array(0);
  }
}

const HARMONICS = 3;

/** Fourier terms of day and week: three sines and three cosines each. */
export class CalendarTerms {
  readonly count: number;
  readonly #tables: readonly Float64Array[];

  constructor(season: Season) {
    this.#tables = [season.day, season.week].filter((period) => period > 0).map(fourier);
    this.count = 2 * HARMONICS * this.#tables.length;
  }

  /** The terms of sample i of `phases` (counted from its first). */
  write(out: Float64Array, { day, week }: SeasonPhases, i: number): void {
    this.#tables.forEach((table, t) => {
      const phase = (t === 0 ? day : week)[i]!;
      for (let k = 0; k < 2 * HARMONICS; k++) out[t * 2 * HARMONICS + k] = table[phase * 2 * HARMONICS + k]!;
    });
  }

  /** Each term as a series over all samples of `phases`. */
  series(phases: SeasonPhases): Float64Array[] {
    const length = phases.day.length;
    const out = Array.from({ length: this.count }, () => new Float64Array(length));
    const row = new Float64Array(this.count);
    for (let i = 0; i < length; i++) {
      this.write(row, phases, i);
      for (let k = 0; k < this.count; k++) out[k]![i] = row[k]!;
    }
    return out;
  }
}

/** `period × 2 · HARMONICS`. */
function fourier(period: number): Float64Array {
  const table = new Float64Array(period * 2 * HARMONICS);
  for (let phase = 0; phase < period; phase++) {
    for (let k = 1; k <= HARMONICS; k++) {
      const angle = (2 * Math.PI * phase * k) / period;
      table[phase * 2 * HARMONICS + 2 * (k - 1)] = Math.sin(angle);
      table[phase * 2 * HARMONICS + 2 * (k - 1) + 1] = Math.cos(angle);
    }
  }
  return table;
}
