import type { Random } from '../core/random';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const DAYS_A_WEEK = 7;

/** −1…1 over the day (UTC): 1 at `peakHour`, −1 twelve hours away from it. */
export function dailyWave(timestampMs: number, peakHour: number): number {
  return Math.cos((2 * Math.PI * (timestampMs - peakHour * HOUR_MS)) / DAY_MS);
}

/** −1…1 over the week (UTC): 1 on working days, −1 on Saturday and Sunday, changing over within six hours of midnight. */
export function weeklyWave(timestampMs: number): number {
  // 1 January 1970 was a Thursday: three days of that week had passed.
  const sinceMonday = (((timestampMs / DAY_MS + 3) % DAYS_A_WEEK) + DAYS_A_WEEK) % DAYS_A_WEEK;
  const awayFromSunday = Math.abs(sinceMonday - 6);
  const daysFromWeekend = Math.min(awayFromSunday, DAYS_A_WEEK - awayFromSunday) - 1;
  return clamp(4 * daysFromWeekend, -1, 1);
}

/** `value`, at least `low` and at most `high`. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** `from` at progress 0, `to` at progress 1, a straight line between. */
export function ramp(from: number, to: number, progress: number): number {
  return from + (to - from) * clamp(progress, 0, 1);
}

/**
 * Noise with a memory: an Ornstein–Uhlenbeck process, stepped exactly, so that it is the same process at every
 * interval, squashed by a hyperbolic tangent so that it never leaves ±`width`. Its deviation is about 0.4 × `width`.
 */
export class Fluctuation {
  #z: number;

  /**
   * @param width - bound of the noise, in whatever unit is wanted
   * @param correlationMs - how long a deviation lasts; short against the interval gives white noise
   */
  constructor(
    private readonly random: Random,
    private readonly width: number,
    private readonly correlationMs: number,
  ) {
    this.#z = random.normal();
  }

  next(elapsedMs: number): number {
    const kept = Math.exp(-elapsedMs / this.correlationMs);
    this.#z = kept * this.#z + Math.sqrt(1 - kept * kept) * this.random.normal();
    return this.width * Math.tanh(this.#z / 2);
  }
}

/** A first-order lag: follows its target as a warm body follows its surroundings. */
export class Lag {
  #value: number;

  /** @param timeMs - time constant: after it, 63 % of a step is made up */
  constructor(
    private readonly timeMs: number,
    start: number,
  ) {
    this.#value = start;
  }

  next(target: number, elapsedMs: number): number {
    this.#value = target + (this.#value - target) * Math.exp(-elapsedMs / this.timeMs);
    return this.#value;
  }
}
