import { MlError, show } from '../core/errors';
import type { JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import { mean } from '../core/statistics';
import { errorOf, FREEDOM_PER_WINDOW, fromScale, MAX_SCORES, scaleAt, toScale, type IntervalState } from './intervals';
import { IntervalWidths } from './interval-widths';
import { ScoreWindow } from './score-window';

/** How wide the intervals were when a forecast was made, to be kept until the values have come. */
export interface Issued {
  readonly volatility: number;
  /** Half-widths in units of the step's scale, one for each of `LiveIntervals.levels`. */
  readonly widths: Float64Array;
}

/** A forecast for the moment whose value has come. */
export interface Verifiable {
  /** How many steps ahead it was made, 0 the first. */
  readonly step: number;
  readonly value: number;
  readonly issued: Issued;
}

export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

interface Saved {
  readonly scores: Float64Array;
  readonly misses: Float64Array;
  readonly sums: Float64Array;
}

/** Levels whose coverage is watched whatever is asked for; those between lie between. */
const WATCHED_LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99];
/**
 * How far all values of one horizon together move a level's share of misses, and the least share. Per horizon, since one
 * event makes all forecasts miss that were made up to a horizon before it.
 */
const STEP_SIZE = 0.072;
const LEAST_MISSES = 0.0005;
/** Periods that the scores are taken from, once as many have been seen. */
const SCORE_PERIODS = 30;
/** Samples that stand for a period where there is none. */
const NO_PERIOD = 24;
/** Errors twice as large as usual widen the intervals by 2 to the power of this. */
const VOLATILITY_POWER = 0.5;
const VOLATILITY_RANGE = [0.05, 20] as const;
/** A forecast knew of the unrest where its interval was at least this share of it wider. */
const NOTICED_UNREST = 0.5;
/** Half-life in samples → samples that the mean over all the past is worth. */
const WEIGHT_OF_PAST = 1 / Math.LN2;

/**
 * Prediction intervals that keep their level as the series changes: adaptive conformal inference (I. Gibbs, E. Candès:
 * Adaptive conformal inference under distribution shift. NeurIPS, 2021), on scores that are refreshed by the values that
 * come, in units of how large errors have been of late.
 *
 * One instance follows one series: call `verify` once for each sample, with every forecast that was made for it.
 */
export class LiveIntervals {
  /** Levels whose coverage is kept each by itself, rising. */
  readonly levels: readonly number[];
  readonly #state: IntervalState;
  readonly #widths: IntervalWidths;
  #widthsAreOld = true;
  readonly #scores: ScoreWindow;
  /** Share of misses that each level aims at so that as many come as it promises. */
  readonly #misses: Float64Array;
  /** Mean score of the calibration, and the discounted sums of those since. */
  readonly #usualScore: number;
  readonly #discount: number;
  #scoreSum: number;
  #scoreWeight: number;
  /** Samples verified, and how many scores may be kept of the next. */
  #verified = 0;
  #allowance = 0;

  /**
   * @param level - one that will be asked for often: its coverage is watched, too
   * @param saved - what `snapshot` gave, of the same state and level
   */
  constructor(state: IntervalState, level: number, saved?: JsonObject) {
    checkLevel(level);
    this.#state = state;
    this.levels = [...new Set([...WATCHED_LEVELS, level])].sort((a, b) => a - b);
    this.#widths = new IntervalWidths(this.levels);
    const halfLife = this.#period;
    this.#usualScore = mean(state.scores);
    this.#discount = 0.5 ** (1 / halfLife);
    this.#scoreWeight = WEIGHT_OF_PAST * halfLife;
    this.#scoreSum = this.#usualScore * this.#scoreWeight;
    this.#misses = Float64Array.from(this.levels, (each) => 1 - each);
    const whole = saved ? readSnapshot(saved, this.levels.length) : null;
    this.#scores = new ScoreWindow(MAX_SCORES, whole?.scores ?? state.scores);
    if (!whole) return;
    this.#misses.set(whole.misses);
    const [scoreSum, scoreWeight, verified, allowance] = whole.sums;
    this.#scoreSum = scoreSum!;
    this.#scoreWeight = scoreWeight!;
    this.#verified = verified!;
    this.#allowance = allowance!;
  }

  get #period(): number {
    return this.#state.period >= 2 ? this.#state.period : NO_PERIOD;
  }

  /**
   * How many times as large as usual errors are for the time being: intervals are at least so much wider. At least 1.
   * Forecasts made before that was noticed teach nothing, for they belong to another time.
   */
  unrest = 1;

  /** How large errors are of late, to the power of 1/2, in units of what the calibration saw. */
  get volatility(): number {
    // Where nothing was ever wrong, there is nothing to compare with.
    if (this.#usualScore === 0) return 1;
    const ratio = this.#scoreSum / this.#scoreWeight / this.#usualScore;
    const [least, most] = VOLATILITY_RANGE;
    return Math.max(this.unrest, Math.min(most, Math.max(least, ratio ** VOLATILITY_POWER)));
  }

  /** What `verify` has to know of a forecast that is made now. */
  issue(): Issued {
    const { volatility } = this;
    return { volatility, widths: Float64Array.from(this.levels, (level) => volatility * this.#current.widthOf(level)) };
  }

  /**
   * Learns from the newest sample.
   * @param made - all forecasts that were made for it; none: nothing is learned
   */
  verify(actual: number, made: readonly Verifiable[]): void {
    const noticed = this.unrest * NOTICED_UNREST;
    const forecasts = this.unrest > 1 ? made.filter(({ issued }) => issued.volatility >= noticed) : made;
    if (forecasts.length === 0) return;
    const scores = forecasts.map(({ value, step }) => this.#scoreOf(value, step, actual));
    this.#scoreSum = this.#scoreSum * this.#discount + mean(scores);
    this.#scoreWeight = this.#scoreWeight * this.#discount + 1;
    this.levels.forEach((level, i) => {
      const missed = scores.filter((score, f) => score > forecasts[f]!.issued.widths[i]!).length / scores.length;
      const next = this.#misses[i]! + (STEP_SIZE / this.#state.stepScales.length) * (1 - level - missed);
      this.#misses[i] = Math.min(1 - level / 2, Math.max(Math.min(LEAST_MISSES, 1 - level), next));
    });
    this.#keepSome(scores.map((score, f) => score / forecasts[f]!.issued.volatility));
    this.#verified++;
    this.#widthsAreOld = true;
  }

  /**
   * The interval of each value that holds the true one with the probability `level`: lower ≤ value ≤ upper.
   * @param values - the forecast, from the first step on, in the target's unit
   * @param level - in (0, 1)
   */
  bounds(values: Float64Array, level: number): Bounds {
    checkLevel(level);
    const width = this.volatility * this.#current.widthOf(level);
    const lower = new Float64Array(values.length);
    const upper = new Float64Array(values.length);
    values.forEach((value, step) => ([lower[step], upper[step]] = this.boundsAt(value, step, width)));
    return { lower, upper };
  }

  /** Lower and upper bound of one value. @param width - half of it, in units of the step's scale */
  boundsAt(value: number, step: number, width: number): [lower: number, upper: number] {
    const { scale } = this.#state;
    const middle = toScale(scale, value);
    const reach = width * scaleAt(this.#state, step);
    const lower = fromScale(scale, middle - reach);
    // A series that has been above 0 throughout is not told to fall below it, as long as its forecast does not.
    const least = scale === 'sqrt' && value >= 0 ? Math.max(0, lower) : lower;
    // Rounding on the way there and back must not part a bound from its value.
    return [Math.min(value, least), Math.max(value, fromScale(scale, middle + reach))];
  }

  /**
   * Probability that the true value lies beyond a limit: at the edge of the interval with level L, (1 − L) / 2.
   * @param value - the forecast
   * @param step - how many steps ahead it is, 0 the first
   */
  probabilityBeyond(value: number, step: number, limit: number, direction: 'above' | 'below'): number {
    const { scale } = this.#state;
    const unit = this.volatility * scaleAt(this.#state, step);
    const away = (toScale(scale, limit) - toScale(scale, value)) * (direction === 'above' ? 1 : -1);
    const outside = (1 - this.#current.levelOf(Math.abs(away) / unit)) / 2;
    return away >= 0 ? outside : 1 - outside;
  }

  /** Plain JSON: from it, the same bits come as without the interruption. */
  snapshot(): JsonObject {
    return {
      scores: packNumbers(this.#scores.inOrder()),
      misses: packNumbers(this.#misses),
      sums: packNumbers(Float64Array.of(this.#scoreSum, this.#scoreWeight, this.#verified, this.#allowance)),
    };
  }

  #scoreOf(value: number, step: number, actual: number): number {
    const error = errorOf(this.#state.scale, value, actual);
    return Math.max(error, this.#state.resolution) / scaleAt(this.#state, step);
  }

  /** Keeps so many scores of each sample that all together reach back over enough periods: evenly spread ones. */
  #keepSome(scores: readonly number[]): void {
    this.#allowance += MAX_SCORES / (SCORE_PERIODS * this.#period);
    const count = Math.min(scores.length, Math.floor(this.#allowance));
    // What could not be made use of is not saved up: the next samples count no more than others.
    this.#allowance = Math.min(1, this.#allowance - count);
    const shift = (this.#verified * 0.618) % 1;
    for (let k = 0; k < count; k++) this.#scores.push(scores[Math.floor(((k + shift) * scores.length) / count)]!);
  }

  /** How wide intervals are now, in units of the step's scale and the volatility. */
  get #current(): IntervalWidths {
    if (this.#widthsAreOld) {
      const { freedom, stepScales } = this.#state;
      // Each horizon that has passed is one more independent window, as far back as the scores reach.
      const passed = Math.min(this.#verified, SCORE_PERIODS * this.#period);
      const freedomNow = freedom + (FREEDOM_PER_WINDOW * passed) / stepScales.length;
      this.#widths.set(this.#scores.sorted, (level) => this.#missesAt(level), freedomNow);
      this.#widthsAreOld = false;
    }
    return this.#widths;
  }

  /** Share of misses to aim at, at any level: between the watched ones on a line, and never rising. */
  #missesAt(level: number): number {
    let below = 0;
    let missesBelow = 1;
    for (let i = 0; i < this.levels.length; i++) {
      const watched = this.levels[i]!;
      const misses = Math.min(missesBelow, this.#misses[i]!);
      if (level <= watched) return missesBelow + ((misses - missesBelow) * (level - below)) / (watched - below);
      below = watched;
      missesBelow = misses;
    }
    return (missesBelow * (1 - level)) / (1 - below);
  }
}

/** @throws MlError `PARAMETER` */
function checkLevel(level: number): void {
  if (level > 0 && level < 1) return;
  throw new MlError('PARAMETER', `The level of an interval must be between 0 and 1, such as 0.9, got ${show(level)}.`);
}

/** The three parts of a snapshot where they are whole, else null. */
function readSnapshot({ scores, misses, sums }: JsonObject, levels: number): Saved | null {
  const saved = { scores: unpackNumbers(scores), misses: unpackNumbers(misses), sums: unpackNumbers(sums) };
  const isWhole = saved.misses?.length === levels && saved.sums?.length === 4 && (saved.scores?.length ?? 0) > 0;
  const isFinite = Object.values(saved).every((part) => part?.every(Number.isFinite));
  return isWhole && isFinite ? (saved as Saved) : null;
}
