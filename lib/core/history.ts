/** What a forecaster looks at: one series to forecast, and others beside it, on one regular grid with nothing missing. */
export interface History {
  /** Time of sample 0, epoch ms, a multiple of `stepMs`; sample i was taken at `startMs + i * stepMs`. */
  readonly startMs: number;
  readonly stepMs: number;
  /** IANA name, such as `Europe/Berlin`: days and weeks begin by its clocks. */
  readonly timeZone: string;
  /** The series to forecast, every value finite. */
  readonly target: Float64Array;
  /** Other fields of the same device, each as long as the target; their future is not known. */
  readonly others: readonly Float64Array[];
}

/** What a forecaster is fitted on. */
export interface TrainingHistory extends History {
  /** Seasonal periods in samples, each at least 2, the shortest first; none: no season was found. */
  readonly periods: readonly number[];
  /** Steps ahead that matter. */
  readonly horizon: number;
}

/** The samples `start` (inclusive) to `end` (exclusive), sharing memory with `history`. */
export function sliceHistory<H extends History>(history: H, start: number, end: number): H {
  return {
    ...history,
    startMs: history.startMs + start * history.stepMs,
    target: history.target.subarray(start, end),
    others: history.others.map((other) => other.subarray(start, end)),
  };
}
