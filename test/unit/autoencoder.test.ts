import should from 'should';
import type { EpochReport, Run } from '#lib/core/algorithm';
import { checkParams } from '#lib/core/params';
import { Random } from '#lib/core/random';
import { makeTable, sliceRows, type Table } from '#lib/core/table';
import { autoencoder } from '#lib/detectors/autoencoder';

const columns = ['speed', 'flow', 'pressure', 'current', 'temperature'];

/** A pump: everything follows its speed, some of it along a curve. */
function pump(rows: number, seed: number): Table {
  const random = new Random(seed);
  const data = new Float64Array(rows * columns.length);
  for (let r = 0; r < rows; r++) {
    const speed = 40 + 10 * Math.sin(r / 30) + random.normal();
    const noise = (): number => 1 + 0.02 * random.normal();
    data.set(
      [speed, 2 * speed * noise(), speed ** 2 / 500, speed ** 3 / 1e4, 20 + speed / 2].map((v) => v * noise()),
      r * 5,
    );
  }
  return makeTable(columns, data);
}

describe('the autoencoder', () => {
  const params = checkParams('autoencoder', autoencoder.params, {});

  it('finds readings in which every field is where it may be, but not together', async function () {
    this.timeout(20_000);
    const model = await autoencoder.fit(pump(1500, 1), params, { seed: 1 });
    const fresh = pump(400, 2);
    const usual = model.score(fresh).sort();
    const broken = pump(400, 3);
    let firsts = 0;
    let above = 0;
    for (let r = 0; r < 400; r += 10) {
      const row = broken.data.subarray(r * 5, r * 5 + 5);
      row[3] = row[3]! > 8 ? 4 : 12; // Within the current's range of 2.7 to 12.5, but never at this speed.
      const one = sliceRows(broken, r, r + 1);
      if (model.score(one)[0]! > usual[395]!) above++;
      const { shares, low, high } = model.explain(row);
      if (shares[3] === Math.max(...shares)) firsts++;
      should(row[3] < low[3]! || row[3] > high[3]!).be.true();
    }
    above.should.equal(40);
    firsts.should.be.above(35);
  });

  it('reads windows made of lags as sequences', async function () {
    this.timeout(20_000);
    const steps = 8;
    const names = Array.from({ length: steps }, (_, lag) => (lag === 0 ? 'level' : `lag(level, ${lag})`));
    const level = (t: number): number => 5 + 3 * Math.sin(t / 5);
    const windows = (from: number, rows: number, value = level): Table =>
      makeTable(
        names,
        Float64Array.from({ length: rows * steps }, (_, i) => value(from + Math.floor(i / steps) - (i % steps))),
      );
    const lstm = checkParams('autoencoder', autoencoder.params, { network: 'lstm' });
    const model = await autoencoder.fit(windows(0, 600), lstm, { seed: 2 });
    const usual = Math.max(...model.score(windows(700, 200)));
    const stuck = model.score(windows(700, 30, () => 5));
    Math.min(...stuck).should.be.above(usual);
  });

  it('says which lags it lacks', async () => {
    const lstm = checkParams('autoencoder', autoencoder.params, { network: 'lstm' });
    await should(autoencoder.fit(pump(200, 1), lstm, { seed: 1 })).be.rejectedWith(/the same lags, 1, 2, 3 and so on/);
  });

  it('gives the same bits with more threads, and is refused what would take too much memory', async () => {
    const quick = checkParams('autoencoder', autoencoder.params, { epochs: 3 });
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => autoencoder.fit(pump(300, 1), quick, { seed: 1, threads })),
    );
    one!.snapshot().should.eql(two!.snapshot());
    await should(autoencoder.fit(pump(300, 1), quick, { seed: 1, maxBytes: 1000 })).be.rejectedWith({ code: 'LIMIT' });
  });

  it('goes on from an earlier model of the same fields, and from no other', async () => {
    const given = checkParams('autoencoder', autoencoder.params, { epochs: 40 });
    const state = (await autoencoder.fit(pump(1000, 1), given, { seed: 1 })).snapshot();
    const losses = async (run: Run, x = pump(1200, 2)): Promise<number[]> => {
      const epochs: EpochReport[] = [];
      await autoencoder.fit(x, given, { ...run, onProgress: (_, epoch) => epoch && epochs.push(epoch) });
      return epochs.map(({ validationLoss }) => validationLoss!);
    };
    const start = { state, stateVersion: autoencoder.stateVersion };
    const cold = await losses({ seed: 2 });
    const warm = await losses({ seed: 2, start });
    // What one warm pass reaches takes many cold ones.
    cold
      .slice(0, 5)
      .every((loss) => loss > warm[0]!)
      .should.be.true();
    warm.length.should.be.below(11);
    const renamed = makeTable(['speed', 'flow', 'pressure', 'current', 'level'], pump(300, 2).data);
    should(await losses({ seed: 2, start }, renamed)).eql(await losses({ seed: 2 }, renamed));
  });
});
