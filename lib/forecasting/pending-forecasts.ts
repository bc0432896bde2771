import type { Json, JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import type { Issued, Verifiable } from './live-intervals';

/** Forecasts that wait for the values of one horizon, at most, and steps that are kept of each. */
const FORECASTS_A_HORIZON = 24;
const MAX_STEPS = 64;

/** A combined forecast for one sample, and what each member said. */
export interface Due extends Verifiable {
  readonly members: Float64Array;
}

/** What is kept of a forecast: some of its steps. */
interface Pending {
  /** Index of the first sample that it is about. */
  readonly origin: number;
  /** Rising. */
  readonly steps: readonly number[];
  /** One a step. */
  readonly values: Float64Array;
  /** `steps × members`, row-major. */
  readonly members: Float64Array;
  readonly issued: Issued;
}

/**
 * Forecasts whose values have not come yet: however long the horizon, at most about 24 of them with 64 steps each,
 * evenly spread. Samples are named by their absolute index, `time / stepMs`.
 */
export class PendingForecasts {
  /** Samples between one forecast that is kept and the next. */
  readonly cadence: number;
  readonly #horizon: number;
  #pending: Pending[] = [];
  #nextOrigin = -Infinity;

  /** @param saved - what `snapshot` gave, with the same horizon and as many members and levels */
  constructor(horizon: number, saved?: { readonly pending: Json; readonly members: number; readonly levels: number }) {
    this.#horizon = horizon;
    this.cadence = Math.ceil(horizon / FORECASTS_A_HORIZON);
    if (!saved || !Array.isArray(saved.pending)) return;
    const pending = (saved.pending as readonly Json[]).map((each) => unpack(each, saved.members, saved.levels));
    this.#pending = pending.filter((each) => each !== null);
    const newest = this.#pending.at(-1);
    if (newest) this.#nextOrigin = newest.origin + this.cadence;
  }

  /** Whether it is time to keep a forecast again. @param origin - index of the first sample that it is about */
  wants(origin: number): boolean {
    return origin >= this.#nextOrigin;
  }

  /**
   * @param values - the combined forecast, at least one horizon
   * @param members - each member's, as long
   */
  add(origin: number, values: Float64Array, members: readonly Float64Array[], issued: Issued): void {
    const steps = this.#stepsFrom(origin);
    this.#pending.push({
      origin,
      steps,
      values: Float64Array.from(steps, (step) => values[step]!),
      members: Float64Array.from(steps.flatMap((step) => members.map((member) => member[step]!))),
      issued,
    });
    this.#nextOrigin = origin + this.cadence;
  }

  /** What was forecast for a sample; what was for it and for those before it is forgotten. */
  take(index: number): Due[] {
    const due: Due[] = [];
    for (const { origin, steps, values, members, issued } of this.#pending) {
      const i = steps.indexOf(index - origin);
      if (i < 0) continue;
      const width = members.length / steps.length;
      due.push({
        step: steps[i]!,
        value: values[i]!,
        members: members.subarray(i * width, (i + 1) * width),
        issued,
      });
    }
    this.#pending = this.#pending.map((each) => without(each, index)).filter(({ steps }) => steps.length > 0);
    return due;
  }

  /** Plain JSON. */
  snapshot(): Json {
    return this.#pending.map(({ origin, steps, values, members, issued }) => ({
      origin,
      steps,
      values: packNumbers(values),
      members: packNumbers(members),
      volatility: issued.volatility,
      widths: packNumbers(issued.widths),
    }));
  }

  /** All steps of a short horizon; of a long one some, others from each origin, so that each has its turn. */
  #stepsFrom(origin: number): number[] {
    const count = Math.min(this.#horizon, MAX_STEPS);
    const shift = count === this.#horizon ? 0 : (Math.floor(origin / this.cadence) * 0.618) % 1;
    return Array.from({ length: count }, (_, k) => Math.floor(((k + shift) * this.#horizon) / count));
  }
}

/** The steps that are about samples after `index`. */
function without(pending: Pending, index: number): Pending {
  const { origin, steps, values, members } = pending;
  const passed = steps.findIndex((step) => origin + step > index);
  if (passed === 0) return pending;
  const from = passed < 0 ? steps.length : passed;
  const width = members.length / steps.length;
  return {
    ...pending,
    steps: steps.slice(from),
    values: values.subarray(from),
    members: members.subarray(from * width),
  };
}

/** Null where it is damaged. */
function unpack(saved: Json, members: number, levels: number): Pending | null {
  const { origin, steps, volatility, ...packed } = (saved ?? {}) as JsonObject;
  const values = unpackNumbers(packed.values);
  const memberValues = unpackNumbers(packed.members);
  const widths = unpackNumbers(packed.widths);
  if (!Number.isSafeInteger(origin) || !Array.isArray(steps) || !(Number(volatility) > 0)) return null;
  const isWhole =
    steps.length > 0 &&
    steps.every((step) => Number.isSafeInteger(step)) &&
    values?.length === steps.length &&
    memberValues?.length === steps.length * members &&
    widths?.length === levels &&
    [values, memberValues, widths].every((part) => part.every(Number.isFinite));
  if (!isWhole) return null;
  const issued = { volatility: Number(volatility), widths };
  return { origin: Number(origin), steps: steps as readonly number[], values, members: memberValues, issued };
}
