import fc from 'fast-check';
import should from 'should';
import { eigenOfSymmetric } from '#lib/core/eigen';
import { Random } from '#lib/core/random';

/** Products of `rank` random vectors: with fewer of them than its size, a matrix has zero eigenvalues. */
function symmetric(size: number, rank: number, seed: number): Float64Array {
  const random = new Random(seed);
  const a = new Float64Array(size * size);
  for (let k = 0; k < rank; k++) {
    const v = Array.from({ length: size }, () => random.normal());
    v.forEach((x, i) => v.forEach((y, j) => (a[i * size + j]! += x * y)));
  }
  return a;
}

describe('the eigendecomposition of a symmetric matrix', () => {
  it('is the matrix again when put together, of orthogonal unit vectors, the largest value first', () => {
    const matrices = fc.record({
      size: fc.integer({ min: 1, max: 24 }),
      rank: fc.integer({ min: 0, max: 30 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(matrices, ({ size, rank, seed }) => {
        const a = symmetric(size, rank, seed);
        const { values, vectors } = eigenOfSymmetric(a, size);
        const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        for (let i = 0; i < size; i++) {
          if (i > 0) should(values[i]!).be.belowOrEqual(values[i - 1]!);
          for (let j = 0; j < size; j++) {
            let [rebuilt, product] = [0, 0];
            for (let k = 0; k < size; k++) {
              rebuilt += values[k]! * vectors[k * size + i]! * vectors[k * size + j]!;
              product += vectors[i * size + k]! * vectors[j * size + k]!;
            }
            rebuilt.should.be.approximately(a[i * size + j]!, 1e-12 * size * largest);
            product.should.be.approximately(i === j ? 1 : 0, 1e-12 * size);
          }
        }
      }),
    );
  });

  it('finds the values of a chain of equal springs, which are known', () => {
    const size = 40;
    const a = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      a[i * size + i] = 2;
      if (i > 0) a[i * size + i - 1] = a[(i - 1) * size + i] = -1;
    }
    eigenOfSymmetric(a, size).values.forEach((value, k) => {
      value.should.be.approximately(2 + 2 * Math.cos(((k + 1) * Math.PI) / (size + 1)), 1e-13);
    });
  });
});
