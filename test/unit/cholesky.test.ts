import should from 'should';
import { cholesky, inverseFromWhitening, invertLower, packLower, unpackLower } from '#lib/core/cholesky';

// A = L · Lᵀ with L = [[2, 0, 0], [6, 1, 0], [-8, 5, 3]], an example that can be followed by hand.
const A = Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98);
const L = Float64Array.of(2, 0, 0, 6, 1, 0, -8, 5, 3);

/** Product of two 3 × 3 matrices. */
function product(a: Float64Array, b: Float64Array): number[] {
  return Array.from({ length: 9 }, (_, cell) =>
    [0, 1, 2].reduce((sum, k) => sum + a[3 * Math.floor(cell / 3) + k]! * b[3 * k + (cell % 3)]!, 0),
  );
}

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const near = (found: ArrayLike<number>, expected: ArrayLike<number>): void =>
  Array.from(found).forEach((value, i) => should(value).be.approximately(expected[i]!, 1e-9));

describe('Cholesky', () => {
  it('takes a symmetric matrix apart', () => {
    [...cholesky(A, 3)].should.eql([...L]);
  });

  it('inverts the triangle, and from it the matrix', () => {
    const inverse = invertLower(L, 3);
    near(product(L, inverse), IDENTITY);
    near(product(A, inverseFromWhitening(inverse, 3)), IDENTITY);
  });

  it('packs a triangle and unpacks it', () => {
    [...packLower(L, 3)].should.eql([2, 6, 1, -8, 5, 3]);
    unpackLower(packLower(L, 3), 3).should.eql(L);
  });

  it('refuses what is not positive definite', () => {
    should(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).throw(/not positive definite/);
  });
});
