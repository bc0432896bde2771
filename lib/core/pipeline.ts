/** How readings within one step become one row. */
export const AGGREGATIONS = ['mean', 'last', 'minimum', 'maximum', 'sum'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** What a trailing window of a field gives; the row itself is the window's last. */
export const WINDOW_STATISTICS = ['mean', 'deviation', 'minimum', 'maximum'] as const;
export type WindowStatistic = (typeof WINDOW_STATISTICS)[number];

/** A field made from other fields of the same row; from then on it is a field like any other. */
export type DerivedField =
  | { readonly name: string; readonly operation: 'percent'; readonly part: string; readonly whole: string }
  | { readonly name: string; readonly operation: 'sum'; readonly of: readonly string[] }
  | { readonly name: string; readonly operation: 'difference'; readonly minuend: string; readonly subtrahend: string };

/** One or two columns of the model's input. */
export type FeatureSpec =
  | { readonly kind: 'value'; readonly field: string }
  | {
      readonly kind: 'window';
      readonly field: string;
      readonly statistic: WindowStatistic;
      /** Length in rows, the current one included. */
      readonly rows: number;
    }
  | { readonly kind: 'lag'; readonly field: string; readonly rows: number }
  /** Change per second since the row before. */
  | { readonly kind: 'rate'; readonly field: string }
  /** Two columns each, sine and cosine, in the pipeline's time zone. */
  | { readonly kind: 'hour-of-day' }
  | { readonly kind: 'day-of-week' };

export const COMPARISONS = ['>', '>=', '<', '<=', '==', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Readings for which this does not hold (stand-still) are neither learned from nor judged. */
export interface Condition {
  readonly field: string;
  readonly comparison: Comparison;
  readonly value: number;
}

/** The way from readings to the rows a model sees: stored with the model, so that live readings meet what training met. */
export interface Pipeline {
  /** Input fields, dotted when nested. */
  readonly fields: readonly string[];
  readonly derived: readonly DerivedField[];
  readonly features: readonly FeatureSpec[];
  /** Time between rows; 0 where the readings had no times of their own. */
  readonly stepMs: number;
  /** True where the user set the step: readings are then always put on its grid. */
  readonly stepGiven: boolean;
  readonly aggregation: Aggregation;
  /** A longer silence starts windows, lags and rates anew instead of bridging it; 0: nothing counts as a gap. */
  readonly gapMs: number;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly judgeWhen?: Condition;
  /** What stands in for a missing feature: its training median, one a feature column. */
  readonly medians: readonly number[];
}
