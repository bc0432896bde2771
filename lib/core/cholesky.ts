import { MlError } from './errors';

/**
 * The lower triangular L with A = L · Lᵀ (Cholesky; G. Golub, C. Van Loan: Matrix Computations, 4.2).
 * @param a - `size × size`, row-major, symmetric positive definite
 * @returns `size × size`, row-major, zero above the diagonal; size³ / 6 multiplications
 * @throws MlError `DATA` where `a` is not positive definite
 */
export function cholesky(a: Float64Array, size: number): Float64Array {
  const l = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * size + k]! * l[j * size + k]!;
      if (i !== j) l[i * size + j] = sum / l[j * size + j]!;
      else if (sum > 0) l[i * size + i] = Math.sqrt(sum);
      else throw new MlError('DATA', 'The covariance of the features is not positive definite.');
    }
  }
  return l;
}

/** L⁻¹ of a lower triangular L without zeros on its diagonal; lower triangular as well. */
export function invertLower(l: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      let sum = row === column ? 1 : 0;
      for (let k = column; k < row; k++) sum -= l[row * size + k]! * inverse[k * size + column]!;
      inverse[row * size + column] = sum / l[row * size + row]!;
    }
  }
  return inverse;
}

/** A⁻¹ = Wᵀ · W from W = L⁻¹. @returns `size × size`, symmetric */
export function inverseFromWhitening(w: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i <= k; i++) {
      const factor = w[k * size + i]!;
      for (let j = 0; j <= i; j++) inverse[i * size + j]! += factor * w[k * size + j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) inverse[j * size + i] = inverse[i * size + j]!;
  return inverse;
}

/** A lower triangular matrix without the zeros above its diagonal, row after row: `size × (size + 1) / 2` numbers. */
export function packLower(l: Float64Array, size: number): Float64Array {
  const packed = new Float64Array((size * (size + 1)) / 2);
  for (let i = 0, p = 0; i < size; i++) for (let j = 0; j <= i; j++, p++) packed[p] = l[i * size + j]!;
  return packed;
}

/** The inverse of `packLower`. */
export function unpackLower(packed: Float64Array, size: number): Float64Array {
  const l = new Float64Array(size * size);
  for (let i = 0, p = 0; i < size; i++) for (let j = 0; j <= i; j++, p++) l[i * size + j] = packed[p]!;
  return l;
}
