import type { DailyProfile } from './daily-profile';

/** Where some features usually are together. */
export interface Normal {
  /** One number a feature, in its own unit; `scale` above 0. */
  readonly centre: Float64Array;
  readonly scale: Float64Array;
  /**
   * Makes of standardised features independent ones of deviation 1: a lower triangular matrix without its zeros, row
   * after row, `features × (features + 1) / 2` long.
   */
  readonly whitening: Float64Array;
}

/** The features of one time scale: they are judged together. */
export interface Scale {
  /** Where they stand in a row, rising. */
  readonly columns: readonly number[];
  readonly normal: Normal;
}

/** Where the features of all time scales usually are. */
export interface Scales {
  /** Taken off each row's features, after logarithms, before they are judged; null: the time of day is not known. */
  readonly profile: DailyProfile | null;
  /** One a feature: above 0, the feature is looked at by its logarithm, and whatever is less counts as so much; else 0. */
  readonly floors: Float64Array;
  readonly scales: readonly Scale[];
}
