import { cholesky } from '../../core/cholesky';
import type { History } from '../../core/history';
import { medianAbsoluteDeviation } from '../../core/statistics';
import type { Design } from './design';

const PASSES = 20;
/** Residuals beyond so many deviations are outliers and count as if they lay there (P. Huber: Robust Statistics. 1981). */
const HUBER = 1.345;
/** Makes a median absolute deviation a standard deviation of normal errors. */
const NORMAL = 1.4826;
/** Below it a change of slope counts as none. */
const NO_CHANGE = 1e-4;
/** Keeps the equations solvable where columns depend on one another: so much of the samples. */
const SMALLEST_PENALTY = 1e-7;
const LARGEST_CORRELATION = 0.99;

/** How the noise of a series goes: its variance, and how alike neighbours are. */
interface Noise {
  readonly variance: number;
  /** Of neighbours, 0 … 0.99. */
  readonly correlation: number;
}

/**
 * The curve's coefficients: least squares with outliers pulled in, and Laplace's prior on the changes of slope (as S.
 * Taylor and B. Letham have it), by repeated ridge regression with the penalty σ² / (τ · |change|). Neighbouring
 * residuals that are alike say less than independent ones, so σ² counts (1 + ρ) / (1 − ρ) times.
 * @param history - its target standardised
 * @param flexibility - τ
 * @param afterPass - is told the share of the work that is done
 */
export function fitCurve(
  design: Design,
  history: History,
  flexibility: number,
  afterPass: (share: number) => void,
): Float64Array {
  const { target } = history;
  const samples = target.length;
  const gram = gramOf(design, history);
  let coefficients = new Float64Array(design.columns);
  let aims = target;
  // At first every slope may change as it likes: from no change at all the prior would never let one begin.
  let noise: Noise = { variance: 0, correlation: 0 };
  for (let pass = 0; pass < PASSES; pass++) {
    const scale = noise.variance * ((1 + noise.correlation) / (1 - noise.correlation));
    const changes = coefficients.subarray(2, 2 + design.changes.length);
    const penalties = new Float64Array(design.columns).fill(SMALLEST_PENALTY * samples, 1);
    changes.forEach((change, c) => (penalties[2 + c]! += scale / (flexibility * (Math.abs(change) + NO_CHANGE))));
    coefficients = solve(gram, penalties, productsWith(design, history, aims));
    const curve = design.curve(history, 0, samples, coefficients);
    const residuals = target.map((value, i) => value - curve[i]!);
    const deviation = deviationOf(residuals);
    const limit = deviation > 0 ? HUBER * deviation : Infinity;
    noise = { variance: deviation * deviation, correlation: correlationOf(residuals, limit) };
    aims = curve.map((value, i) => value + Math.max(-limit, Math.min(limit, residuals[i]!)));
    afterPass((pass + 1) / PASSES);
  }
  return coefficients;
}

/** Xᵀ X, lower triangle. */
function gramOf(design: Design, history: History): Float64Array {
  const { columns } = design;
  const gram = new Float64Array(columns * columns);
  design.forEachRow(history, 0, history.target.length, (row) => {
    for (let i = 0; i < columns; i++) {
      const value = row[i]!;
      if (value === 0) continue;
      const from = i * columns;
      for (let j = 0; j <= i; j++) gram[from + j]! += value * row[j]!;
    }
  });
  return gram;
}

/** Xᵀ y. */
function productsWith(design: Design, history: History, y: Float64Array): Float64Array {
  const products = new Float64Array(design.columns);
  design.forEachRow(history, 0, y.length, (row, i) => {
    const value = y[i]!;
    for (let c = 0; c < row.length; c++) products[c]! += value * row[c]!;
  });
  return products;
}

/** (A + diag(penalties))⁻¹ b from the lower triangle of A. */
function solve(a: Float64Array, penalties: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const size = b.length;
  const penalised = a.slice();
  for (let i = 0; i < size; i++) penalised[i * size + i]! += penalties[i]!;
  const l = cholesky(penalised, size);
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * size + k]! * x[k]!;
    x[i]! /= l[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= l[k * size + i]! * x[k]!;
    x[i]! /= l[i * size + i]!;
  }
  return x;
}

/** Robust; the plain one where more than half of the residuals are alike, so that it is zero for a perfect fit only. */
function deviationOf(residuals: Float64Array): number {
  const robust = NORMAL * medianAbsoluteDeviation(residuals);
  if (robust > 0) return robust;
  let squares = 0;
  for (const value of residuals) squares += value * value;
  return Math.sqrt(squares / residuals.length);
}

/** Of neighbours, with outliers pulled in. */
export function correlationOf(residuals: Float64Array, limit: number): number {
  const at = (i: number): number => Math.max(-limit, Math.min(limit, residuals[i]!));
  let [product, squares] = [0, 0];
  for (let i = 1; i < residuals.length; i++) {
    product += at(i) * at(i - 1);
    squares += at(i - 1) * at(i - 1);
  }
  return squares > 0 ? Math.max(0, Math.min(LARGEST_CORRELATION, product / squares)) : 0;
}
