import should from 'should';
import type { TrainingHistory } from '#lib/core/history';
import { Random } from '#lib/core/random';
import { holtWinters } from '#lib/forecasters/holt-winters';

const HOUR_MS = 3_600_000;

function hourly(samples: number, value: (i: number) => number, periods: readonly number[] = [24]): TrainingHistory {
  const target = Float64Array.from({ length: samples }, (_, i) => value(i));
  return { startMs: 0, stepMs: HOUR_MS, timeZone: 'UTC', target, others: [], periods, horizon: 24 };
}

const day = (i: number): number => Math.sin((2 * Math.PI * i) / 24);
const fit = (x: TrainingHistory, params: object = {}): ReturnType<typeof holtWinters.fit> =>
  holtWinters.fit(x, params as never, { seed: 1 });

describe('Holt-Winters', () => {
  it('multiplies where the swing grows with the level, and adds where it does not', async () => {
    const random = new Random(1);
    const growing = hourly(480, (i) => (20 + 0.1 * i) * (1 + 0.4 * day(i)) + random.normal(0, 0.5));
    const steady = hourly(480, (i) => 20 + 0.1 * i + 8 * day(i) + random.normal(0, 0.5));
    should((await fit(growing)).snapshot().scalars.seasonKind).equal('multiplicative');
    should((await fit(steady)).snapshot().scalars.seasonKind).equal('additive');
  });

  it('goes on along a trend, and lets it fade where it is told to', async () => {
    const rising = hourly(400, (i) => 5 + 0.25 * i, []);
    const [on] = (await fit(rising, { trend: 'additive' })).forecast(rising, [400], 100).slice(-1);
    should(on).be.approximately(5 + 0.25 * 499, 0.5);
    const [level] = (await fit(rising, { trend: 'none' })).forecast(rising, [400], 100).slice(-1);
    should(level).be.approximately(5 + 0.25 * 399, 2);
  });

  it('knows the season from its training when it has seen less than two periods since', async () => {
    const random = new Random(2);
    const learned = hourly(480, (i) => 50 + 10 * day(i) + random.normal(0, 0.3));
    const model = await fit(learned);
    // Another week and another level; five samples of it.
    const since = { ...hourly(5, (i) => 80 + 10 * day(i + 7)), startMs: (20 * 24 + 7) * HOUR_MS };
    model.forecast(since, [5], 24).forEach((value, j) => value.should.be.approximately(80 + 10 * day(7 + 5 + j), 2));
  });

  it('takes no season that it has not seen twice', async () => {
    should((await fit(hourly(47, day))).snapshot().scalars.period).equal(1);
    should((await fit(hourly(48, day))).snapshot().scalars.period).equal(24);
    should((await fit(hourly(400, day, [24, 168]), { period: 'longest' })).snapshot().scalars.period).equal(168);
  });

  it('refuses a factor for a season around zero', async () => {
    await fit(hourly(100, day), { season: 'multiplicative' }).should.be.rejectedWith(/needs values above 0/);
  });

  it('stays finite when a plant that it knows as running stands still', async () => {
    const random = new Random(3);
    const running = hourly(480, (i) => 10 * (1 + 0.4 * day(i)) + random.uniform(0, 0.1));
    const model = await fit(running, { season: 'multiplicative' });
    const still = hourly(480, (i) => (i < 240 ? running.target[i]! : 0));
    for (const value of model.forecast(still, [250, 300, 480], 24)) value.should.be.within(-20, 20);
  });
});
