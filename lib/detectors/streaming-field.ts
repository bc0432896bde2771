import type { JsonObject } from '../core/json';
import { medianInPlace } from '../core/statistics';
import {
  checkSavedField,
  type FieldNumbers,
  FIRST_VALUES,
  NOTHING_KNOWN,
  type SavedField,
} from './streaming-field-state';
import { TrailingHistogram } from './trailing-histogram';

/** Share of a new value in the fast level, in the slow level and the usual sizes, and in what is going on now. */
const FAST = 1 / 16;
const SLOW = 1 / 256;
const NOW = 1 / 8;
/** Values after which a mean with that share has settled. */
const settled = (share: number): number => 4 / share;
/** One value moves what is going on now by at most so many usual sizes: a single spike is no change of level. */
const CLIP = 5;
/** A value less probable than this is not learned from like others: */
const CAUTIOUS = 1e-3;
/** of an episode of such values only every so many, and the first when the episode is over, */
const EVERY = 50;
/** and as if it were at most so many times the limit. */
const GROWTH = 16;
/** The episode is over after so many values in a row that were not improbable. */
const CALM = 32;
/** Forgetting of the smallest step, a change. */
const STEP_FADING = 1 + 1 / 4000;
/** Smaller changes, relative to the value, are floating-point noise and no step. */
const NOISE = 1e-9;
/** Activity below this share of the smallest step is none, and counts as so many halvings. */
const STILL = 1 / 64;
const STILL_OCTAVES = 32;
/** Share of values outside the expected range. */
const OUTSIDE = 0.01;

/**
 * What is looked at: how far the value is from the recent level; how far the level of the last few values is from
 * that of the last few hundred; how restless they are, and how quiet; for how long the value has not changed.
 * With each, how many neighbours say as much as one independent value.
 */
const CORRELATIONS = [2, 32, 12, 12, 1];
const [DEVIATION, LEVEL, RESTLESSNESS, QUIETNESS, STILLNESS] = [0, 1, 2, 3, 4] as const;

/** Smallest step of the last two: an eighth less activity, in halvings; one value. */
const COUNTED = [0, 0, 0, -Math.log2(1 - NOW), 1];
/** Values before each is judged beyond the field's own warm-up, and before it is remembered. */
const WARM_UPS = [0, settled(SLOW), 0, 0, 0];
const STARTS = [0, settled(FAST), settled(NOW), settled(NOW), 0];

const NO_LIMITS = CORRELATIONS.map(() => Infinity);

/** How many tests are made on each value. */
export const TESTS = CORRELATIONS.length;

/**
 * One field of the streaming detector: follows its level and remembers how far, how long and how restlessly its
 * values usually stray, all with forgetting. About 0.5 µs to judge and as much to learn; 3 KB.
 */
export class StreamingField {
  readonly #numbers: FieldNumbers;
  /** One a test; none until there were enough values for a level: a field that hardly ever comes takes hardly any room. */
  #histograms: readonly TrailingHistogram[];
  #first: number[];
  /** Sizes of the first value of the episode that is going on. */
  #deferred: readonly number[];
  #wentNegative: boolean;
  #wentPositive: boolean;
  /** The value looked at last, and what was found; NaN: none since the last one was learned. */
  #looked = NaN;
  #least = 1;
  readonly #probabilities = new Float64Array(TESTS).fill(1);
  readonly #sizes = new Float64Array(TESTS);
  #near = 0;
  #activity = 0;

  constructor(
    private readonly warmUp: number,
    saved?: SavedField,
  ) {
    this.#numbers = saved === undefined ? { ...NOTHING_KNOWN } : { ...saved.numbers };
    this.#first = saved === undefined ? [] : [...saved.first];
    this.#deferred = saved?.deferred ?? [];
    this.#wentNegative = saved?.wentNegative ?? false;
    this.#wentPositive = saved?.wentPositive ?? false;
    this.#histograms = (saved?.histograms ?? []).map((histogram, test) =>
      TrailingHistogram.restore(histogram, CORRELATIONS[test]!),
    );
  }

  /** Values seen. */
  get count(): number {
    return this.#numbers.count;
  }

  get isReady(): boolean {
    return this.#numbers.count >= this.warmUp;
  }

  /** Probability of the least probable of `TESTS` sights of the value; 1 during the warm-up and for NaN. Pure. */
  probability(value: number): number {
    if (!this.isReady || Number.isNaN(value)) return 1;
    if (value === this.#looked) return this.#least;
    this.#look(value);
    let least = 1;
    for (let test = 0; test < TESTS; test++) {
      const probability = this.#numbers.count < WARM_UPS[test]! ? 1 : this.#exceedance(test);
      this.#probabilities[test] = probability;
      if (probability < least) least = probability;
    }
    this.#looked = value;
    this.#least = least;
    return least;
  }

  /** Surprise (−log₁₀ p) of two of those sights, squared and summed: unusually quiet, unusually long unchanged. Pure. */
  stillness(value: number): number {
    this.probability(value);
    return [QUIETNESS, STILLNESS].reduce((sum, test) => sum + Math.log10(this.#probabilities[test]!) ** 2, 0);
  }

  /** The smallest step between two values so far; 0: none is known. */
  get step(): number {
    return this.#numbers.step;
  }

  /** The range in which the value was to be expected; NaN before the warm-up is over. Pure. */
  expected(value: number): readonly [low: number, high: number] {
    if (!this.isReady) return [NaN, NaN];
    this.probability(value);
    const byLevel = this.#probabilities[LEVEL]! < Math.min(OUTSIDE, this.#probabilities[DEVIATION]!);
    const test = byLevel ? LEVEL : DEVIATION;
    const centre = byLevel ? this.#numbers.slow : this.#numbers.fast;
    const reach = this.#histograms[test]!.quantile(OUTSIDE, this.#resolution(test));
    const half = reach < Infinity ? reach : 0;
    const [low, high] = [centre - half, centre + half];
    return [this.#wentNegative ? low : Math.max(0, low), this.#wentPositive ? high : Math.min(0, high)];
  }

  learn(value: number): void {
    const { count } = this.#numbers;
    if (count < FIRST_VALUES) {
      this.#begin(value);
      return;
    }
    const cautious = this.probability(value) * TESTS < CAUTIOUS;
    if (count < this.warmUp) this.#look(value);
    this.#looked = NaN;
    this.#moveOn(value);
    if (cautious) this.#learnImprobable(value);
    else this.#learnUsual(value);
  }

  snapshot(): JsonObject {
    return {
      first: [...this.#first],
      deferred: [...this.#deferred],
      numbers: { ...this.#numbers },
      wentNegative: this.#wentNegative,
      wentPositive: this.#wentPositive,
      histograms: this.#histograms.map((histogram) => histogram.snapshot()),
    };
  }

  /** @throws MlError `ARTIFACT` where the state is damaged */
  static restore(state: JsonObject, warmUp: number): StreamingField {
    return new StreamingField(warmUp, checkSavedField(state, TESTS));
  }

  /** Takes the first level from the median of the first values, so that a single wild one among them does no harm. */
  #begin(value: number): void {
    const numbers = this.#numbers;
    const first = this.#first;
    first.push(value);
    this.#noteSign(value);
    numbers.count++;
    if (first.length < FIRST_VALUES) return;
    const level = medianOf(first);
    const changes = first.slice(1).map((next, i) => Math.abs(next - first[i]!));
    const distances = first.map((each) => Math.abs(each - level)).sort((a, b) => a - b);
    numbers.fast = numbers.slow = numbers.near = level;
    numbers.last = numbers.learned = value;
    numbers.distance = medianOf(distances);
    numbers.change = numbers.activity = medianOf(changes);
    const steps = changes.filter((change) => change > 0);
    numbers.step = steps.length > 0 ? Math.min(...steps) : 0;
    this.#histograms = CORRELATIONS.map((correlation) => new TrailingHistogram(correlation));
    for (const distance of distances) this.#histograms[DEVIATION]!.insert(distance);
    this.#first = [];
  }

  /** The sizes of what is looked at, were this the next value. */
  #look(value: number): void {
    const numbers = this.#numbers;
    const { fast, slow, distance, change, near, activity, last, unchanged, step } = numbers;
    const moved = Math.abs(value - last);
    const clipped = distance > 0 ? clamp(value - slow, CLIP * distance) : value - slow;
    this.#near = near + NOW * (slow + clipped - near);
    this.#activity = activity + NOW * ((change > 0 ? Math.min(moved, CLIP * change) : moved) - activity);
    // Where no step is known, nothing has ever changed before what goes on now.
    const still = !(this.#activity > STILL * (step > 0 ? step : Math.max(moved, numbers.moved)));
    const sizes = this.#sizes;
    sizes[DEVIATION] = Math.abs(value - fast);
    sizes[LEVEL] = Math.abs(this.#near - slow);
    sizes[RESTLESSNESS] = still ? 0 : this.#activity;
    sizes[QUIETNESS] = still ? STILL_OCTAVES : Math.max(0, Math.log2(change / this.#activity));
    sizes[STILLNESS] = moved > 0 ? 0 : unchanged + 1;
  }

  #exceedance(test: number): number {
    return this.#histograms[test]!.exceedance(this.#sizes[test]!, this.#resolution(test));
  }

  /** Smallest step of each size. */
  #resolution(test: number): number {
    const { step } = this.#numbers;
    return test === DEVIATION ? step : test === LEVEL ? step / 4 : test === RESTLESSNESS ? step * NOW : COUNTED[test]!;
  }

  /** What is going on now follows every value, normal or not. */
  #moveOn(value: number): void {
    const numbers = this.#numbers;
    numbers.near = this.#near;
    numbers.activity = this.#activity;
    numbers.unchanged = this.#sizes[STILLNESS]!;
    if (value !== numbers.last) numbers.moved = Math.abs(value - numbers.last);
    numbers.last = value;
    numbers.count++;
  }

  /** An ongoing anomaly is not learned at once, but in the end it is: it may be the new normal. */
  #learnImprobable(value: number): void {
    const numbers = this.#numbers;
    numbers.calm = 0;
    numbers.episode++;
    if (numbers.episode === 1) this.#defer(value);
    else if (numbers.episode % EVERY === 0) this.#learn(value, this.#limits());
  }

  #learnUsual(value: number): void {
    const numbers = this.#numbers;
    this.#learn(value, numbers.count <= this.warmUp ? this.#limits() : NO_LIMITS);
    if (numbers.episode === 0 || ++numbers.calm < CALM) return;
    numbers.episode = 0;
    this.#learnStep(numbers.deferredStep);
    for (const [test, histogram] of this.#histograms.entries()) histogram.insert(this.#deferred[test]!);
  }

  /** The largest sizes that are taken for what they are. */
  #limits(): readonly number[] {
    return this.#histograms.map(
      (histogram, test) => GROWTH * histogram.quantile(CAUTIOUS / TESTS, this.#resolution(test)),
    );
  }

  #defer(value: number): void {
    const numbers = this.#numbers;
    numbers.deferredStep = Math.abs(value - numbers.learned);
    this.#deferred = this.#limits().map((limit, test) => Math.min(limit, this.#sizes[test]!));
  }

  #learnStep(step: number): void {
    const numbers = this.#numbers;
    if (!(step > NOISE * Math.abs(numbers.learned))) return;
    numbers.step = numbers.step > 0 ? Math.min(step, numbers.step * STEP_FADING) : step;
  }

  #learn(value: number, limits: readonly number[]): void {
    const numbers = this.#numbers;
    const sizes = this.#sizes;
    this.#learnStep(Math.abs(value - numbers.learned));
    numbers.learned = value;
    this.#noteSign(value);

    for (let test = 0; test < TESTS; test++) {
      if (numbers.count > STARTS[test]!) this.#histograms[test]!.insert(Math.min(sizes[test]!, limits[test]!));
    }
    const deviation = limits[DEVIATION]!;
    const fast = Math.max(FAST, 1 / numbers.count);
    const slow = Math.max(SLOW, 1 / numbers.count);
    numbers.distance += slow * (Math.min(Math.abs(value - numbers.slow), deviation) - numbers.distance);
    numbers.change += slow * (Math.min(numbers.activity, 2 * deviation) - numbers.change);
    numbers.fast += fast * clamp(value - numbers.fast, deviation);
    numbers.slow += slow * clamp(numbers.near - numbers.slow, limits[LEVEL]!);
  }

  #noteSign(value: number): void {
    if (value < 0) this.#wentNegative = true;
    else if (value > 0) this.#wentPositive = true;
  }
}

function medianOf(values: readonly number[]): number {
  return medianInPlace(Float64Array.from(values));
}

function clamp(value: number, limit: number): number {
  return value > limit ? limit : value < -limit ? -limit : value;
}
