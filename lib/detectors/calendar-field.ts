import { MlError } from '../core/errors';
import type { JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import { integer, list, number, object, text } from '../core/shape';
import type { ZoneOffset } from '../readings/time-zone';
import { type Range, SlotProfile } from './slot-profile';
import { STEP_MS, StepMeter } from './step-meter';
import { TrailingHistogram } from './trailing-histogram';

const DAY_SLOT_MS = 10 * 60_000;
const DAY_SLOTS = 144;
const WEEK_SLOT_MS = 60 * 60_000;
const WEEK_SLOTS = 168;
/** Lengths, in steps, of the means and deviations that are looked at beside the step by itself. */
const SCALES = [4, 16, 64];
/** For the distance from the week alone there is only the first. */
const MEANS = [...SCALES, SCALES[0]!];
/** What is looked at: distances from day and week together, deviations, distances from the week. */
const [TOGETHER, DEVIATIONS, WEEK, SIZES] = [0, 4, 7, 9] as const;
/** Of how many steps each of them is made. */
const LENGTHS = [1, ...SCALES, ...SCALES, 1, SCALES[0]!];
/** Steps that a size was seen in before it has a say. */
const KNOWN_STEPS = 100;
/** Neighbouring steps do not count as one: what is rare is rare among steps. */
const CORRELATION = 1;
/** Share of steps outside the expected range. */
const OUTSIDE = 0.01;
/** Where a step has several readings, so many steps in a row must be surprising. */
const HELD_STEPS = 3;
/** Less probable than one in so many is not told apart. */
const LEAST_PROBABLE = 1e-30;

/** What a step looks like: how surprising each of its sizes is, together; and what had to be expected. */
export interface Sight {
  /** Sum of the squared surprises (−log₁₀ of probabilities). */
  readonly squares: number;
  readonly low: number;
  readonly high: number;
}

/**
 * One field against its calendar: what it usually is at this time of the day and of the week. The distance outside
 * the range of the neighbouring slots of both, and outside that of the week alone; their means and the field's deviations
 * over several lengths: each by how unusual it is among the last thousands of steps. About 2 µs a step; 9 KB.
 */
export class CalendarField {
  readonly #steps: StepMeter;
  readonly #day: SlotProfile;
  readonly #week: SlotProfile;
  readonly #histograms: readonly TrailingHistogram[];
  /** Mean distances; for each scale mean value and mean squared deviation from it. */
  readonly #distances: Float64Array;
  readonly #means: Float64Array;
  readonly #variances: Float64Array;
  /** Steps learned from. */
  #learned = 0;
  /** What was found in the last complete step. */
  #held: Sight | null = null;
  #heldMs = 0;
  /** The squares of the last steps, the newest last. */
  #recent: readonly number[] = [];
  /** The value looked at last, when, and what was seen; NaN: none since the last one was learned. */
  #lookedAt = NaN;
  #lookedMs = NaN;
  #looked: Sight | null = null;
  /** Scratch: what comes of a step were it the next. */
  readonly #sizes = new Float64Array(SIZES);
  readonly #range: Range = { low: 0, high: 0 };
  readonly #weekRange: Range = { low: 0, high: 0 };

  constructor(
    private readonly zone: ZoneOffset,
    saved?: JsonObject,
  ) {
    if (saved !== undefined) savedShape(saved, 'calendar');
    const state = saved as unknown as Saved | undefined;
    this.#steps = new StepMeter(state?.steps);
    this.#day = new SlotProfile(DAY_SLOT_MS, DAY_SLOTS, state?.day);
    this.#week = new SlotProfile(WEEK_SLOT_MS, WEEK_SLOTS, state?.week);
    const numbers = numbersOf(state);
    this.#distances = numbers.slice(0, MEANS.length);
    this.#means = numbers.slice(MEANS.length, MEANS.length + SCALES.length);
    this.#variances = numbers.slice(MEANS.length + SCALES.length);
    this.#histograms = Array.from({ length: SIZES }, (_, i) =>
      state === undefined
        ? new TrailingHistogram(CORRELATION)
        : TrailingHistogram.restore(state.histograms[i]!, CORRELATION),
    );
    this.#learned = state?.learned ?? 0;
    this.#held = state?.held[0] ?? null;
    this.#recent = state?.recent ?? [];
    this.#heldMs = state?.heldMs ?? 0;
  }

  /** Whether each reading is judged by itself; else it is the last complete step that counts. */
  get isSingle(): boolean {
    return this.#steps.isSingle;
  }

  /**
   * What the calendar says at a moment: of a value that is a step by itself, else of the last complete step.
   * @param step - the value's smallest step
   * @returns null where it knows nothing yet, or nothing new
   */
  sight(timestampMs: number, value: number, step: number): Sight | null {
    if (!this.isSingle) return timestampMs - this.#heldMs < 2 * STEP_MS ? this.#held : null;
    if (value !== this.#lookedAt || timestampMs !== this.#lookedMs) {
      this.#looked = this.#look(timestampMs, value) ? this.#sightOf(step) : null;
      this.#lookedAt = value;
      this.#lookedMs = timestampMs;
    }
    return this.#looked;
  }

  learn(timestampMs: number, value: number, step: number): void {
    const mean = this.#steps.add(timestampMs, value);
    if (Number.isNaN(mean)) return;
    this.#lookedAt = NaN;
    if (this.#learned === 0) this.#means.fill(mean);
    const isKnown = this.#look(timestampMs, mean);
    // A value that is a step by itself is seen when it comes.
    this.#hold(timestampMs, isKnown && !this.isSingle ? this.#sightOf(step) : null);
    if (isKnown) this.#learnSizes(mean);
    for (let s = 0; s < SCALES.length; s++) {
      const share = 1 / Math.min(SCALES[s]!, this.#learned + 1);
      const off = mean - this.#means[s]!;
      this.#variances[s] = (1 - share) * (this.#variances[s]! + share * off * off);
      this.#means[s]! += share * off;
    }
    this.#learned++;
    const localMs = timestampMs + this.zone(timestampMs);
    this.#day.learn(localMs, mean);
    this.#week.learn(localMs, mean);
  }

  snapshot(): JsonObject {
    const numbers = Float64Array.of(...this.#distances, ...this.#means, ...this.#variances);
    return {
      steps: this.#steps.snapshot(),
      day: this.#day.snapshot(),
      week: this.#week.snapshot(),
      histograms: this.#histograms.map((histogram) => histogram.snapshot()),
      numbers: packNumbers(numbers),
      learned: this.#learned,
      held: this.#held === null ? [] : [{ ...this.#held }],
      recent: [...this.#recent],
      heldMs: this.#heldMs,
    };
  }

  /** A step's verdict stands for all readings of the next one: it has to be found again and again to count. */
  #hold(timestampMs: number, sight: Sight | null): void {
    const goesOn = timestampMs - this.#heldMs < 2 * STEP_MS;
    this.#recent = sight === null ? [] : [...(goesOn ? this.#recent.slice(1 - HELD_STEPS) : []), sight.squares];
    this.#held =
      sight === null || this.#recent.length < HELD_STEPS ? null : { ...sight, squares: Math.min(...this.#recent) };
    this.#heldMs = timestampMs;
  }

  /** Works out ranges and sizes, were this the next step. @returns whether the time of day is known */
  #look(timestampMs: number, value: number): boolean {
    const range = this.#range;
    const week = this.#weekRange;
    const localMs = timestampMs + this.zone(timestampMs);
    week.low = Infinity;
    week.high = -Infinity;
    this.#week.widen(week, localMs, 1);
    range.low = week.low;
    range.high = week.high;
    this.#day.widen(range, localMs, Math.max(1, Math.round(this.#steps.intervalMs / DAY_SLOT_MS)));
    if (range.low > range.high) return false;
    const sizes = this.#sizes;
    const distance = distanceFrom(range, value);
    sizes[TOGETHER] = Math.abs(distance);
    for (let s = 0; s < SCALES.length; s++) {
      sizes[TOGETHER + 1 + s] = Math.abs(this.#meanDistance(s, distance));
      const share = 1 / Math.min(SCALES[s]!, this.#learned + 1);
      const off = value - this.#means[s]!;
      sizes[DEVIATIONS + s] = Math.sqrt((1 - share) * (this.#variances[s]! + share * off * off));
    }
    const fromWeek = distanceFrom(week, value);
    sizes[WEEK] = Math.abs(fromWeek);
    sizes[WEEK + 1] = Math.abs(this.#meanDistance(SCALES.length, fromWeek));
    return true;
  }

  /** Learns the sizes of a step that was looked at; those of the week where that is known. */
  #learnSizes(value: number): void {
    const [together, fromWeek] = [distanceFrom(this.#range, value), distanceFrom(this.#weekRange, value)];
    for (let s = 0; s < SCALES.length; s++) this.#distances[s] = this.#meanDistance(s, together);
    const isWeekKnown = this.#weekRange.low <= this.#weekRange.high;
    if (isWeekKnown) this.#distances[SCALES.length] = this.#meanDistance(SCALES.length, fromWeek);
    for (let i = 0; i < (isWeekKnown ? SIZES : WEEK); i++) this.#histograms[i]!.insert(this.#sizes[i]!);
  }

  #meanDistance(index: number, distance: number): number {
    const before = this.#distances[index]!;
    const seen = this.#histograms[index < SCALES.length ? TOGETHER : WEEK]!.total;
    return before + (distance - before) / Math.min(MEANS[index]!, seen + 1);
  }

  /** @returns null before enough steps are known */
  #sightOf(step: number): Sight | null {
    if (this.#histograms[TOGETHER]!.total < KNOWN_STEPS) return null;
    let squares = 0;
    for (let i = 0; i < SIZES; i++) {
      const histogram = this.#histograms[i]!;
      if (histogram.total < KNOWN_STEPS) continue;
      const p = histogram.exceedance(this.#sizes[i]!, step / LENGTHS[i]!);
      squares += Math.log10(Math.max(p, LEAST_PROBABLE)) ** 2;
    }
    return { squares, ...this.#expected(step) };
  }

  /** The range of the week's slots, once that is known, and as far beyond as steps usually come. */
  #expected(step: number): Range {
    const byWeek = this.#histograms[WEEK]!.total >= KNOWN_STEPS && this.#weekRange.low <= this.#weekRange.high;
    const { low, high } = byWeek ? this.#weekRange : this.#range;
    const beyond = this.#histograms[byWeek ? WEEK : TOGETHER]!.quantile(OUTSIDE, step);
    const usual = beyond < Infinity ? beyond : 0;
    return { low: low - usual, high: high + usual };
  }
}

/** How far a value lies outside a range; 0 within, and where nothing is known. */
function distanceFrom({ low, high }: Range, value: number): number {
  if (low > high) return 0;
  return value > high ? value - high : value < low ? value - low : 0;
}

function numbersOf(state: Saved | undefined): Float64Array {
  const length = MEANS.length + 2 * SCALES.length;
  if (state === undefined) return new Float64Array(length);
  const numbers = unpackNumbers(state.numbers);
  const isSound = numbers?.length === length && numbers.every(Number.isFinite) && state.histograms.length === SIZES;
  if (!isSound)
    throw new MlError('ARTIFACT', `calendar.numbers must be ${length} packed numbers, for ${SIZES} histograms.`);
  return numbers;
}

interface Saved {
  readonly steps: JsonObject;
  readonly day: JsonObject;
  readonly week: JsonObject;
  readonly histograms: readonly JsonObject[];
  readonly numbers: string;
  readonly learned: number;
  /** None or one. */
  readonly held: readonly Sight[];
  readonly heldMs: number;
  readonly recent: readonly number[];
}

const anyObject = object({});
const savedShape = object<Saved>({
  steps: anyObject,
  day: anyObject,
  week: anyObject,
  histograms: list(anyObject, SIZES),
  numbers: text(),
  learned: integer(0),
  held: list(object<Sight>({ squares: number(0), low: number(), high: number() }), 1),
  heldMs: number(),
  recent: list(number(0), HELD_STEPS),
});
