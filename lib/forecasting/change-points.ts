import { medianInPlace } from '../core/statistics';
import { levelNoise } from './level-noise';
import { withoutSeasons } from './without-seasons';

/** A level holds at least so many samples, and a season. */
const MIN_SAMPLES = 10;
/** A season shows only in so many repetitions. */
const MIN_SEASONS = 3;
/** Pieces that changes are looked for between; each is then found to the sample. */
const MAX_PIECES = 400;
/** How many standard deviations the two levels' difference must be. */
const THRESHOLD = 4.5;
/** By so many variances of the noise a step must fit better than a slope. */
const STEP_MARGIN = 6;
/** A level that comes back this nearly, as a part of the change, was not left for good. */
const RETURNED = 0.3;
/** Samples that the running median looks at: what lasts less than half of them is no level. */
const SMOOTHED = 5;
/** Standard deviation of long means of running medians against that of the values', for white normal noise. */
const MEDIANS_NOISE = 1.2;

/** Numbers summed up so that any piece's mean and squares, about it or about a line, take a few steps. */
class Sums {
  readonly #value: Float64Array;
  readonly #square: Float64Array;
  readonly #moment: Float64Array;

  constructor(values: Float64Array) {
    const n = values.length;
    this.#value = new Float64Array(n + 1);
    this.#square = new Float64Array(n + 1);
    this.#moment = new Float64Array(n + 1);
    const origin = n > 0 ? medianInPlace(values.slice()) : 0;
    for (let i = 0; i < n; i++) {
      const value = values[i]! - origin;
      this.#value[i + 1] = this.#value[i]! + value;
      this.#square[i + 1] = this.#square[i]! + value * value;
      this.#moment[i + 1] = this.#moment[i]! + i * value;
    }
  }

  mean(from: number, to: number): number {
    return (this.#value[to]! - this.#value[from]!) / (to - from);
  }

  /** Sum of squares about the mean. */
  aboutMean(from: number, to: number): number {
    const sum = this.#value[to]! - this.#value[from]!;
    return this.#square[to]! - this.#square[from]! - (sum * sum) / (to - from);
  }

  /** Sum of squares about the straight line that fits best. */
  aboutLine(from: number, to: number): number {
    const n = to - from;
    const middle = (from + to - 1) / 2;
    const covariance = this.#moment[to]! - this.#moment[from]! - middle * (this.#value[to]! - this.#value[from]!);
    return this.aboutMean(from, to) - (covariance * covariance) / ((n * (n * n - 1)) / 12);
  }

  /** Difference of the means before and from `at`, times the root of the sample size that it is worth. */
  contrast(from: number, at: number, to: number): number {
    const worth = ((at - from) * (to - at)) / (to - from);
    return Math.sqrt(worth) * (this.mean(at, to) - this.mean(from, at));
  }
}

/** A series in which changes are looked for, and what counts as one. */
interface Levels {
  readonly sums: Sums;
  readonly length: number;
  /** One in so many samples is looked at first. */
  readonly stride: number;
  /** Samples that a level holds for at least. */
  readonly shortest: number;
  /** Standard deviation of a long mean, times the root of its length. */
  readonly noise: number;
}

export interface ChangePointOptions {
  /** Seasonal periods in samples. */
  readonly periods?: readonly number[];
}

/**
 * Where the level of a series changed for good: by binary segmentation (A. Scott, M. Knott, 1974) of what is left
 * without its seasons, with a threshold in units of its noise that allows for neighbouring samples being alike. A change
 * stays only where a step fits better than a slope, so that a drift is no change, and where the level does not come back
 * soon, so that an outlier, a burst or a weekend is none. A level holds for 10 samples and one season at least: a newer
 * change is not found yet.
 *
 * Simulated, 200 series each of 50 to 20,160 samples: a change is found in none of white noise, nor with one outlier or a
 * daily season; in up to 3 % of autoregressive noise (0.9; 6 % about a season that is there seven times). A shift of three
 * standard deviations of white noise is found in 86 % of 100 samples and in all of 1,000, on average within one sample.
 *
 * Cost: linear, about 3 ms for 20,160 samples.
 * @param values - all finite
 * @returns first samples of the new levels, rising; none where a season is known but not there three times
 */
export function changePoints(values: Float64Array, { periods = [] }: ChangePointOptions = {}): number[] {
  const n = values.length;
  const seasons = periods.filter((period) => MIN_SEASONS * period <= n);
  if (n < 2 * MIN_SAMPLES || seasons.length < Math.min(1, periods.length)) return [];
  const left = withoutSeasons(values, seasons);
  const stride = Math.ceil(n / MAX_PIECES);
  const level: Levels = {
    sums: new Sums(runningMedian(left)),
    length: n,
    stride,
    shortest: Math.max(MIN_SAMPLES, 2 * stride, ...seasons),
    noise: MEDIANS_NOISE * Math.sqrt(stride) * levelNoise(meansOf(left, stride)),
  };
  return prune(segment(level), level);
}

/** Means of pieces; the oldest values that make no whole one are left out. */
function meansOf(values: Float64Array, piece: number): Float64Array {
  const means = new Float64Array(Math.floor(values.length / piece));
  const first = values.length % piece;
  for (let i = first; i < values.length; i++) means[Math.floor((i - first) / piece)]! += values[i]! / piece;
  return means;
}

/** Splits at the clearest change, then both sides, as long as there is one. */
function segment(levels: Levels): number[] {
  const changes: number[] = [];
  const open: [number, number][] = [[0, levels.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [from, to] = range;
    if (to - from < 2 * levels.shortest) continue;
    const change = bestSplit(levels, from, to);
    if (!isClear(levels, from, change, to)) continue;
    changes.push(change);
    open.push([from, change], [change, to]);
  }
  return changes.sort((a, b) => a - b);
}

/** The split whose sides differ most: first one in so many samples is tried, then those about the best. */
function bestSplit({ sums, stride, shortest }: Levels, from: number, to: number): number {
  const best = (first: number, last: number, step: number): number => {
    let [found, most] = [first, -1];
    for (let at = first; at <= last; at += step) {
      const size = Math.abs(sums.contrast(from, at, to));
      if (size > most) [found, most] = [at, size];
    }
    return found;
  };
  const [first, last] = [from + shortest, to - shortest];
  const about = best(first, last, stride);
  return best(Math.max(first, about - stride), Math.min(last, about + stride), 1);
}

function isClear({ sums, noise }: Levels, from: number, at: number, to: number): boolean {
  const size = Math.abs(sums.contrast(from, at, to));
  return size > THRESHOLD * noise && size > 1e-9 * Math.sqrt(sums.aboutMean(from, to) + size * size);
}

/** Takes back changes, the least clear one first, until each stands between its neighbours. */
function prune(changes: readonly number[], levels: Levels): number[] {
  const kept = [...changes];
  for (;;) {
    const ends = [0, ...kept, levels.length];
    const back = returnOf(ends, levels);
    if (back >= 0) {
      kept.splice(back, 2);
      continue;
    }
    const spans = kept.map((at, i): [number, number, number] => [ends[i]!, at, ends[i + 2]!]);
    const sizes = spans.map((span) => Math.abs(levels.sums.contrast(...span)));
    const weak = spans.map((span) => !isClear(levels, ...span) || isSlope(levels, ...span));
    const worst = weak.reduce((least, is, i) => (is && (least < 0 || sizes[i]! < sizes[least]!) ? i : least), -1);
    if (worst >= 0) {
      kept.splice(worst, 1);
      continue;
    }
    // Without those that were taken back a change may lie better elsewhere.
    const better = spans.map(([from, , to]) => bestSplit(levels, from, to));
    const moved = spans.findIndex(
      ([from, , to], i) => Math.abs(levels.sums.contrast(from, better[i]!, to)) > sizes[i]! * (1 + 1e-9),
    );
    if (moved < 0) return kept;
    kept[moved] = better[moved]!;
  }
}

/** Whether a straight line fits as well as a step; a step that was looked for among many fits noise a little, too. */
function isSlope({ sums, noise }: Levels, from: number, at: number, to: number): boolean {
  const aboutStep = sums.aboutMean(from, at) + sums.aboutMean(at, to);
  return sums.aboutLine(from, to) <= aboutStep + STEP_MARGIN * noise * noise;
}

/**
 * The first of two changes between which the level was only away: it came back, and stayed longer before and after.
 * @returns its place among the changes; −1: none
 */
function returnOf(ends: readonly number[], { sums }: Levels): number {
  for (let i = 0; i + 3 < ends.length; i++) {
    const [a, b, c, d] = ends.slice(i, i + 4) as [number, number, number, number];
    if (c - b >= Math.min(b - a, d - c)) continue;
    const [before, away, after] = [sums.mean(a, b), sums.mean(b, c), sums.mean(c, d)];
    if (Math.abs(after - before) < RETURNED * Math.min(Math.abs(away - before), Math.abs(away - after))) return i;
  }
  return -1;
}

function runningMedian(values: Float64Array): Float64Array {
  const half = SMOOTHED >> 1;
  const window = new Float64Array(SMOOTHED);
  return values.map((value, i) => {
    if (i < half || i + half >= values.length) return value;
    for (let k = 0; k < SMOOTHED; k++) {
      // Insertion into the sorted part: five numbers need no more.
      const next = values[i - half + k]!;
      let j = k;
      for (; j > 0 && window[j - 1]! > next; j--) window[j] = window[j - 1]!;
      window[j] = next;
    }
    return window[half]!;
  });
}
