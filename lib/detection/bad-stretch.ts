/** A stretch is this share of the rows. */
const STRETCH_SHARE = 0.1;

/** Rows `start` (inclusive) to `end` (exclusive). */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The contiguous tenth of the rows with the highest mean score. */
export function worstStretch(scores: Float64Array): Stretch {
  const length = Math.floor(scores.length * STRETCH_SHARE);
  let sum = 0;
  for (let i = 0; i < length; i++) sum += scores[i]!;
  let worst = 0;
  let highest = sum;
  for (let start = 1; start + length <= scores.length; start++) {
    sum += scores[start + length - 1]! - scores[start - 1]!;
    if (sum > highest) {
      highest = sum;
      worst = start;
    }
  }
  return { start: worst, end: worst + length };
}
