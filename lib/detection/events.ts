import type { EventEnvelope } from '../core/events';
import type { Contribution } from './anomaly';
import type { FeatureDrift } from './drift/drift-watch';
import type { MovedField } from './onset';

/**
 * An alarm begins (`raised`), becomes worse, better or acknowledged (`changed`), and ends (`cleared`).
 * Each `raised` is followed by one `cleared` with the same id.
 */
export interface AlarmEvent extends EventEnvelope {
  readonly type: 'raised' | 'changed' | 'cleared';
  /** ISA-18.2's states: `returned` is one that is over but still waits to be acknowledged. */
  readonly state: 'unacknowledged' | 'acknowledged' | 'returned' | 'normal';
  /** Score of the alarm's worst reading up to now; that reading and what made it anomalous follow. */
  readonly peakScore: number;
  readonly reading: Readonly<Record<string, number>>;
  readonly contributions: readonly Contribution[];
  /** The fields that make the alarm, in the order in which they began to move, as seen when it was raised. */
  readonly order: readonly MovedField[];
  readonly acknowledged: boolean;
}

/** A device has fallen silent (`no-data`), and sends again (`cleared`, with the same id). */
export interface NoDataEvent extends EventEnvelope {
  readonly type: 'no-data' | 'cleared';
}

/** Readings have moved away from those that the model learned from (`drift`), and are like them again (`cleared`, same id). */
export interface DriftEvent extends EventEnvelope {
  readonly type: 'drift' | 'cleared';
  /** Those that had drifted when it was told, the worst first. */
  readonly features: readonly FeatureDrift[];
}

export type DetectionEvent = AlarmEvent | NoDataEvent | DriftEvent;
