import type { Calibration } from '../core/artifact';
import { MlError } from '../core/errors';
import { worstStretch } from './bad-stretch';
import { SMALLEST_P } from './score';
import { fitTail } from './tail';

/** Fewer held-out rows than this say too little about what is rare. */
export const MIN_CALIBRATION_ROWS = 20;

/** Points that stand for the distribution below the tail. */
const BODY_POINTS = 64;
/** A stretch is left out when the other rows hold even its expected worst row for less likely than this. */
const IMPLAUSIBLE = 1e-3;

/**
 * Learns how raw scores are distributed where all is normal.
 *
 * Below the highest scores, p is the share that scores at least so high, the row itself counted among them as in
 * conformal prediction (V. Vovk, A. Gammerman, G. Shafer: Algorithmic Learning in a Random World, 2005). Beyond, a
 * generalised Pareto tail takes over (`fitTail`). Neighbouring rows are alike, so what counts is how many independent
 * rows they are worth: the fewer, the slower p falls. One stretch of at most a tenth of the rows that is out of all
 * proportion to the others (a start-up, a disturbance) is left out.
 * @param rawScores - of held-out normal rows, in time order, device after device
 * @throws MlError `TOO_FEW_ROWS` for fewer than 20, `DATA` where one is not finite
 */
export function calibrate(rawScores: Float64Array): Calibration {
  const rows = rawScores.length;
  if (rows < MIN_CALIBRATION_ROWS) {
    throw new MlError('TOO_FEW_ROWS', `Calibration needs at least ${MIN_CALIBRATION_ROWS} held-out rows, got ${rows}.`);
  }
  if (!rawScores.every(Number.isFinite)) throw new MlError('DATA', 'Calibration needs finite raw scores.');
  const { start, end } = worstStretch(rawScores);
  const others = new Float64Array(rows - (end - start));
  others.set(rawScores.subarray(0, start));
  others.set(rawScores.subarray(end), start);
  const withoutWorst = distributionOf(others);
  const peak = rawScores.subarray(start, end).reduce((a, b) => Math.max(a, b));
  const isBad = probability({ ...withoutWorst, rows, leftOut: 0 }, peak) * withoutWorst.effectiveRows < IMPLAUSIBLE;
  return isBad ? { ...withoutWorst, rows, leftOut: end - start } : { ...distributionOf(rawScores), rows, leftOut: 0 };
}

/** The probability that a normal reading scores at least `raw`: never rises with `raw`; from 1 down to 1e-300. */
export function probability({ body, tail }: Calibration, raw: number): number {
  if (raw > tail.start) {
    const excess = (tail.shape * (raw - tail.start)) / tail.scale;
    return Math.max(SMALLEST_P, tail.pStart * Math.exp(-Math.log1p(excess) / tail.shape));
  }
  let upper = body.raw.length - 1;
  for (let lower = 0; upper - lower > 1;) {
    const middle = (lower + upper) >> 1;
    if (body.raw[middle]! < raw) lower = middle;
    else upper = middle;
  }
  const lower = Math.max(0, upper - 1);
  if (raw <= body.raw[lower]!) return body.p[lower]!;
  const fraction = (raw - body.raw[lower]!) / (body.raw[upper]! - body.raw[lower]!);
  return body.p[lower]! + fraction * (body.p[upper]! - body.p[lower]!);
}

type Distribution = Pick<Calibration, 'body' | 'tail' | 'effectiveRows'>;

function distributionOf(scores: Float64Array): Distribution {
  const { start, scale, shape, exceeding, effectiveRows } = fitTail(scores);
  const rows = scores.length;
  /** @param count - rows that score at least, or more than, a raw score */
  const p = (count: number): number => ((count / rows) * effectiveRows + 1) / (effectiveRows + 1);
  const sorted = Float64Array.from(scores)
    .sort()
    .subarray(0, rows - exceeding);
  const raw: number[] = [];
  const shares: number[] = [];
  for (let point = 0; point < BODY_POINTS; point++) {
    const index = Math.round((point / (BODY_POINTS - 1)) * (sorted.length - 1));
    const value = sorted[index]!;
    if (value === raw.at(-1)) continue;
    raw.push(value);
    shares.push(p(rows - sorted.indexOf(value)));
  }
  return { body: { raw, p: shares }, tail: { start, scale, shape, pStart: p(exceeding) }, effectiveRows };
}
