/**
 * A symmetric matrix A as Q · T · Qᵀ: T is symmetric tridiagonal, Q orthogonal and kept as its reflections
 * I − 2 v vᵀ / vᵀv, the first one first.
 */
export interface Tridiagonal {
  readonly size: number;
  /** `size` numbers. */
  readonly diagonal: Float64Array;
  /** Entry i stands beside rows i and i + 1 of the diagonal; `size` numbers, the last one 0. */
  readonly beside: Float64Array;
  /** Row k is the vector v of reflection k, scaled so that vᵀv = 2, zero in its first k + 1 places; `size × size`. */
  readonly reflections: Float64Array;
}

/**
 * Householder's reduction (G. Golub, C. Van Loan: Matrix Computations, 8.3.1): all of an eigendecomposition that takes
 * cubic time, save the eigenvectors. 2/3 · size³ multiplications.
 * @param a - `size × size`, row-major, symmetric; only its lower half is looked at
 */
export function tridiagonalise(a: Float64Array, size: number): Tridiagonal {
  const work = a.slice();
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const reflections = new Float64Array(size * size);
  const product = new Float64Array(size);
  for (let k = 0; k < size - 1; k++) {
    diagonal[k] = work[k * size + k]!;
    const v = reflections.subarray(k * size, (k + 1) * size);
    for (let i = k + 1; i < size; i++) v[i] = work[i * size + k]!;
    beside[k] = reflect(v, k + 1);
    if (k < size - 2) reflectBothSides(work, size, k + 1, v, product);
  }
  if (size > 0) diagonal[size - 1] = work[size * size - 1]!;
  return { size, diagonal, beside, reflections };
}

/**
 * Turns x = v[start …] into the vector of the reflection that maps x to (α, 0 …); zeros where none is needed.
 * @returns α
 */
function reflect(v: Float64Array, start: number): number {
  let largest = 0;
  for (let i = start + 1; i < v.length; i++) largest = Math.max(largest, Math.abs(v[i]!));
  if (largest === 0) {
    const unchanged = v[start]!;
    v[start] = 0;
    return unchanged;
  }
  largest = Math.max(largest, Math.abs(v[start]!));
  let power = 0;
  for (let i = start; i < v.length; i++) {
    v[i]! /= largest;
    power += v[i]! * v[i]!;
  }
  // The sign that adds up instead of cancelling.
  const alpha = v[start]! > 0 ? -Math.sqrt(power) : Math.sqrt(power);
  v[start]! -= alpha;
  const factor = 1 / Math.sqrt(power - alpha * (v[start]! + alpha));
  for (let i = start; i < v.length; i++) v[i]! *= factor;
  return alpha * largest;
}

/** A ← H · A · H with H = I − v vᵀ, in the lower half of the rows and columns from `start` on. */
function reflectBothSides(a: Float64Array, size: number, start: number, v: Float64Array, product: Float64Array): void {
  product.fill(0, start);
  for (let i = start; i < size; i++) {
    const row = i * size;
    const factor = v[i]!;
    let sum = a[row + i]! * factor;
    for (let j = start; j < i; j++) {
      const cell = a[row + j]!;
      sum += cell * v[j]!;
      product[j]! += cell * factor;
    }
    product[i]! += sum;
  }
  let along = 0;
  for (let i = start; i < size; i++) along += v[i]! * product[i]!;
  for (let i = start; i < size; i++) product[i]! -= (along / 2) * v[i]!;
  for (let i = start; i < size; i++) {
    const row = i * size;
    const vi = v[i]!;
    const pi = product[i]!;
    for (let j = start; j <= i; j++) a[row + j]! -= vi * product[j]! + pi * v[j]!;
  }
}

/** Qᵀ · B in place. @param b - `size × columns`, row-major */
export function rotate(t: Tridiagonal, b: Float64Array, columns: number): void {
  for (let k = 0; k < t.size - 1; k++) reflectRows(t, k, b, columns);
}

/** Q · B in place, the inverse of `rotate`. */
export function rotateBack(t: Tridiagonal, b: Float64Array, columns: number): void {
  for (let k = t.size - 2; k >= 0; k--) reflectRows(t, k, b, columns);
}

function reflectRows({ size, reflections }: Tridiagonal, k: number, b: Float64Array, columns: number): void {
  const along = new Float64Array(columns);
  for (let i = k + 1; i < size; i++) {
    const factor = reflections[k * size + i]!;
    for (let c = 0; c < columns; c++) along[c]! += factor * b[i * columns + c]!;
  }
  for (let i = k + 1; i < size; i++) {
    const factor = reflections[k * size + i]!;
    for (let c = 0; c < columns; c++) b[i * columns + c]! -= factor * along[c]!;
  }
}
