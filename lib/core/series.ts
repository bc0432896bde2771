/** One field over time on a regular grid: sample i was taken at `startMs + i * stepMs` (epoch ms, UTC). NaN means missing. */
export interface Series {
  readonly values: Float64Array;
  readonly startMs: number;
  readonly stepMs: number;
}
