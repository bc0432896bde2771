import should from 'should';
import type { TrainingHistory } from '#lib/core/history';
import { Random } from '#lib/core/random';
import { theta } from '#lib/forecasters/theta';
import { isSeasonal } from '#lib/forecasters/theta/season-test';

const HORIZON = 20;

function series(samples: number, value: (i: number) => number, periods: readonly number[] = []): TrainingHistory {
  const target = Float64Array.from({ length: samples }, (_, i) => value(i));
  return { startMs: 0, stepMs: 1000, timeZone: 'UTC', target, others: [], periods, horizon: HORIZON };
}

const fit = (x: TrainingHistory, params: object = {}): ReturnType<typeof theta.fit> =>
  theta.fit(x, params as never, { seed: 1 });
const shareOf = async (x: TrainingHistory, params?: object): Promise<number> =>
  (await fit(x, params)).snapshot().tensors.rates!.data[1]!;

describe('theta', () => {
  it('takes all of a slope that holds, and little of one that does not', async () => {
    const random = new Random(1);
    (await shareOf(series(300, (i) => 10 + 0.5 * i + random.normal()))).should.be.above(0.8);
    let walk = 50;
    (await shareOf(series(300, () => (walk += random.normal())))).should.be.below(0.5);
  });

  it('takes half of it where the standard method is asked for', async () => {
    should(
      await shareOf(
        series(100, (i) => i),
        { theta: 'standard' },
      ),
    ).equal(0.5);
  });

  it('goes on along a straight line', async () => {
    const line = series(180, (i) => 3 - 0.25 * i);
    const forecast = (await fit(line)).forecast(line, [180], HORIZON);
    forecast.forEach((value, j) => value.should.be.approximately(3 - 0.25 * (180 + j), 1e-6));
  });

  it('finds a season beside a trend, and none in noise', () => {
    const random = new Random(2);
    const day = series(200, (i) => i + 3 * Math.sin((2 * Math.PI * i) / 12) + random.normal());
    isSeasonal(day.target, 12).should.be.true();
    isSeasonal(series(200, () => random.normal()).target, 12).should.be.false();
    isSeasonal(new Float64Array(50).fill(3), 12).should.be.false();
  });

  it('refuses a factor for a season around zero', async () => {
    const wave = series(100, (i) => Math.sin(i), [6]);
    await fit(wave, { season: 'multiplicative' }).should.be.rejectedWith(/theta: .* needs values above 0/);
  });
});
