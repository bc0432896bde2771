import { theilSen } from '#lib/forecasting/trend';
import { golden } from './golden';

const scipy = golden<{
  readonly series: Readonly<Record<string, { readonly values: readonly number[]; readonly slope: number }>>;
}>('trend');

describe('the slope of a series against scipy', () => {
  for (const [name, { values, slope }] of Object.entries(scipy.series)) {
    it(`is the same: ${name}`, () => {
      theilSen(Float64Array.from(values)).should.be.approximately(slope, 1e-12 * (1 + Math.abs(slope)));
    });
  }
});
