import type { Calibration } from '../core/artifact';
import { MlError } from '../core/errors';
import { worstStretch } from './bad-stretch';
import { SMALLEST_P } from './score';
import { fitTail } from './tail';

/** Fewer held-out rows than this say too little about what is rare. */
export const MIN_CALIBRATION_ROWS = 20;

/** Points that stand for the distribution below the tail, and within it. */
const POINTS_BELOW = 64;
const POINTS_WITHIN = 32;
/** So many rows of a score show that it is not unheard of; fewer may be the very fault that is looked for. */
const PRECEDENTS = 3;
/** A stretch is left out when the other rows hold even its expected worst row for less likely than this. */
const IMPLAUSIBLE = 1e-3;

/** What an algorithm says of its raw scores. */
export interface KnownScores {
  readonly highestScore?: number;
  readonly typicalExcess?: number;
}

/**
 * Learns how raw scores are distributed where all is normal.
 *
 * Below the highest scores, p is the share that scores at least so high, the row itself counted among them as in
 * conformal prediction (V. Vovk, A. Gammerman, G. Shafer: Algorithmic Learning in a Random World, 2005). Beyond, a
 * generalised Pareto tail takes over (`fitTail`), but what the rows have shown three times is called no rarer than it
 * was. Neighbouring rows are alike, so what counts is how many independent
 * rows they are worth: the fewer, the slower p falls. One stretch of at most a tenth of the rows that is out of all
 * proportion to the others (a start-up, a disturbance) is left out.
 * Raw scores that cannot exceed a bound are first spread out: −ln(1 − raw / bound) has none, and what was the end of a
 * bounded distribution with a power of the distance to the bound becomes an exponential tail.
 * @param rawScores - of held-out normal rows, in time order, device after device
 * @param algorithm - what is known of its raw scores
 * @throws MlError `TOO_FEW_ROWS` for fewer than 20, `DATA` where one is not finite
 */
export function calibrate(rawScores: Float64Array, algorithm: KnownScores = {}): Calibration {
  const { highestScore: bound, ...known } = algorithm;
  if (bound !== undefined) {
    const spread = rawScores.map((raw) => spreadOut(raw, bound));
    return { ...calibrate(spread, known), bound };
  }
  const rows = rawScores.length;
  if (rows < MIN_CALIBRATION_ROWS) {
    throw new MlError('TOO_FEW_ROWS', `Calibration needs at least ${MIN_CALIBRATION_ROWS} held-out rows, got ${rows}.`);
  }
  if (!rawScores.every(Number.isFinite)) throw new MlError('DATA', 'Calibration needs finite raw scores.');
  const { start, end } = worstStretch(rawScores);
  const others = new Float64Array(rows - (end - start));
  others.set(rawScores.subarray(0, start));
  others.set(rawScores.subarray(end), start);
  const withoutWorst = distributionOf(others, known.typicalExcess);
  const peak = rawScores.subarray(start, end).reduce((a, b) => Math.max(a, b));
  const isBad = probability({ ...withoutWorst, rows, leftOut: 0 }, peak) * withoutWorst.effectiveRows < IMPLAUSIBLE;
  return isBad
    ? { ...withoutWorst, rows, leftOut: end - start }
    : { ...distributionOf(rawScores, known.typicalExcess), rows, leftOut: 0 };
}

/** The probability that a normal reading scores at least `raw`: never rises with `raw`; from 1 down to 1e-300. */
export function probability({ body, tail, bound }: Calibration, rawScore: number): number {
  const raw = bound === undefined ? rawScore : spreadOut(rawScore, bound);
  const seen = raw <= body.raw.at(-1)! ? interpolated(body, raw) : 0;
  if (raw <= tail.start) return seen;
  const excess = (tail.shape * (raw - tail.start)) / tail.scale;
  return Math.max(SMALLEST_P, seen, tail.pStart * Math.exp(-Math.log1p(excess) / tail.shape));
}

/** Halvings that bring a raw score as near as numbers allow. */
const HALVINGS = 100;

/** The raw score from which on `probability` is at most `p`; its inverse. @param p - above 0; finite where p ≥ 1e-200 */
export function rawScoreOf({ bound, ...spread }: Calibration, p: number): number {
  let low = spread.body.raw[0]!;
  let step = spread.tail.scale;
  let high = low;
  while (probability(spread, high) > p) high = low + (step *= 2);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = low + (high - low) / 2;
    if (probability(spread, middle) > p) low = middle;
    else high = middle;
  }
  return bound === undefined ? high : bound * -Math.expm1(-high);
}

/** A score at its bound counts as the highest below. */
function spreadOut(raw: number, bound: number): number {
  return -Math.log(Math.max(Number.EPSILON, 1 - raw / bound));
}

/** @param raw - at most the last point's */
function interpolated({ raw: raws, p }: Calibration['body'], raw: number): number {
  if (raw <= raws[0]!) return p[0]!;
  let lower = 0;
  let upper = raws.length - 1;
  while (upper - lower > 1) {
    const middle = (lower + upper) >> 1;
    if (raws[middle]! < raw) lower = middle;
    else upper = middle;
  }
  const toUpper = (raws[upper]! - raw) / (raws[upper]! - raws[lower]!);
  // In this form, rounding makes p neither rise nor leave the two points' range.
  return Math.min(p[lower]!, p[upper]! + toUpper * (p[lower]! - p[upper]!));
}

type Distribution = Pick<Calibration, 'body' | 'tail' | 'effectiveRows'>;

function distributionOf(scores: Float64Array, typicalExcess?: number): Distribution {
  const { start, scale, shape, exceeding, effectiveRows } = fitTail(scores, typicalExcess);
  const rows = scores.length;
  const sorted = Float64Array.from(scores).sort();
  /** Of a row that is not among them, when so many of them score like it. */
  const conformal = (count: number): number => ((count / rows) * effectiveRows + 1) / (effectiveRows + 1);
  const body = { raw: [] as number[], p: [] as number[] };
  const addPoint = (index: number, p: (count: number) => number): void => {
    const value = sorted[index]!;
    if (value === body.raw.at(-1)) return;
    body.raw.push(value);
    body.p.push(p(rows - sorted.indexOf(value)));
  };
  const below = rows - exceeding;
  for (const index of spread(0, below - 1, POINTS_BELOW)) addPoint(index, conformal);
  for (const index of spread(below, rows - PRECEDENTS, POINTS_WITHIN)) addPoint(index, (count) => count / rows);
  return { body, tail: { start, scale, shape, pStart: conformal(exceeding) }, effectiveRows };
}

/** At most so many whole numbers from `first` to `last`, evenly spread. */
function spread(first: number, last: number, most: number): number[] {
  const count = Math.min(most, last - first + 1);
  if (count < 2) return count === 1 ? [last] : [];
  return Array.from({ length: count }, (_, i) => first + Math.round((i / (count - 1)) * (last - first)));
}
