import should from 'should';
import { Random } from '#lib/core/random';
import { tableFromRows } from '#lib/core/table';
import { pca } from '#lib/detectors/pca';

const FIELDS = ['speed', 'flow', 'pressure', 'current'];

/** Rows of a pump whose fields all follow the speed. */
function pumpRows(rows: number): number[][] {
  const random = new Random(5);
  return Array.from({ length: rows }, () => {
    const speed = random.normal(50, 5);
    const scatter = (): number => random.normal(0, 0.5);
    return [speed, 2 * speed + scatter(), 100 - speed + scatter(), 0.5 * speed + scatter() / 4];
  });
}

const fitPump = (explained = 0.9) => pca.fit(tableFromRows(FIELDS, pumpRows(2000)), { explained }, { seed: 1 });
const usual = (speed: number): number[] => [speed, 2 * speed, 100 - speed, 0.5 * speed];

describe('the pca detector', () => {
  it('scores a usual row about 1, and independent fields by their root mean square deviation', async () => {
    const random = new Random(3);
    const rows = Array.from({ length: 4000 }, () => FIELDS.map((_, f) => random.normal(0, 1 + f)));
    const model = await pca.fit(tableFromRows(FIELDS, rows), { explained: 0.7 }, { seed: 1 });
    const scores = model.score(tableFromRows(FIELDS, [...rows, [3, -6, 9, 12]]));
    const usualRows = scores.subarray(0, 4000);
    (usualRows.reduce((sum, score) => sum + score * score, 0) / 4000).should.be.approximately(1, 0.05);
    scores[4000]!.should.be.approximately(3, 0.15);
  });

  it('sees a row that leaves what the fields do together, and one that goes too far along it', async () => {
    const model = await fitPump();
    const [normal, apart, along] = model.score(tableFromRows(FIELDS, [usual(53), [53, 106, 55, 26.5], usual(80)]));
    normal!.should.be.below(1);
    apart!.should.be.above(3);
    along!.should.be.above(2);
  });

  it('names the field that is apart, with the range that the others let expect', async () => {
    const { shares, low, high } = (await fitPump()).explain(Float64Array.of(53, 106, 55, 26.5));
    shares[2]!.should.equal(Math.max(...shares));
    shares.reduce((a, b) => a + b).should.be.approximately(1, 1e-12);
    // At that speed the pressure is about 47; by itself, 55 is as usual as can be.
    low[2]!.should.be.within(40, 47);
    high[2]!.should.be.within(47, 54.9);
  });

  it('is the plain deviation, whatever share is explained, where one feature is all there is', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => [Math.sin(i)]);
    for (const explained of [0.5, 1]) {
      const model = await pca.fit(tableFromRows(['a'], rows), { explained }, { seed: 1 });
      const [score] = model.score(tableFromRows(['a'], [[3]]));
      score!.should.be.approximately(3 / Math.SQRT1_2, 0.1);
    }
  });

  it('takes all components where all of the variance is to be explained, and little changes', async () => {
    const row = tableFromRows(FIELDS, [[53, 106, 55, 26.5]]);
    const [some] = (await fitPump()).score(row);
    const all = await fitPump(1);
    should(all.snapshot().scalars.components).equal(FIELDS.length);
    all.score(row)[0]!.should.be.approximately(some!, 0.15 * some!);
  });

  it('refuses more features than a gateway can score', async () => {
    const wide = Array.from({ length: 513 }, (_, i) => `f${i}`);
    const rows = Array.from({ length: 10 }, (_, r) => wide.map((_name, c) => (r * c) % 7));
    await pca
      .fit(tableFromRows(wide, rows), { explained: 0.9 }, { seed: 1 })
      .should.be.rejectedWith(/at most 512 features, got 513/);
  });
});
