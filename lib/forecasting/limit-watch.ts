import type { Json, JsonObject } from '../core/json';
import { object } from '../core/shape';
import { type BreachSettings, type BreachStep, type BreachSubject, endBreach, stepForecast, stepValue } from './breach';
import { type BreachState, type Direction, type Limit, loadBreach, NO_BREACH, type Prediction } from './breach-state';
import type { BreachEvent } from './events';

/** Where a limit comes from: it is set, another field of the device holds it, or messages bring it; null: there is none. */
export type LimitSource = { readonly value: number } | { readonly field: string } | 'message' | null;
export type LimitSources = Readonly<Record<Direction, LimitSource>>;
/** Limits that a message brings. */
export type GivenLimits = Readonly<Partial<Record<Direction, number>>>;

/** One sample of the series that is forecast. */
export interface Sample {
  /** Epoch ms. */
  readonly timeMs: number;
  readonly value: number;
}

/** What was forecast, for the limits. */
export interface LimitOutlook {
  /** Time of the newest sample, epoch ms. */
  readonly nowMs: number;
  readonly stepMs: number;
  /** Probability at each step that the value lies beyond the limit. */
  readonly probabilities: (limit: Limit) => ArrayLike<number>;
}

interface Watched {
  /** The limit as it is now, or was last. */
  limit: number | null;
  state: BreachState;
}

const DIRECTIONS = ['above', 'below'] as const;
const shape = object({ above: object({}), below: object({}) });

/** Watches the upper and the lower limit of one device. */
export class LimitWatch {
  readonly #watched: Readonly<Record<Direction, Watched>>;
  /** Time of the newest sample of the last forecast: the same outlook twice counts once. */
  #forecastMs = -Infinity;

  constructor(
    private readonly sources: LimitSources,
    private readonly settings: BreachSettings,
  ) {
    const start = (source: LimitSource): Watched => ({
      limit: source !== null && typeof source === 'object' && 'value' in source ? source.value : null,
      state: NO_BREACH,
    });
    this.#watched = { above: start(sources.above), below: start(sources.below) };
  }

  /** Breaches that are expected. */
  get expected(): readonly (Limit & Pick<Prediction, 'at'>)[] {
    return DIRECTIONS.flatMap((direction) => {
      const { limit, state } = this.#watched[direction];
      const { prediction } = state;
      return prediction === null || limit === null ? [] : [{ direction, value: limit, at: prediction.at }];
    });
  }

  /** Takes in limits that came with a message, or in a reading's fields. */
  hear(given: GivenLimits, values: ReadonlyMap<string, number>): void {
    for (const direction of DIRECTIONS) {
      const source = this.sources[direction];
      if (source === null || (source !== 'message' && 'value' in source)) continue;
      const limit = source === 'message' ? given[direction] : values.get(source.field);
      if (limit !== undefined) this.#watched[direction].limit = limit;
    }
  }

  /** Takes an actual value into account. */
  value(sample: Sample, subject: BreachSubject, events: BreachEvent[]): void {
    this.#step(events, (state, limit) => stepValue(state, limit, sample, subject, this.settings));
  }

  /** Takes a forecast into account. */
  forecast({ nowMs, stepMs, probabilities }: LimitOutlook, subject: BreachSubject, events: BreachEvent[]): void {
    if (nowMs <= this.#forecastMs) return;
    this.#forecastMs = nowMs;
    this.#step(events, (state, limit) =>
      // A prediction of a limit that is no longer set ends.
      this.sources[limit.direction] === null
        ? endBreach(state, limit, nowMs, subject)
        : stepForecast(state, limit, { nowMs, stepMs, probabilities: probabilities(limit) }, subject, this.settings),
    );
  }

  /** Ends what is expected, by hand. */
  end(nowMs: number, subject: BreachSubject, events: BreachEvent[]): void {
    this.#step(events, (state, limit) => endBreach(state, limit, nowMs, subject));
  }

  snapshot(): JsonObject {
    return this.#watched as unknown as JsonObject;
  }

  /** @throws MlError `ARTIFACT` where the state is damaged */
  restore(saved: Json): void {
    shape(saved, 'limits');
    const both = saved as unknown as Readonly<Record<Direction, { readonly limit?: unknown; readonly state: Json }>>;
    const states = DIRECTIONS.map((direction) => loadBreach(both[direction].state));
    DIRECTIONS.forEach((direction, i) => {
      const watched = this.#watched[direction];
      const { limit } = both[direction];
      if (watched.limit === null && typeof limit === 'number' && Number.isFinite(limit)) watched.limit = limit;
      watched.state = states[i]!;
    });
  }

  #step(events: BreachEvent[], step: (state: BreachState, limit: Limit) => BreachStep): void {
    for (const direction of DIRECTIONS) {
      const watched = this.#watched[direction];
      if (watched.limit === null) continue;
      const { state, event } = step(watched.state, { direction, value: watched.limit });
      watched.state = state;
      if (event !== null) events.push(event);
    }
  }
}
