import type { ModelReference, Severity } from '../core/events';

export interface Contribution {
  readonly feature: string;
  readonly value: number;
  /** Expected range, in the feature's own unit. */
  readonly expected: readonly [low: number, high: number];
  /** Share in the score, 0…1; the shares of a reading sum to 1. */
  readonly share: number;
}

/** The verdict on one reading: `msg.anomaly`. */
export interface Anomaly {
  readonly device: string;
  readonly model: ModelReference;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly isAnomaly: boolean;
  /** 0…1, the same meaning for every detector; null when severity is `unknown`. */
  readonly score: number | null;
  /** The algorithm's own number. */
  readonly rawScore: number | null;
  readonly threshold: number;
  readonly severity: Severity;
  /** Largest share first. */
  readonly contributions: readonly Contribution[];
  /** Fields that were missing and stood in for by their training median. */
  readonly missing: readonly string[];
  /**
   * The feature whose readings of the last day (or longer) differ most from those of training, and by how much: above 1
   * it is more than what is normal. Not there until that is known.
   */
  readonly drift?: { readonly feature: string; readonly level: number };
  /** Why the severity is `unknown`, or what should be known about the verdict, in one sentence. */
  readonly note?: string;
}
