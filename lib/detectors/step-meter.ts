import type { JsonObject } from '../core/json';
import { integer, number, object } from '../core/shape';

/** The step in which the calendar looks at a field. */
export const STEP_MS = 5 * 60_000;
/** Over so many steps it is averaged how many readings a step has, and over so many readings how far they lie apart. */
const USUAL_STEPS = 16;
/** Longer pauses say nothing of how often a field comes. */
const LONGEST_INTERVAL_MS = 60 * 60_000;
/** Readings that come no closer than this are steps by themselves. */
const SINGLE = 1.5;

/**
 * Gathers readings into steps of five minutes, by their means. A step is complete as soon as it has as many readings
 * as steps usually have; one that gets fewer is left out. Readings that are no faster are steps by themselves.
 */
export class StepMeter {
  readonly #numbers: Saved;

  constructor(saved?: JsonObject) {
    if (saved !== undefined) savedShape(saved, 'steps');
    const { step, seen, sum, count, usual, steps, lastMs, intervalMs } = (saved ?? NOTHING) as unknown as Saved;
    this.#numbers = { step, seen, sum, count, usual, steps, lastMs, intervalMs };
  }

  /** Whether each reading is a step; false until it is known how often they come. */
  get isSingle(): boolean {
    const { steps, usual } = this.#numbers;
    return steps > 0 && usual < SINGLE;
  }

  /** How far steps lie apart, usually: `STEP_MS` to an hour. */
  get intervalMs(): number {
    return Math.max(STEP_MS, this.#numbers.intervalMs);
  }

  /** Takes a reading. @returns the mean of the step that it completes; NaN where it completes none */
  add(timestampMs: number, value: number): number {
    const numbers = this.#numbers;
    const step = Math.floor(timestampMs / STEP_MS);
    if (step !== numbers.step) this.#begin(step);
    this.#noteInterval(timestampMs);
    numbers.seen++;
    if (numbers.steps === 0) return NaN;
    numbers.sum += value;
    numbers.count++;
    if (numbers.count < Math.round(numbers.usual)) return NaN;
    const mean = numbers.sum / numbers.count;
    numbers.sum = numbers.count = 0;
    return mean;
  }

  snapshot(): JsonObject {
    return { ...this.#numbers };
  }

  #begin(step: number): void {
    const numbers = this.#numbers;
    if (numbers.seen > 0) {
      numbers.steps = Math.min(numbers.steps + 1, USUAL_STEPS);
      numbers.usual += (numbers.seen - numbers.usual) / numbers.steps;
    }
    numbers.step = step;
    numbers.seen = numbers.sum = numbers.count = 0;
  }

  #noteInterval(timestampMs: number): void {
    const numbers = this.#numbers;
    const passed = Math.min(Math.max(0, timestampMs - numbers.lastMs), LONGEST_INTERVAL_MS);
    if (numbers.lastMs > 0) numbers.intervalMs += (passed - numbers.intervalMs) / USUAL_STEPS;
    numbers.lastMs = timestampMs;
  }
}

interface Saved {
  /** The step that is going on, counted from 1970, and its readings so far. */
  step: number;
  seen: number;
  /** Those that have not been part of a complete step yet. */
  sum: number;
  count: number;
  /** Readings a step, on average over the last steps; how many steps that is made of. */
  usual: number;
  steps: number;
  lastMs: number;
  intervalMs: number;
}

const NOTHING: Saved = { step: 0, seen: 0, sum: 0, count: 0, usual: 0, steps: 0, lastMs: 0, intervalMs: 0 };

const size = number(0);
const savedShape = object<Saved>({
  step: integer(),
  seen: integer(0),
  sum: number(),
  count: integer(0),
  usual: size,
  steps: integer(0),
  lastMs: number(),
  intervalMs: size,
});
