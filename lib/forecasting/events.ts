import type { EventEnvelope } from '../core/events';

/**
 * A limit will probably be crossed (`breach-predicted`); it is no longer expected to be (`breach-withdrawn`), or it has
 * been (`breach-reached`). Each prediction is followed by one of the two, with the same id.
 */
export interface BreachEvent extends EventEnvelope {
  readonly type: 'breach-predicted' | 'breach-withdrawn' | 'breach-reached';
  readonly field: string;
  readonly limit: number;
  readonly direction: 'above' | 'below';
  /** When the limit is expected to be crossed, or was. ISO 8601, UTC. */
  readonly at: string;
  /** From the newest value to `at`; for `breach-reached`, from the prediction to it. */
  readonly inMs: number;
  /** That the limit is crossed within the horizon, 0…1. */
  readonly probability: number;
}
