import type { Contribution, ModelReference, Severity } from './anomaly';

/** What every event on output 2 has. */
export interface EventEnvelope {
  /** The same for all events of one alarm. */
  readonly id: string;
  readonly device: string;
  readonly model: ModelReference;
  readonly severity: Severity;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly until?: string;
  /** One plain sentence that can be read on a phone. */
  readonly text: string;
}

/**
 * An alarm begins (`raised`), becomes worse, better or acknowledged (`changed`), and ends (`cleared`).
 * Each `raised` is followed by one `cleared` with the same id.
 */
export interface AlarmEvent extends EventEnvelope {
  readonly type: 'raised' | 'changed' | 'cleared';
  /** Score of the alarm's worst reading up to now; that reading and what made it anomalous follow. */
  readonly peakScore: number;
  readonly reading: Readonly<Record<string, number>>;
  readonly contributions: readonly Contribution[];
  readonly acknowledged: boolean;
}

/** A device has fallen silent (`no-data`), and sends again (`cleared`, with the same id). */
export interface NoDataEvent extends EventEnvelope {
  readonly type: 'no-data' | 'cleared';
}

export type DetectionEvent = AlarmEvent | NoDataEvent;
