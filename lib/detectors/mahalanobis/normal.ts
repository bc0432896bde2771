/** Where the features usually are together. */
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
