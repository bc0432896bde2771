import type { History } from '../../core/history';
import { phases } from '../../readings/phases';

/** A season as a sum of waves that go round a whole number of times in a period. */
export interface Waves {
  /** In samples. */
  readonly period: number;
  /** How often each goes round, rising. */
  readonly rounds: readonly number[];
}

/** Where in time the curve was fitted: its first sample, and how many steps after it the last one was. */
export interface Span {
  readonly startMs: number;
  readonly steps: number;
}

/**
 * The waves of each season: of the shortest the first `order`, of the longer ones twice as many, so that a week can tell
 * its days apart, without those that the shorter ones have.
 * @param periods - in samples, rising; those that the samples do not hold twice are left out
 */
export function wavesOf(periods: readonly number[], order: number, samples: number): Waves[] {
  const seasons: Waves[] = [];
  for (const period of periods.filter((each) => 2 * each <= samples)) {
    const most = Math.min(seasons.length === 0 ? order : 2 * order, Math.floor(period / 2), Math.floor(samples / 20));
    const isNew = (round: number): boolean =>
      !seasons.some((other) => other.rounds.some((known) => known * period === round * other.period));
    const rounds = Array.from({ length: most }, (_, k) => k + 1).filter(isNew);
    if (rounds.length > 0) seasons.push({ period, rounds });
  }
  return seasons;
}

/** The columns of the regression: 1, time, time since each change point, and a cosine and a sine for each wave. */
export class Design {
  readonly columns: number;
  /** By season: cosines and sines of each phase, one after the other. */
  readonly #tables: readonly Float64Array[];

  /** @param changes - where the slope may change: shares of the span, rising */
  constructor(
    readonly span: Span,
    readonly changes: Float64Array,
    readonly seasons: readonly Waves[],
  ) {
    this.columns = 2 + changes.length + seasons.reduce((sum, { rounds }) => sum + 2 * rounds.length, 0);
    this.#tables = seasons.map(tableOf);
  }

  /** Calls `use` for each sample with its row of the design, which is the same array each time. */
  forEachRow(history: History, first: number, count: number, use: (row: Float64Array, i: number) => void): void {
    const { span, changes, seasons, columns } = this;
    const row = new Float64Array(columns);
    const known = seasons.map(({ period }) => phases(history, first, count, period));
    const before = Math.round((history.startMs - span.startMs) / history.stepMs) + first;
    row[0] = 1;
    for (let i = 0; i < count; i++) {
      const time = (before + i) / span.steps;
      row[1] = time;
      for (let c = 0; c < changes.length; c++) row[2 + c] = Math.max(0, time - changes[c]!);
      let at = 2 + changes.length;
      for (let s = 0; s < seasons.length; s++) {
        const table = this.#tables[s]!;
        const width = 2 * seasons[s]!.rounds.length;
        const from = known[s]![i]! * width;
        for (let w = 0; w < width; w++) row[at++] = table[from + w]!;
      }
      use(row, i);
    }
  }

  /** The curve with these coefficients, at each sample. */
  curve(history: History, first: number, count: number, coefficients: Float64Array): Float64Array {
    const out = new Float64Array(count);
    this.forEachRow(history, first, count, (row, i) => {
      let sum = 0;
      for (let c = 0; c < row.length; c++) sum += row[c]! * coefficients[c]!;
      out[i] = sum;
    });
    return out;
  }
}

function tableOf({ period, rounds }: Waves): Float64Array {
  const table = new Float64Array(period * 2 * rounds.length);
  for (let phase = 0, at = 0; phase < period; phase++) {
    for (const round of rounds) {
      // The remainder first, so that waves which go round often stay exact.
      const angle = (2 * Math.PI * ((phase * round) % period)) / period;
      table[at++] = Math.cos(angle);
      table[at++] = Math.sin(angle);
    }
  }
  return table;
}
