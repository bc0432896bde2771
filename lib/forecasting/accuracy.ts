import type { JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import type { Accuracy } from './forecast';

/** Blocks that are kept: with 24 a horizon, the newest 21 horizons. */
const MAX_BLOCKS = 504;

/** What came of the forecasts for a few neighbouring samples. */
interface Block {
  /** Index of the first sample that was checked. */
  readonly first: number;
  absoluteError: number;
  inside: number;
  points: number;
}

/** Adds up how far off forecasts were, over a window of the newest samples, in blocks of a few. */
export class AccuracyWindow {
  readonly #blockSize: number;
  readonly #blocks: Block[] = [];

  /**
   * @param blockSize - samples, at least 1
   * @param saved - what `snapshot` gave, with the same size
   */
  constructor(blockSize: number, saved?: JsonObject) {
    this.#blockSize = blockSize;
    const numbers = unpackNumbers(saved?.blocks);
    // The first of four is an index, below 0 before 1970.
    if (!numbers?.every((each, i) => Number.isFinite(each) && (each >= 0 || i % 4 === 0))) return;
    if (numbers.length % 4 !== 0) return;
    for (let i = 0; i < numbers.length; i += 4) {
      const [first, absoluteError, inside, points] = numbers.subarray(i, i + 4) as unknown as Numbers;
      this.#blocks.push({ first, absoluteError, inside, points });
    }
  }

  /**
   * @param index - of the sample, not below the last one's
   * @param absoluteErrors - of the forecasts that were made for it, in the target's unit
   * @param inside - how many of their intervals held it
   */
  add(index: number, absoluteErrors: readonly number[], inside: number): void {
    if (absoluteErrors.length === 0) return;
    const last = this.#blocks.at(-1);
    const isOfLast = last && this.#blockOf(last.first) === this.#blockOf(index);
    const block = isOfLast ? last : { first: index, absoluteError: 0, inside: 0, points: 0 };
    if (!isOfLast) this.#blocks.push(block);
    if (this.#blocks.length > MAX_BLOCKS) this.#blocks.shift();
    block.absoluteError += absoluteErrors.reduce((a, b) => a + b);
    block.inside += inside;
    block.points += absoluteErrors.length;
  }

  /**
   * @param naiveError - mean absolute error of repeating the last season, in training
   * @returns null before the first check
   */
  accuracy(naiveError: number, stepMs: number): Accuracy | null {
    const first = this.#blocks[0];
    if (!first) return null;
    const sum = (part: (block: Block) => number): number => this.#blocks.reduce((a, block) => a + part(block), 0);
    const points = sum((block) => block.points);
    const mae = sum((block) => block.absoluteError) / points;
    return {
      mae,
      mase: naiveError > 0 ? mae / naiveError : null,
      coverage: sum((block) => block.inside) / points,
      points,
      since: new Date(first.first * stepMs).toISOString(),
    };
  }

  /** Plain JSON. */
  snapshot(): JsonObject {
    const numbers = this.#blocks.flatMap(({ first, absoluteError, inside, points }) => [
      first,
      absoluteError,
      inside,
      points,
    ]);
    return { blocks: packNumbers(Float64Array.from(numbers)) };
  }

  #blockOf(index: number): number {
    return Math.floor(index / this.#blockSize);
  }
}

type Numbers = readonly [number, number, number, number];
