import type { Aggregation, Condition, DerivedField, Pipeline } from '../core/pipeline';
import type { ReadingTable } from '../core/readings';
import type { Table } from '../core/table';

/** Which features a field gets beside its value. */
export interface FieldFeatures {
  /** Empty: every field, derived ones included. */
  readonly field: string;
  /** Length in rows, for the four that follow. */
  readonly window: number;
  readonly mean: boolean;
  readonly deviation: boolean;
  readonly minimum: boolean;
  readonly maximum: boolean;
  /** How many rows back, one feature each. */
  readonly lags: readonly number[];
  readonly rate: boolean;
}

export interface PipelineOptions {
  /** Input fields; absent or empty: all numeric ones. */
  readonly fields?: readonly string[];
  readonly derived?: readonly DerivedField[];
  readonly features?: readonly FieldFeatures[];
  readonly hourOfDay?: boolean;
  readonly dayOfWeek?: boolean;
  /** Absent or 0: found in the data. */
  readonly stepMs?: number;
  /** Default: `mean`. */
  readonly aggregation?: Aggregation;
  /** IANA name. Default: `UTC`. */
  readonly timeZone?: string;
  readonly judgeWhen?: Condition;
}

/** A field that "all numeric" did not take. */
export interface LeftOut {
  readonly field: string;
  /** In plain words. */
  readonly reason: string;
}

/** Rows `start` (inclusive) to `end` (exclusive) of `x` come from one device, in time order. */
export interface Segment {
  readonly device: string;
  readonly start: number;
  readonly end: number;
}

export interface FittedPipeline {
  readonly pipeline: Pipeline;
  readonly leftOut: readonly LeftOut[];
  /** `rows × feature columns` of all devices; missing cells hold the pipeline's medians. Only rows that can be judged. */
  readonly x: Table;
  /** `rows` long, epoch ms. */
  readonly timestampsMs: Float64Array;
  /** `rows` long. */
  readonly labels: readonly (string | null)[];
  /** One a device that has rows. */
  readonly segments: readonly Segment[];
}

/**
 * Makes a pipeline from readings, and the rows that a detector is fitted on.
 * @throws MlError `DATA` where no field is left to learn from or a field does not exist, `PARAMETER` for a wrong option
 */
export function fitPipeline(tables: readonly ReadingTable[], options: PipelineOptions): FittedPipeline {
  const fields = options.fields ?? tables[0]?.fields ?? [];
  const features = fields.map((field) => ({ kind: 'value', field }) as const);
  return {
    pipeline: {
      fields,
      derived: options.derived ?? [],
      features,
      stepMs: options.stepMs ?? 0,
      stepGiven: options.stepMs !== undefined,
      aggregation: options.aggregation ?? 'mean',
      gapMs: 0,
      timeZone: options.timeZone ?? 'UTC',
      medians: fields.map(() => NaN),
    },
    leftOut: [],
    x: { columns: fields, data: new Float64Array(0), rows: 0 },
    timestampsMs: new Float64Array(0),
    labels: [],
    segments: [],
  };
}
