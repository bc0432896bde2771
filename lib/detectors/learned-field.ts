import type { JsonObject } from '../core/json';
import type { ZoneOffset } from '../readings/time-zone';
import { CalendarField, type Sight } from './calendar-field';
import { StreamingField, TESTS } from './streaming-field';
import { FIRST_VALUES } from './streaming-field-state';

/**
 * From the calendar's surprises to a probability: the root of the sum of their squares exceeds 2.8 in one
 * normal step of ten, 4.7 in one of a hundred, 6.5 in one of a thousand. So measured on the signals of `npm run bench -- learning`,
 * whose steps depend on each other, and not derived: the surprises depend on each other, too.
 */
const USUAL = 1;
const PER_DECADE = 1.85;

/**
 * One field of the detector that learns as it goes, by two views. The near one (`StreamingField`) knows the last
 * thousands of readings and judges each; the calendar's (`CalendarField`) knows days and weeks and judges in steps of
 * five minutes. Without times, or as long as the calendar knows too little, the near one judges alone.
 */
export class LearnedField {
  #calendar: CalendarField | null;

  private constructor(
    private readonly near: StreamingField,
    private readonly zone: ZoneOffset,
    calendar: CalendarField | null,
  ) {
    this.#calendar = calendar;
  }

  /** @param zone - time zone of the calendar */
  static begin(warmUp: number, zone: ZoneOffset): LearnedField {
    return new LearnedField(new StreamingField(warmUp), zone, null);
  }

  /** Values seen. */
  get count(): number {
    return this.near.count;
  }

  get isReady(): boolean {
    return this.near.isReady;
  }

  /**
   * Probability that a normal value is so improbable; 1 during the warm-up and for NaN. Pure.
   * @param timestampMs - epoch ms; NaN: without a calendar
   */
  probability(value: number, timestampMs: number): number {
    const near = anyOf(this.near.probability(value), TESTS);
    const sight = this.#sight(value, timestampMs);
    if (sight === null) return near;
    // A value that is a step by itself is seen as a whole; but that it stands still no calendar can see.
    if (this.#calendar?.isSingle) return probabilityOf(sight.squares + this.near.stillness(value));
    return anyOf(Math.min(near, probabilityOf(sight.squares)), 2);
  }

  /** The range in which the value was to be expected; NaN before the warm-up is over. Pure. */
  expected(value: number, timestampMs: number): readonly [low: number, high: number] {
    const sight = this.#sight(value, timestampMs);
    if (sight === null) return this.near.expected(value);
    const isByCalendar =
      this.#calendar?.isSingle === true || probabilityOf(sight.squares) < this.near.probability(value);
    return isByCalendar ? [sight.low, sight.high] : this.near.expected(value);
  }

  learn(value: number, timestampMs: number): void {
    this.near.learn(value);
    // Not from the first value on: a field that hardly ever comes takes hardly any room.
    if (Number.isNaN(timestampMs) || this.near.count < FIRST_VALUES) return;
    this.#calendar ??= new CalendarField(this.zone);
    this.#calendar.learn(timestampMs, value, this.near.step);
  }

  snapshot(): JsonObject {
    const near = this.near.snapshot();
    return this.#calendar === null ? near : { ...near, calendar: this.#calendar.snapshot() };
  }

  /**
   * A state without a calendar, as earlier versions wrote it, begins one.
   * @throws MlError `ARTIFACT` where the state is damaged
   */
  static restore(state: JsonObject, warmUp: number, zone: ZoneOffset): LearnedField {
    const { calendar } = state;
    const saved = calendar === undefined ? null : new CalendarField(zone, calendar as JsonObject);
    return new LearnedField(StreamingField.restore(state, warmUp), zone, saved);
  }

  #sight(value: number, timestampMs: number): Sight | null {
    if (this.#calendar === null || !this.isReady || Number.isNaN(value) || Number.isNaN(timestampMs)) return null;
    return this.#calendar.sight(timestampMs, value, this.near.step);
  }
}

function probabilityOf(squares: number): number {
  return 10 ** -Math.max(0, (Math.sqrt(squares) - USUAL) / PER_DECADE);
}

/** Probability that any of so many independent tests turns out so improbable (Šidák). */
export function anyOf(probability: number, tests: number): number {
  return probability >= 1 ? 1 : -Math.expm1(tests * Math.log1p(-probability));
}
