import type { ModelReference } from '../core/events';
import type { Contribution } from './anomaly';

/** The worst reading of an alarm. */
export interface WorstReading {
  readonly score: number;
  readonly reading: Readonly<Record<string, number>>;
  readonly contributions: readonly Contribution[];
}

export interface OpenAlarm {
  readonly id: string;
  readonly device: string;
  /** The model that raised it, or changed it last. */
  readonly model: ModelReference;
  readonly severity: 'warning' | 'critical';
  readonly acknowledged: boolean;
}

/** An alarm, or a run of anomalous readings that may become one. */
export interface Episode {
  /** Time of its first reading, ISO 8601, UTC. */
  readonly since: string;
  readonly worst: WorstReading;
  readonly alarm: OpenAlarm | null;
  /** How many of the newest readings in a row were anomalous, critical, not critical, normal. */
  readonly anomalous: number;
  readonly critical: number;
  readonly uncritical: number;
  readonly normal: number;
  /** Time of the first of the normal ones. */
  readonly normalSince: string | null;
}

/** Of one device; plain data that survives JSON unchanged. Null: nothing is wrong. */
export type AlarmState = Episode | null;
