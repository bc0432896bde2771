import type { ModelReference } from '../core/events';
import type { Contribution } from './anomaly';
import type { MovedField } from './onset';

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
  /** True: critical because nobody acknowledged it in time; it stays so until it is cleared. */
  readonly escalated: boolean;
  /** All is normal again since then (ISO 8601, UTC), but nobody has acknowledged it yet; null: it is not. */
  readonly returned: string | null;
  /** Its fields in the order in which they began to move. */
  readonly order: readonly MovedField[];
}

/** The newest readings in a row of one kind. */
export interface Streak {
  readonly count: number;
  /** Time of the first, ISO 8601, UTC. */
  readonly since: string;
}

/** An alarm, or a run of anomalous readings that may become one. */
export interface Episode {
  /** Time of its first reading, ISO 8601, UTC. */
  readonly since: string;
  readonly worst: WorstReading;
  readonly alarm: OpenAlarm | null;
  /** Null: the newest reading is not of that kind. */
  readonly anomalous: Streak | null;
  readonly critical: Streak | null;
  readonly uncritical: Streak | null;
  /** Below the threshold, and once an alarm is raised below its dead-band. */
  readonly normal: Streak | null;
}

/** Of one device; plain data that survives JSON unchanged. Null: nothing is wrong. */
export type AlarmState = Episode | null;
