import type { Aggregation } from '../../core/pipeline';
import type { ReadingTable } from '../../core/readings';

/** A table, `table` or `schema.table`, in which each row has a device and a time. */
interface TableSource {
  readonly table: string;
  readonly deviceColumn: string;
  /** `timestamptz`, `timestamp` (taken as UTC), or a number of epoch seconds or milliseconds. */
  readonly timeColumn: string;
}

/** One JSON document a row: fields are dotted paths into it. */
export interface ShadowSource extends TableSource {
  readonly layout: 'shadow';
  readonly stateColumn: string;
}

/** One value a row: device, metric, time, value. */
export interface NarrowSource extends TableSource {
  readonly layout: 'narrow';
  readonly metricColumn: string;
  readonly valueColumn: string;
}

/** One column a field. */
export interface WideSource extends TableSource {
  readonly layout: 'wide';
}

/**
 * The user's own query: its column `timestamp` is the time, each other one of numbers is a field, `label` a label.
 * `$device`, `$from` and `$to` stand for values, never for text; it runs where nothing can be changed.
 */
export interface QuerySource {
  readonly layout: 'sql';
  readonly sql: string;
}

/** Readings that this package has written itself, see `metrics_history`. */
export interface WrittenSource {
  readonly layout: 'written';
  /** This package's schema. */
  readonly schema: string;
}

/** Where the past readings of devices are, in the user's own tables. */
export type HistorySource = ShadowSource | NarrowSource | WideSource | QuerySource | WrittenSource;

/** Which readings: of one device, from `fromMs` on up to `toMs` (exclusive), epoch ms. */
export interface HistoryQuery {
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Dotted when nested; empty: all that hold numbers. */
  readonly fields: readonly string[];
  /** Averaged, or as `aggregation` says, per so long a time in the database; absent: as they are. */
  readonly stepMs?: number;
  readonly aggregation?: Aggregation;
}

/** Past readings in a database. */
export interface HistoryReader {
  /** The devices there are, in order of their names. @throws MlError `DATABASE`; `PARAMETER` where the source cannot tell */
  devices(signal?: AbortSignal): Promise<readonly string[]>;
  /** All readings of the query, in time order. @throws MlError `DATABASE`, `LIMIT`, `ABORTED` */
  read(query: HistoryQuery, signal?: AbortSignal): Promise<ReadingTable>;
  /** The same in parts of bounded size, for what need not hold all at once. */
  parts(query: HistoryQuery, signal?: AbortSignal): AsyncIterable<ReadingTable>;
}
