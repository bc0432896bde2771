import type { Random } from '../core/random';
import type { Moment, Scenario } from './scenario';

/** One number in every reading of a profile. */
export interface ProfileField {
  readonly name: string;
  readonly unit: string;
  /** Resolution of the sensor, in digits after the point. */
  readonly decimals: number;
  /** What it usually shows; a drifting sensor goes wrong by a share of it. */
  readonly usual: number;
}

/** A machine in motion; holds all of its state. */
export interface Simulation {
  /**
   * Moves on to `timestampMs` (epoch ms, never before the last one) and returns one number a field.
   * @param moment - the scenario that is on, and how far it has come
   */
  next(timestampMs: number, moment: Moment | null): Float64Array;
}

/** A kind of machine to make readings of: one file each, in `profiles/`. */
export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Name of the device where the user gives none. */
  readonly device: string;
  readonly fields: readonly ProfileField[];
  readonly scenarios: readonly Scenario[];
  /** A machine of its own, warmed up and in its usual state. */
  simulate(random: Random): Simulation;
}
