import type { Json } from '../core/json';
import { either, integer, nothing, number, object, oneOf, text, time } from '../core/shape';

export type Direction = 'above' | 'below';

/** A value that is not to be exceeded (`above`), or not to be fallen below. */
export interface Limit {
  readonly direction: Direction;
  readonly value: number;
}

/** The limit itself is still within. */
export function isBeyond({ direction, value: limit }: Limit, value: number): boolean {
  return direction === 'above' ? value > limit : value < limit;
}

/** A breach that is expected. */
export interface Prediction {
  readonly id: string;
  /** Time of the newest value when it was first found likely, ISO 8601, UTC. */
  readonly since: string;
  /** When the limit is expected to be crossed, by the newest forecast. ISO 8601, UTC. */
  readonly at: string;
  readonly probability: number;
  readonly severity: 'warning' | 'critical';
}

/** Of one limit of one device; plain data that survives JSON unchanged. */
export interface BreachState {
  readonly prediction: Prediction | null;
  /** Forecasts running that would change that: likely breaches without a prediction, unlikely ones with one. */
  readonly agreeing: number;
  /** Time of the newest value of the first of these. */
  readonly agreeingSince: string | null;
  /** Values within the limit that must still come after one beyond it, before anything is predicted. */
  readonly toReturn: number;
}

export const NO_BREACH: BreachState = { prediction: null, agreeing: 0, agreeingSince: null, toReturn: 0 };

const shape = object<BreachState>({
  prediction: either(
    'a prediction or null',
    object<Prediction>({
      id: text(1),
      since: time,
      at: time,
      probability: number(0, 1),
      severity: oneOf('warning', 'critical'),
    }),
    nothing,
  ),
  agreeing: integer(0),
  agreeingSince: either('a time or null', time, nothing),
  toReturn: integer(0),
});

/** @throws MlError `ARTIFACT` where the state is damaged */
export function loadBreach(state: Json): BreachState {
  shape(state, 'breach');
  return state as unknown as BreachState;
}
