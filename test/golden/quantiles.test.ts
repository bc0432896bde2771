import { normalQuantile, studentQuantile } from '#lib/core/quantiles';
import { golden } from './golden';

const scipy = golden<{
  readonly probabilities: readonly number[];
  readonly normal: readonly number[];
  readonly student: readonly { readonly freedom: number; readonly quantiles: readonly number[] }[];
}>('quantiles');

describe('quantiles against scipy', () => {
  it('of the normal distribution agree to seven digits', () => {
    scipy.probabilities.forEach((p, i) => {
      const expected = scipy.normal[i]!;
      normalQuantile(p).should.be.approximately(expected, 3e-7 * (1 + Math.abs(expected)));
    });
  });

  for (const { freedom, quantiles } of scipy.student) {
    it(`of Student's t with ${freedom} degrees of freedom agree to three digits`, () => {
      scipy.probabilities.forEach((p, i) => {
        const expected = quantiles[i]!;
        studentQuantile(p, freedom).should.be.approximately(expected, 1e-3 * Math.abs(expected));
      });
    });
  }
});
