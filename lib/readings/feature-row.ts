/** What one reading, or the readings of one step together, became: what a detector judges. */
export interface FeatureRow {
  /** Epoch ms, UTC; of a step's readings together: where the step begins. */
  readonly timestampMs: number;
  /** One number a feature column; missing ones are the pipeline's medians (NaN while these are not known yet). */
  readonly values: Float64Array;
  /** Input fields that were missing. */
  readonly missing: readonly string[];
  /** Feature columns whose field is there, but not the earlier readings that they need: their medians stand in. */
  readonly withoutPast: number;
  /** Rows that came one after the other without a gap, this one included, as far as features reach back: 1 after a gap. */
  readonly past: number;
  /** `not-now`: the pipeline's `judgeWhen` does not hold; `mostly-missing`: more than half of the input fields are missing. */
  readonly verdict: 'judge' | 'not-now' | 'mostly-missing';
  /** Older than the newest one seen: to be judged, but it changes no window and must change no alarm. */
  readonly late: boolean;
  /** How fast readings come against `Pipeline.stepMs`; `aggregating`: faster than trained, so that each step's become one row. */
  readonly sampling: 'as-trained' | 'slower' | 'aggregating';
  /** The values of this row's fields, derived ones included, missing ones not. */
  readonly reading: ReadonlyMap<string, number>;
  readonly label?: string;
}
