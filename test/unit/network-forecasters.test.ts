import should from 'should';
import type { EpochReport, Forecaster, ForecasterAlgorithm, Run } from '#lib/core/algorithm';
import { sliceHistory, type TrainingHistory } from '#lib/core/history';
import { checkParams, type ParamSpecs } from '#lib/core/params';
import { Random } from '#lib/core/random';
import { gru } from '#lib/forecasters/gru';
import { lstm } from '#lib/forecasters/lstm';
import { mlp } from '#lib/forecasters/mlp';
import { spread } from '#lib/forecasters/network/samples';
import { ridge } from '#lib/forecasters/ridge';
import { cooledCabinet } from '../../bench/support/switching-signals';

const HORIZON = 12;

function minutes(target: Float64Array, more: Partial<TrainingHistory> = {}): TrainingHistory {
  const startMs = Date.UTC(2026, 0, 5);
  return { startMs, stepMs: 60_000, timeZone: 'UTC', target, others: [], periods: [], horizon: HORIZON, ...more };
}

const fit = (algorithm: ForecasterAlgorithm, x: TrainingHistory, params = {}, run: Run = { seed: 1 }) =>
  algorithm.fit(x, checkParams(algorithm.id, algorithm.params as ParamSpecs, params), run);

/** Mean absolute error over forecasts from every third origin after `start`. */
function errorOf(model: Forecaster, x: TrainingHistory, start: number): number {
  const origins: number[] = [];
  for (let origin = start; origin + HORIZON <= x.target.length; origin += 3) origins.push(origin);
  const forecasts = model.forecast(x, origins, HORIZON);
  const sum = forecasts.reduce((total, value, i) => {
    const origin = origins[Math.floor(i / HORIZON)]!;
    return total + Math.abs(value - x.target[origin + (i % HORIZON)]!);
  }, 0);
  return sum / forecasts.length;
}

describe('forecasting networks', () => {
  const cabinet = minutes(cooledCabinet(3500));
  const trained = sliceHistory(cabinet, 0, 2500);

  it('foresee when a cooler switches, which no linear model does', async function () {
    this.timeout(30_000);
    const linear = errorOf(await fit(ridge, trained), cabinet, 2500);
    for (const [algorithm, params] of [
      [mlp, {}],
      [gru, { epochs: 12, units: 16 }],
      [lstm, { epochs: 12, units: 16 }],
    ] as const) {
      const error = errorOf(await fit(algorithm, trained, params), cabinet, 2500);
      error.should.be.below(0.75 * linear, algorithm.id);
    }
  });

  it('make use of another field that runs ahead', async () => {
    const random = new Random(3);
    const valve = Float64Array.from({ length: 1000 }, () => random.normal());
    const flow = valve.map((_, i) => (valve[i - 2] ?? 0) + random.normal(0, 0.1));
    const errors: number[] = [];
    for (const others of [[], [valve]]) {
      const x = minutes(flow, { others, horizon: 1 });
      const model = await fit(mlp, sliceHistory(x, 0, 800), { window: 8 });
      const origins = Array.from({ length: 200 }, (_, i) => 800 + i);
      const forecasts = model.forecast(x, origins.slice(0, -1), 1);
      errors.push(forecasts.reduce((sum, value, i) => sum + Math.abs(value - flow[800 + i]!), 0) / forecasts.length);
    }
    errors[1]!.should.be.below(0.4 * errors[0]!);
  });

  it('go on from their own forecasts beyond what they give at once', async () => {
    const model = await fit(mlp, trained, { epochs: 2 });
    const history = sliceHistory(cabinet, 0, 1000);
    const far = model.forecast(history, [1000], 2 * HORIZON);
    const target = Float64Array.from([...history.target, ...far.subarray(0, HORIZON)]);
    const next = model.forecast({ ...history, target }, [1000 + HORIZON], HORIZON);
    should(next).eql(far.slice(HORIZON));
  });

  it('give the same bits with more threads, and are refused what would take too much memory', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => fit(gru, trained, { units: 4, epochs: 1 }, { seed: 1, threads })),
    );
    one!.snapshot().should.eql(two!.snapshot());
    await should(fit(gru, trained, {}, { seed: 1, maxBytes: 1e6 })).be.rejectedWith({ code: 'LIMIT' });
  });

  it('follow a level that they have never seen', async () => {
    const shifted = minutes(cabinet.target.map((value) => value + 40));
    const model = await fit(mlp, trained, {});
    const ahead = model.forecast(shifted, [3000], HORIZON);
    for (const value of ahead) value.should.be.within(55, 75);
  });

  it('learn from twenty thousand windows at the most, the whole history through', () => {
    const frame = { window: 50, ahead: HORIZON, periods: new Int32Array(), others: 0 };
    for (const rows of [100, 20_061, 20_062, 1_000_000]) {
      const { count, stride } = spread(rows, frame, 50);
      count.should.be.within(1, 20_000);
      const first = rows - HORIZON - (count - 1) * stride;
      first.should.be.within(50, 50 + stride - 1);
    }
    spread(20_061, frame, 50).should.eql({ count: 20_000, stride: 1 });
    spread(1_000_000, frame, 4000).count.should.be.within(1000, 2000);
  });

  describe('started from an earlier model', () => {
    const params = { window: 16, epochs: 24, units: 8 };
    const shorter = sliceHistory(cabinet, 0, 2000);

    async function losses(run: Run, given: Record<string, unknown> = params): Promise<number[]> {
      const epochs: EpochReport[] = [];
      await fit(gru, trained, given, { ...run, onProgress: (_, epoch) => epoch && epochs.push(epoch) });
      return epochs.map(({ validationLoss }) => validationLoss!);
    }

    it('reach the same loss in far fewer passes', async () => {
      const earlier = await fit(gru, shorter, params);
      const cold = await losses({ seed: 2 });
      const warm = await losses({ seed: 2, start: { state: earlier.snapshot(), stateVersion: gru.stateVersion } });
      cold.length.should.equal(4 * warm.length);
      // What one warm pass reaches takes many cold ones.
      cold
        .slice(0, 8)
        .every((loss) => loss > warm[0]!)
        .should.be.true();
      Math.min(...warm).should.be.below(1.05 * Math.min(...cold));
    });

    it('begin anew where it looks at something else, is of another version or another size', async () => {
      const earlier = (await fit(gru, shorter, { ...params, epochs: 1 })).snapshot();
      const quick = { ...params, epochs: 2 };
      const cold = await losses({ seed: 2 }, quick);
      const start = { state: earlier, stateVersion: gru.stateVersion };
      for (const [given, from] of [
        [{ ...quick, window: 17 }, start],
        [{ ...quick, units: 9 }, start],
        [quick, { ...start, stateVersion: 99 }],
        [quick, { ...start, state: { scalars: {}, tensors: {} } }],
      ] as const) {
        const anew = given === quick ? cold : await losses({ seed: 2 }, given);
        should(await losses({ seed: 2, start: from }, given)).eql(anew);
      }
      should(await losses({ seed: 2, start }, quick)).not.eql(cold);
    });
  });

  it('say that larger ones take longer, and that a longer history hardly does', () => {
    const seconds = (units: number, x = trained): number =>
      gru.estimateSeconds(x, checkParams('gru', gru.params, { units }));
    (seconds(256) / seconds(32)).should.be.within(8, 64);
    const year = { ...trained, target: new Float64Array(525_600) };
    (seconds(32, year) / seconds(32)).should.be.within(0.5, 3);
    const reference = checkParams('lstm', lstm.params, { preset: 'reference' });
    lstm.estimateSeconds(trained, reference).should.be.above(10 * seconds(32));
  });
});
