import { rotateBack, tridiagonalise } from './tridiagonal';

export interface Eigen {
  /** The largest first. */
  readonly values: Float64Array;
  /** Row k is the unit vector of value k; `size × size`. Its sign says nothing. */
  readonly vectors: Float64Array;
}

/** A value takes two steps or three; so many are never needed unless a number is not finite. */
const MOST_STEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: reduced to tridiagonal form, then diagonalised by implicit QL steps
 * with Wilkinson's shift (G. Golub, C. Van Loan: Matrix Computations, 8.3). Some 4 · size³ multiplications.
 * @param a - `size × size`, row-major, symmetric; only its lower half is looked at
 */
export function eigenOfSymmetric(a: Float64Array, size: number): Eigen {
  const reduced = tridiagonalise(a, size);
  const q = new Float64Array(size * size);
  for (let i = 0; i < size; i++) q[i * (size + 1)] = 1;
  rotateBack(reduced, q, size);
  // Transposed, the two columns that a step turns lie in a row each.
  const rows = Array.from({ length: size }, (_, c) => Float64Array.from({ length: size }, (_, r) => q[r * size + c]!));
  const { diagonal, beside } = reduced;
  for (let first = 0; first < size; first++) {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const last = endOfBlock(diagonal, beside, first);
      if (last === first) break;
      stepOnce(diagonal, beside, first, last, rows);
    }
  }
  const order = [...rows.keys()].sort((i, j) => diagonal[j]! - diagonal[i]!);
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => vectors.set(rows[from]!, to * size));
  return { values: Float64Array.from(order, (k) => diagonal[k]!), vectors };
}

/** The last place that is still tied to `first`: beyond it, what stands beside the diagonal is zero but for rounding. */
function endOfBlock(diagonal: Float64Array, beside: Float64Array, first: number): number {
  let last = first;
  while (last < diagonal.length - 1) {
    const size = Math.abs(diagonal[last]!) + Math.abs(diagonal[last + 1]!);
    if (Math.abs(beside[last]!) <= Number.EPSILON * size) break;
    last++;
  }
  return last;
}

/** One implicit QL step on the places `first` to `last`: chases the bulge upwards, and turns `rows` alike. */
function stepOnce(
  diagonal: Float64Array,
  beside: Float64Array,
  first: number,
  last: number,
  rows: readonly Float64Array[],
): void {
  const half = (diagonal[first + 1]! - diagonal[first]!) / (2 * beside[first]!);
  const shift = diagonal[first]! - beside[first]! / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1));
  let along = diagonal[last]! - shift;
  let [sine, cosine, lowered] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const bulge = sine * beside[i]!;
    const next = cosine * beside[i]!;
    const length = Math.hypot(bulge, along);
    beside[i + 1] = length;
    if (length === 0) {
      // Split in two by an exact zero: the rest is left to the next step.
      diagonal[i + 1]! -= lowered;
      beside[last] = 0;
      return;
    }
    sine = bulge / length;
    cosine = along / length;
    const above = diagonal[i + 1]! - lowered;
    const turned = (diagonal[i]! - above) * sine + 2 * cosine * next;
    lowered = sine * turned;
    diagonal[i + 1] = above + lowered;
    along = cosine * turned - next;
    turn(rows[i]!, rows[i + 1]!, cosine, sine);
  }
  diagonal[first]! -= lowered;
  beside[first] = along;
  beside[last] = 0;
}

function turn(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < a.length; k++) {
    const [left, right] = [a[k]!, b[k]!];
    a[k] = cosine * left - sine * right;
    b[k] = sine * left + cosine * right;
  }
}
