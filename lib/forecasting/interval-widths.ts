import { normalQuantile, studentQuantile } from '../core/quantiles';

/** Levels at which widths are tabulated, by what they leave over: from all to a millionth. */
const TABLED = Array.from({ length: 97 }, (_, i) => 1 - 10 ** (-i / 16));

/** How wide an interval of any level is, and back: what level an interval of a given width has. */
export class IntervalWidths {
  /** Rising, from 0 on. */
  readonly #levels: readonly number[];
  readonly #normal: readonly number[];
  /** At the levels, never falling, from 0 on. */
  readonly #widths: Float64Array;

  /** @param exact - levels in (0, 1) whose widths must not be interpolated */
  constructor(exact: readonly number[]) {
    this.#levels = [...new Set([...TABLED, ...exact])].sort((a, b) => a - b);
    this.#normal = this.#levels.map((level) => normalQuantile(0.5 + level / 2));
    this.#widths = new Float64Array(this.#levels.length);
  }

  /**
   * @param sorted - scores in rising order
   * @param missesAt - level → share of the scores that may lie outside
   * @param freedom - degrees of freedom of the Student distribution that widths are stretched by
   */
  set(sorted: Float64Array, missesAt: (level: number) => number, freedom: number): void {
    for (let i = 1; i < this.#widths.length; i++) {
      const level = this.#levels[i]!;
      const stretch = studentQuantile(0.5 + level / 2, freedom) / this.#normal[i]!;
      const width = stretch * quantileFromZero(sorted, 1 - missesAt(level));
      this.#widths[i] = Math.max(this.#widths[i - 1]!, width);
    }
  }

  /** @param level - in (0, 1) */
  widthOf(level: number): number {
    const above = firstFrom(level, this.#levels);
    if (above === this.#levels.length) return this.#widths.at(-1)!;
    return interpolated(level, this.#levels, this.#widths, above);
  }

  /** The highest level whose width is at most `width`, 0…1. */
  levelOf(width: number): number {
    const above = firstFrom(width, this.#widths, true);
    return above === this.#widths.length ? 1 : interpolated(width, this.#widths, this.#levels, above);
  }
}

/**
 * The score that a new one is at most with probability `p`: the k-th smallest of n with k / (n + 1), 0 with 0, and
 * linear between.
 */
function quantileFromZero(sorted: Float64Array, p: number): number {
  const place = Math.min(p * (sorted.length + 1), sorted.length);
  const whole = Math.floor(place);
  const below = whole === 0 ? 0 : sorted[whole - 1]!;
  return whole === sorted.length ? below : below + (place - whole) * (sorted[whole]! - below);
}

/** Place of the first of rising numbers that is at least `value`, or with `beyond`, greater than it. */
function firstFrom(value: number, rising: ArrayLike<number>, beyond = false): number {
  let from = 0;
  let to = rising.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (rising[middle]! < value || (beyond && rising[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** On the line that ends at point `i`, 1 or more. */
function interpolated(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>, i: number): number {
  const share = (x - xs[i - 1]!) / (xs[i]! - xs[i - 1]!);
  return share >= 1 ? ys[i]! : ys[i - 1]! + share * (ys[i]! - ys[i - 1]!);
}
