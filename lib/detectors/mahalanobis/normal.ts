/** Where the features usually are together. */
export interface Normal {
  /** One number a feature, in its own unit; `scale` above 0. */
  readonly centre: Float64Array;
  readonly scale: Float64Array;
  /** `features × features`, lower triangular: makes of standardised features independent ones of deviation 1. */
  readonly whitening: Float64Array;
}
