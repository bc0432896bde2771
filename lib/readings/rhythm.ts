/** Intervals that are looked back on. */
const INTERVALS = 9;
/** Fewer say nothing yet. */
const ENOUGH = 5;
/** Intervals shorter or longer than the step by more than this are another rhythm. */
const FACTOR = 2;

export type Tempo = 'faster' | 'as-trained' | 'slower';

/**
 * How fast readings come against a step: by the median of the newest intervals, so that one pause or one burst changes
 * nothing.
 */
export class Rhythm {
  readonly #stepMs: number;
  readonly #enough: number;
  readonly #intervals: number[] = [];

  /** @param stepMs - 0: any rhythm is the trained one; @param enough - with fewer intervals it is taken for the trained one */
  constructor(stepMs: number, intervals: readonly number[] = [], enough = ENOUGH) {
    this.#stepMs = stepMs;
    this.#enough = enough;
    this.#intervals.push(...intervals.slice(-INTERVALS));
  }

  /** @param intervalMs - since the reading before; 0 (the same time twice) and infinity (the first one) say nothing */
  add(intervalMs: number): void {
    if (!(intervalMs > 0 && intervalMs < Infinity)) return;
    if (this.#intervals.length === INTERVALS) this.#intervals.shift();
    this.#intervals.push(intervalMs);
  }

  get tempo(): Tempo {
    const intervals = this.#intervals;
    if (this.#stepMs <= 0 || intervals.length < this.#enough) return 'as-trained';
    let shorter = 0;
    let longer = 0;
    for (const interval of intervals) {
      if (interval * FACTOR < this.#stepMs) shorter++;
      else if (interval > this.#stepMs * FACTOR) longer++;
    }
    // More than half on one side: the median is there, too.
    if (2 * shorter > intervals.length) return 'faster';
    return 2 * longer > intervals.length ? 'slower' : 'as-trained';
  }

  /** Oldest first. */
  snapshot(): number[] {
    return [...this.#intervals];
  }
}
