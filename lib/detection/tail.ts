/** How the highest scores are distributed: p(raw) = pStart · (1 + shape · (raw − start) / scale)^(−1 / shape). */
export interface Tail {
  readonly start: number;
  readonly scale: number;
  readonly shape: number;
  /** Rows above `start`. */
  readonly exceeding: number;
  /** How many independent rows the rows are worth. */
  readonly effectiveRows: number;
}

/** The tail is made of so many rows times the square root of all rows. */
const TAIL_ROWS = 1.5;
/** The scale is not finer than this, relative to the score, and never finer than the second: less is rounding. */
const FINEST_SCALE = 0.005;
const FINEST_SCALE_EVER = 1e-6;
/** Where all scores are one, nothing is known of what else is normal: the scale is this, relative to the score. */
const SCALE_WITHOUT_SPREAD = 0.1;
/** Independent exceedances that the assumption of a typical scale is worth. */
const TYPICAL_EXCEEDANCES = 10;
/** Independent exceedances that the assumption of an exponential tail is worth. */
const PRIOR_EXCEEDANCES = 20;
/** Heavier tails than this are not believed; and where a single exceedance is all there is, the tail is that of the second. */
const HEAVIEST_ESTIMATE = 0.5;
const HEAVIEST_SHAPE = 1;

/**
 * Fits a tail to the excesses over a high score (peaks over threshold; S. Coles: An Introduction to Statistical
 * Modeling of Extreme Values, 2001, chapter 4).
 *
 * The shape is estimated by probability-weighted moments (J. Hosking, J. Wallis, Technometrics 29, 1987) and shrunk
 * towards 0, the exponential tail; lighter tails than that are not believed. To it is added what the uncertainty of
 * the scale is worth: after k independent excesses with mean m, the next one exceeds x with probability
 * (1 + x / (k m))^−k, a tail of shape 1 / k. What is typical of the detector, where it says so, counts as ten more of
 * them: a few hundred rows that are all alike say less about what is rare.
 * @param typicalExcess - see `Algorithm.typicalExcess`
 */
export function fitTail(scores: Float64Array, typicalExcess?: number): Tail {
  const rows = scores.length;
  const sorted = Float64Array.from(scores).sort();
  const wanted = Math.min(Math.floor(rows / 4), Math.ceil(TAIL_ROWS * Math.sqrt(rows)));
  const start = sorted[rows - 1 - wanted]!;
  const above = sorted.filter((score) => score > start);
  const exceeding = above.length;
  const size = Math.abs(start);
  if (exceeding === 0) {
    const spread = start - sorted[rows >> 1]!;
    const scale = Math.max(spread > 0 ? spread : SCALE_WITHOUT_SPREAD * (size || 1), FINEST_SCALE_EVER);
    return { start, scale, shape: HEAVIEST_SHAPE, exceeding, effectiveRows: rows };
  }
  const independent = Math.max(1, exceeding * independence(scores, start));
  const excesses = above.map((score) => score - start);
  const weight = independent / (independent + PRIOR_EXCEEDANCES);
  const heaviness = Math.min(HEAVIEST_ESTIMATE, Math.max(0, weight * shapeOf(excesses)));
  const measured = (1 - heaviness) * (excesses.reduce((a, b) => a + b) / exceeding);
  const typical = typicalExcess === undefined ? 0 : TYPICAL_EXCEEDANCES;
  const known = independent + typical;
  const scale = (independent * measured + typical * (typicalExcess ?? 0) * size) / known;
  return {
    start,
    scale: Math.max(scale, FINEST_SCALE * size, FINEST_SCALE_EVER),
    shape: Math.min(HEAVIEST_SHAPE, heaviness + 1 / known),
    exceeding,
    effectiveRows: (rows * independent) / exceeding,
  };
}

/**
 * The share of exceedances that are independent, by the intervals between them: few exceedances that come in clusters
 * leave long gaps (C. Ferro, J. Segers: Inference for clusters of extreme values, J. R. Statist. Soc. B 65, 2003).
 * The last row is taken to be followed by the first, so that a single cluster has a gap, too.
 */
function independence(scores: Float64Array, start: number): number {
  const above: number[] = [];
  scores.forEach((score, row) => {
    if (score > start) above.push(row);
  });
  let gaps = 0;
  let squares = 0;
  above.forEach((row, i) => {
    const gap = i === 0 ? row + scores.length - above.at(-1)! : row - above[i - 1]!;
    gaps += gap - 1;
    squares += (gap - 1) * (gap - 2);
  });
  return squares > 0 ? Math.min(1, (2 * gaps * gaps) / (above.length * squares)) : 1;
}

/**
 * Shape of a generalised Pareto distribution by probability-weighted moments; 0 or less where all excesses are alike.
 * @param excesses - rising
 */
function shapeOf(excesses: Float64Array): number {
  const last = excesses.length - 1;
  let mean = 0;
  let weighted = 0;
  excesses.forEach((excess, i) => {
    mean += excess;
    weighted += last > 0 ? (excess * (last - i)) / last : excess / 2;
  });
  // Never below 0 but by rounding, since the excesses rise and their weights fall.
  const difference = mean - 2 * weighted;
  return difference > 0 ? 2 - mean / difference : 0;
}
