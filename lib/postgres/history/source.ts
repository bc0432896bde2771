import type { Aggregation } from '../../core/pipeline';
import type { ReadingTable } from '../../core/readings';

/** Where the names of the devices are: in the readings themselves (the default), or those that are online in `device_shadows`. */
export const DEVICE_LISTS = ['table', 'online'] as const;
export type DeviceList = (typeof DEVICE_LISTS)[number];

/** What all sources have. */
interface AnySource {
  readonly devicesFrom?: DeviceList;
}

/**
 * A table, `table` or `schema.table`, in which each row has a device and a time; names are taken as they are, capital
 * letters included. A column `label`, where there is one, says what is known of a row.
 */
interface TableSource extends AnySource {
  readonly table: string;
  readonly deviceColumn: string;
  /** `timestamptz`, `timestamp` or `date` (taken as UTC), or an epoch time in s, ms, µs or ns, as its first row tells. */
  readonly timeColumn: string;
}

/** One JSON document a row: fields are dotted paths into it, whether it is nested or its keys hold dots themselves. */
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
 * The user's own query, one `SELECT`: its column `timestamp` is the time, `device`, where there is one, the device, each
 * other one of numbers a field, `label` a label. `$device`, `$from` and `$to` (the latter `timestamptz`) stand for
 * values, never for text; it runs where nothing can be changed.
 */
export interface QuerySource extends AnySource {
  readonly layout: 'sql';
  readonly sql: string;
}

/** Readings that this package has written itself, see `metrics_history`. */
export interface WrittenSource extends AnySource {
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
  /** Dotted when nested; empty: all that hold numbers, in order of their names. */
  readonly fields: readonly string[];
  /**
   * Averaged, or as `aggregation` says, per so long a time, in the database (of documents whose fields are not named,
   * while they are read): step i reaches from i × stepMs up to
   * (i + 1) × stepMs and bears the time of its beginning. Only steps that lie wholly between `fromMs` and `toMs` are read.
   * Absent: readings as they are.
   */
  readonly stepMs?: number;
  readonly aggregation?: Aggregation;
}

/** Past readings in a database. Readings in which no field has a number are left out. */
export interface HistoryReader {
  /** The devices there are, in order of their names. @throws MlError `DATABASE`, `LIMIT`; `PARAMETER` where the source cannot tell */
  devices(signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * All readings of the query, in time order.
   * @throws MlError `DATABASE` for what is not as the source says, or was lost; `LIMIT` for too much; `PARAMETER`, `ABORTED`
   */
  read(query: HistoryQuery, signal?: AbortSignal): Promise<ReadingTable>;
  /**
   * The same in parts of bounded size, for what need not hold all at once. Each has the query's fields; where that
   * names none, the fields that have a number in it. A connection is held until the last part was taken, and an embedded
   * database, which has only one, does nothing else meanwhile.
   */
  parts(query: HistoryQuery, signal?: AbortSignal): AsyncIterable<ReadingTable>;
}
