import should from 'should';
import { statisticsOf, subspaceOf } from '#lib/detectors/pca/subspace';
import { golden } from './golden';

const sklearn = golden<{
  readonly correlation: readonly number[][];
  readonly rows: readonly number[][];
  readonly statistics: readonly {
    readonly explained: number;
    readonly variances: readonly number[];
    readonly noise: number;
    readonly t2: readonly number[];
    readonly spe: readonly number[];
  }[];
}>('pca');

const near = (got: number, expected: number): unknown =>
  got.should.be.approximately(expected, 1e-10 * (1 + Math.abs(expected)));

describe('principal components against scikit-learn', () => {
  const correlation = Float64Array.from(sklearn.correlation.flat());

  for (const { explained, variances, noise, t2, spe } of sklearn.statistics) {
    it(`keeps the same ${variances.length} components for ${100 * explained} % of the variance, with the same T² and SPE`, () => {
      const subspace = subspaceOf(correlation, sklearn.correlation.length, explained);
      should(subspace.variances.length).equal(variances.length);
      variances.forEach((variance, k) => near(subspace.variances[k]!, variance));
      near(subspace.noise, noise);
      sklearn.rows.forEach((row, r) => {
        const got = statisticsOf(Float64Array.from(row), subspace);
        near(got.t2, t2[r]!);
        near(got.spe, spe[r]!);
      });
    });
  }

  it('meets more than one number of components', () => {
    new Set(sklearn.statistics.map(({ variances }) => variances.length)).size.should.equal(sklearn.statistics.length);
  });
});
