import should from 'should';
import { makeTable, tableFromRows } from '#lib/core/table';
import { Random } from '#lib/core/random';
import { mahalanobis } from '#lib/detectors/mahalanobis';

const run = { seed: 1 };
const windowed = new Random(11);

/** Rows of a pump: pressure follows flow, and the temperature goes its own way. */
function pumpRows(rows: number): number[][] {
  const random = new Random(7);
  return Array.from({ length: rows }, () => {
    const flow = random.normal(20, 2);
    return [flow, 3 * flow + random.normal(0, 0.5), random.normal(60, 1)];
  });
}

const COLUMNS = ['flow', 'pressure', 'temperature'];
const fitPump = () => mahalanobis.fit(tableFromRows(COLUMNS, pumpRows(2000)), {}, run);

describe('the mahalanobis detector', () => {
  it('scores a usual row about 1, and independent columns by their root mean square deviation', async () => {
    const random = new Random(3);
    const rows = Array.from({ length: 4000 }, () => [random.normal(), random.normal(0, 10)]);
    const model = await mahalanobis.fit(tableFromRows(['a', 'b'], rows), {}, run);
    const scores = model.score(tableFromRows(['a', 'b'], [[3, 0], [0, 30], [3, 30]])); // prettier-ignore
    scores[0]!.should.be.approximately(Math.sqrt(9 / 2), 0.1);
    scores[1]!.should.be.approximately(Math.sqrt(9 / 2), 0.1);
    scores[2]!.should.be.approximately(3, 0.15);
  });

  it('sees values that are usual by themselves and wrong together', async () => {
    const model = await fitPump();
    const [together, apart] = model.score(tableFromRows(COLUMNS, [[23, 69, 60], [23, 51, 60]])); // prettier-ignore
    together!.should.be.below(1.5);
    apart!.should.be.above(5);
  });

  it('says what to expect from the other fields where only these show that something is wrong', async () => {
    const model = await fitPump();
    const { shares, low, high } = model.explain(Float64Array.of(24, 60, 60));
    // Each field by itself is where it often is; at this flow the pressure should be about 72.
    low[1]!.should.be.within(64, 71);
    high[1]!.should.be.within(73, 78);
    shares[2]!.should.be.below(0.05);
    const usual = model.explain(Float64Array.of(20, 60, 90));
    usual.shares[2]!.should.be.above(0.95);
    usual.low[2]!.should.be.approximately(57, 0.5);
    usual.high[2]!.should.be.approximately(63, 0.5);
  });

  it('expects of a field what is usual where the others are out of all reason', async () => {
    const model = await fitPump();
    for (const flow of [1e4, -1e6, 1e60]) {
      const { shares, low, high } = model.explain(Float64Array.of(flow, 60, 60));
      shares[0]!.should.be.above(0.5);
      low[1]!.should.be.within(35, 45);
      high[1]!.should.be.within(75, 85);
    }
  });

  it('names the one field that is wrong first, also where each field by itself is as usual', async () => {
    const random = new Random(11);
    const columns = Array.from({ length: 10 }, (_, f) => `f${f}`);
    const usual = (): number[] => {
      const cause = random.normal();
      return columns.map(() => cause + random.normal(0, 0.3));
    };
    const model = await mahalanobis.fit(tableFromRows(columns, Array.from({ length: 2000 }, usual)), {}, run);
    const trials = Array.from({ length: 500 }, (_, trial) => {
      const row = Float64Array.from(usual());
      const wrong = trial % columns.length;
      row[wrong]! += trial % 2 === 0 ? 1.5 : -1.5;
      const { shares } = model.explain(row);
      return shares.indexOf(Math.max(...shares)) === wrong;
    });
    trials.filter(Boolean).length.should.be.above(0.95 * trials.length);
  });

  it('gives the share of a field to its feature that deviates most', async () => {
    const random = new Random(5);
    const columns = ['flow', 'mean(flow, 5)', 'speed'];
    const rows = Array.from({ length: 1000 }, () => {
      const flow = random.normal(20, 2);
      return [flow, 20 + (flow - 20) / 2 + random.normal(0, 0.5), random.normal(900, 10)];
    });
    const model = await mahalanobis.fit(tableFromRows(columns, rows), {}, run);
    const { shares } = model.explain(Float64Array.of(24, 30, 900));
    (shares[0]! + shares[1]!).should.be.above(0.99);
    shares[1]!.should.be.above(shares[0]!);
  });

  it('is wider in the direction of a drift that training has shown', async () => {
    const random = new Random(9);
    const rows = Array.from({ length: 1000 }, (_, i) => [20 + i / 250 + random.normal(0, 0.5), random.normal()]);
    const model = await mahalanobis.fit(tableFromRows(['temperature', 'noise'], rows), {}, run);
    const further = [random.normal(24.5, 0.5), 0];
    model.score(tableFromRows(['temperature', 'noise'], [further]))[0]!.should.be.below(2);
  });

  it('knows nothing finer than the rounding of a sensor', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => [i === 250 ? 21 : 20, i === 250 ? 20.2 : 20]);
    const columns = ['temperature', 'mean(temperature, 5)'];
    const model = await mahalanobis.fit(tableFromRows(columns, rows), {}, run);
    model.score(tableFromRows(columns, [[21, 20.2]]))[0]!.should.be.below(4);
  });

  it('takes a constant field’s deviation for as coarse as the field is large', async () => {
    const columns = ['level', 'deviation(level, 5)'];
    const rows = Array.from({ length: 100 }, () => [1e6, 0]);
    const model = await mahalanobis.fit(tableFromRows(columns, rows), {}, run);
    const [noise, jump] = model.score(tableFromRows(columns, [[1e6 + 1, 1], [2e6, 5e5]])); // prettier-ignore
    noise!.should.be.below(0.01);
    jump!.should.be.above(50);
  });

  it('refuses more features than it can keep', async () => {
    const columns = Array.from({ length: 513 }, (_, i) => `f${i}`);
    await should(mahalanobis.fit(makeTable(columns, new Float64Array(513 * 20)), {}, run)).be.rejectedWith(
      /at most 512 features, got 513/,
    );
  });

  describe('over windows', () => {
    const columns = ['flow', 'mean(flow, 15)', 'deviation(flow, 15)'];
    const rows = Array.from({ length: 2000 }, () => {
      const random = windowed;
      return [random.normal(20, 1), random.normal(20, 0.3), Math.exp(random.normal(0, 0.2))];
    });
    const fitWindows = () => mahalanobis.fit(tableFromRows(columns, rows), {}, run);

    it('adds up the squares of single readings and of each window length', async () => {
      const model = await fitWindows();
      const score = (row: number[]): number => model.score(tableFromRows(columns, [row]))[0]!;
      score([23, 20, 1]).should.be.approximately(Math.sqrt(9 / 3), 0.15);
      score([20, 20.9, 1]).should.be.approximately(Math.sqrt(9 / 3), 0.15);
      score([23, 20.9, 1]).should.be.approximately(Math.sqrt(18 / 3), 0.2);
    });

    it('takes half the usual unrest for as unusual as twice of it', async () => {
      const model = await fitWindows();
      const [half, twice] = model.score(tableFromRows(columns, [[20, 20, 0.5], [20, 20, 2]])); // prettier-ignore
      half!.should.be.above(1.8);
      (half! / twice!).should.be.approximately(1, 0.05);
      const { shares, low, high } = model.explain(Float64Array.of(20, 20, 0.3));
      shares[2]!.should.be.above(0.95);
      low[2]!.should.be.within(0.4, 0.65);
      high[2]!.should.be.within(1.6, 2.2);
    });

    it('judges by what is known while windows are filling', async () => {
      const model = await fitWindows();
      const score = (row: number[]): number => model.score(tableFromRows(columns, [row]))[0]!;
      score([23, NaN, NaN]).should.be.approximately(3, 0.2);
      score([NaN, NaN, NaN]).should.equal(0);
    });
  });
});
