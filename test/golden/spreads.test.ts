import should from 'should';
import { tableFromRows } from '#lib/core/table';
import { detector } from '#lib/registry';
import { golden } from './golden';

const numpy = golden<{
  readonly x: readonly number[][];
  readonly rows: readonly number[][];
  readonly scores: Readonly<Record<string, readonly number[]>>;
  readonly expected: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>;
}>('spreads');

const COLUMNS = ['a', 'b', 'c'];

describe('detectors by feature against scipy', () => {
  for (const [id, scores] of Object.entries(numpy.scores)) {
    it(`${id} gives the same scores and expects the same ranges`, async () => {
      const model = await detector(id).fit(tableFromRows(COLUMNS, numpy.x), {}, { seed: 0 });
      model
        .score(tableFromRows(COLUMNS, numpy.rows))
        .forEach((score, i) => score.should.be.approximately(scores[i]!, 1e-9 * (1 + Math.abs(scores[i]!))));
      const { low, high } = model.explain(Float64Array.from(numpy.rows[0]!));
      const [expectedLow, expectedHigh] = numpy.expected[id]!;
      low.forEach((value, c) => value.should.be.approximately(expectedLow[c]!, 1e-9));
      high.forEach((value, c) => value.should.be.approximately(expectedHigh[c]!, 1e-9));
    });
  }

  it('covers each of them', () => {
    should(Object.keys(numpy.scores).sort()).eql(['iqr', 'mad', 'zscore']);
  });
});
