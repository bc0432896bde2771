import type { Aggregation, Condition, DerivedField } from '../core/pipeline';

/** Which series a forecaster is made from, and how readings become one. */
export interface SeriesOptions {
  /** The field to forecast, which may be a derived one; empty: the only one there is. */
  readonly field: string;
  /** Other fields whose past the model may look at. */
  readonly others?: readonly string[];
  readonly derived?: readonly DerivedField[];
  /** Absent or 0: found in the data. */
  readonly stepMs?: number;
  /** Default: `mean`. */
  readonly aggregation?: Aggregation;
  /** Longest gap that is filled; absent: see `regularGrid`. */
  readonly fillMs?: number;
  /** IANA name. Default: `UTC`. */
  readonly timeZone?: string;
  readonly judgeWhen?: Condition;
}
