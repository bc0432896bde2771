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

export interface AlarmEvent extends EventEnvelope {
  readonly type: 'raised' | 'changed' | 'cleared';
  readonly peakScore: number;
  readonly reading: Readonly<Record<string, number>>;
  readonly contributions: readonly Contribution[];
  readonly acknowledged: boolean;
}

export interface NoDataEvent extends EventEnvelope {
  readonly type: 'no-data';
}

export type DetectionEvent = AlarmEvent | NoDataEvent;
