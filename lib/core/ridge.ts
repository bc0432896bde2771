import { rotate, rotateBack, tridiagonalise, type Tridiagonal } from './tridiagonal';

/** Penalties that are tried, relative to the mean diagonal of the Gram matrix. */
export const RIDGE_PENALTIES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1] as const;

/** A least-squares problem in its centred moments, each divided by the number of samples. */
export interface Moments {
  readonly columns: number;
  readonly outputs: number;
  /** Samples that the moments are means of. */
  readonly samples: number;
  /** Xᵀ X, `columns × columns`. */
  readonly gram: Float64Array;
  /** Xᵀ Y, `columns × outputs`. */
  readonly cross: Float64Array;
  /** Sum of the outputs' variances. */
  readonly power: number;
}

export interface RidgeFit {
  /** `columns × outputs`. */
  readonly coefficients: Float64Array;
  /** The one chosen of `RIDGE_PENALTIES`, shared by all outputs. */
  readonly penalty: number;
}

/** More of the samples' freedom than this is not counted as spent, so that the criterion stays finite. */
const LARGEST_SHARE = 0.98;
/** Keeps the penalty above zero where no column varies. */
const TINY = 1e-12;

/**
 * Ridge regression with the penalty chosen by generalised cross-validation: the least
 * `residual power / (1 − degrees of freedom / samples)²` (G. Golub, M. Heath, G. Wahba: Generalized cross-validation as
 * a method for choosing a good ridge parameter. Technometrics 21, 1979). One reduction of the Gram matrix to tridiagonal
 * form serves all penalties: each then costs linear time (after L. Eldén: A note on the computation of the generalized
 * cross-validation function. BIT 24, 1984). Constant and dependent columns do no harm.
 */
export function ridgeByGcv({ columns, outputs, samples, gram, cross, power }: Moments): RidgeFit {
  const reduced = tridiagonalise(gram, columns);
  const rotated = cross.slice();
  rotate(reduced, rotated, outputs);
  const unit = reduced.diagonal.reduce((sum, value) => sum + value, 0) / columns + TINY;
  let best: { criterion: number; penalty: number; solution: Float64Array } | undefined;
  for (const penalty of RIDGE_PENALTIES) {
    const solved = solveShifted(reduced, penalty * unit, rotated, outputs);
    if (!solved) continue;
    const residual = power - solved.explained;
    const share = Math.min(LARGEST_SHARE, (solved.freedom + 1) / samples);
    const criterion = residual / (1 - share) ** 2;
    if (!best || criterion < best.criterion) best = { criterion, penalty, solution: solved.solution };
  }
  const coefficients = best?.solution ?? new Float64Array(columns * outputs);
  rotateBack(reduced, coefficients, outputs);
  return { coefficients, penalty: best?.penalty ?? RIDGE_PENALTIES.at(-1)! };
}

/** What (T + shift · I)⁻¹ makes of `b`; nothing where rounding has left T + shift · I indefinite. */
function solveShifted(
  { size, diagonal, beside }: Tridiagonal,
  shift: number,
  b: Float64Array,
  outputs: number,
): { solution: Float64Array; explained: number; freedom: number } | undefined {
  // T + shift · I = L · D · Lᵀ; the pivots from below as well, for the diagonal of the inverse.
  const pivots = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const above = i === 0 ? 0 : beside[i - 1]! ** 2 / pivots[i - 1]!;
    pivots[i] = diagonal[i]! + shift - above;
    if (!(pivots[i]! > 0)) return undefined;
  }
  let trace = 0;
  for (let i = size - 1, below = 0; i >= 0; i--) {
    const fromBelow = diagonal[i]! + shift - below;
    trace += 1 / (pivots[i]! - below);
    if (i > 0) below = beside[i - 1]! ** 2 / fromBelow;
  }

  const solution = b.slice();
  for (let i = 1; i < size; i++) addRow(solution, outputs, i, i - 1, -beside[i - 1]! / pivots[i - 1]!);
  // Bᵀ (T + shift)⁻¹ B and the squared length of the solution give the part of the outputs that is explained.
  let explained = 0;
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < outputs; c++) {
      const value = solution[i * outputs + c]!;
      explained += (value * value) / pivots[i]!;
      solution[i * outputs + c] = value / pivots[i]!;
    }
  }
  for (let i = size - 2; i >= 0; i--) addRow(solution, outputs, i, i + 1, -beside[i]! / pivots[i]!);
  let length = 0;
  for (const value of solution) length += value * value;
  return { solution, explained: explained + shift * length, freedom: size - shift * trace };
}

/** Row `to` of a matrix plus `factor` × row `from`. */
function addRow(matrix: Float64Array, columns: number, to: number, from: number, factor: number): void {
  for (let c = 0; c < columns; c++) matrix[to * columns + c]! += factor * matrix[from * columns + c]!;
}
