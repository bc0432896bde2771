/** One timestamped row of named numbers from one device. A field that is missing is absent. */
export interface Reading {
  readonly device: string;
  /** Epoch milliseconds, UTC. */
  readonly timestampMs: number;
  readonly values: ReadonlyMap<string, number>;
  /** What is known of it, where the data says so: `normal` or the name of a fault. Never a field. */
  readonly label?: string;
}

/** Readings of one device in time order, as columns: how they are kept in windows and sent to a worker. */
export interface ReadingTable {
  readonly device: string;
  readonly fields: readonly string[];
  /** `rows` long, epoch ms, never decreasing. */
  readonly timestampsMs: Float64Array;
  /** `rows × fields`, row-major, NaN = missing. */
  readonly data: Float64Array;
  /** `rows` long where any reading was labelled. */
  readonly labels?: readonly (string | null)[];
}

/** Label of readings known to be as they should. Readings with any other label are never learned from. */
export const NORMAL_LABEL = 'normal';

/** Label that a window of collected readings gives to those which came during an alarm and had no label of their own. */
export const IN_ALARM_LABEL = '(in alarm)';
