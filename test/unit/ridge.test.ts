import should from 'should';
import type { Forecaster } from '#lib/core/algorithm';
import type { TrainingHistory } from '#lib/core/history';
import type { ParamValues } from '#lib/core/params';
import { Random } from '#lib/core/random';
import { forecaster } from '#lib/registry';

const HOUR_MS = 3_600_000;
/** A Monday, 00:00 UTC. */
const MONDAY_MS = Date.UTC(2026, 0, 5);

type Params = ParamValues;

const fit = (x: TrainingHistory, params: Params = {}): Promise<Forecaster> =>
  forecaster('ridge').fit(x, params, { seed: 0 });

function hours(
  samples: number,
  valueAt: (i: number) => number,
  changes: Partial<TrainingHistory> = {},
): TrainingHistory {
  const target = Float64Array.from({ length: samples }, (_, i) => valueAt(i));
  const clock = { startMs: MONDAY_MS, stepMs: HOUR_MS, timeZone: 'UTC' };
  return { ...clock, target, others: [], periods: [24], horizon: 24, ...changes };
}

/** Mean absolute difference from what `valueAt` says. */
function errorOf(forecast: Float64Array, origin: number, valueAt: (i: number) => number): number {
  return forecast.reduce((sum, value, j) => sum + Math.abs(value - valueAt(origin + j)), 0) / forecast.length;
}

/** A busy day, half as busy on Saturday and Sunday. */
const plantWeek = (i: number): number => {
  const load = Math.max(0, Math.sin((2 * Math.PI * (i % 24)) / 24 - 1.5));
  return 100 + 40 * load * (Math.floor(i / 24) % 7 >= 5 ? 0.5 : 1);
};

function noise(samples: number, deviation: number, seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: samples }, () => random.normal(0, deviation));
}

describe('ridge, the recursive strategy', () => {
  it('recovers an autoregressive process and forecasts it as its own equation does', async () => {
    const random = new Random(3);
    const z = [0, 0];
    while (z.length < 6000) z.push(1.2 * z.at(-1)! - 0.5 * z.at(-2)! + random.normal());
    const x = hours(z.length, (i) => 20 + z[i]!, { periods: [] });
    const model = await fit(x, { profile: false, lags: 2 });
    const expected = z.slice(-2);
    for (let j = 0; j < 5; j++) expected.push(1.2 * expected.at(-1)! - 0.5 * expected.at(-2)!);
    const forecast = model.forecast(x, [z.length], 5);
    forecast.forEach((value, j) => value.should.be.approximately(20 + expected[2 + j]!, 0.1));
    // Not because nothing is left to forecast.
    Math.abs(expected[2]!).should.be.above(0.5);
  });

  it('finds a planted day and a planted week in noise', async () => {
    const wobble = noise(1200, 2, 1);
    const x = hours(1200, (i) => plantWeek(i) + wobble[i]!);
    const model = await fit(x);
    // The test set: a Saturday to a Monday.
    const origin = 1008 + 5 * 24;
    const error = errorOf(model.forecast(x, [origin], 72), origin, plantWeek);
    error.should.be.below(1);
    const daysOnly = errorOf(
      Float64Array.from({ length: 72 }, (_, j) => plantWeek(j)),
      origin,
      plantWeek,
    );
    daysOnly.should.be.above(4);
  });

  it('follows a level shift within a few steps', async () => {
    const wobble = noise(1100, 1, 2);
    const level = (i: number): number => plantWeek(i) + (i >= 1000 ? 60 : 0);
    const x = hours(1100, (i) => level(i) + wobble[i]!);
    const model = await fit({ ...x, target: x.target.slice(0, 900) });
    const errorAt = (origin: number): number => errorOf(model.forecast(x, [origin], 12), origin, level);
    errorAt(1000).should.be.above(40);
    errorAt(1006).should.be.below(12);
    errorAt(1024).should.be.below(6);
  });

  it('does not run away where its own equation would', async () => {
    const x = hours(300, (i) => 1.02 ** i, { periods: [] });
    const forecast = (await fit(x, { profile: false })).forecast(x, [300], 5000);
    forecast.every(Number.isFinite).should.be.true();
    Math.max(...forecast).should.be.below(100 * x.target[299]!);
  });

  it('uses what runs ahead in another field', async () => {
    const leader = noise(2000, 5, 7);
    const x = hours(2000, (i) => 30 + (leader[i - 3] ?? 0) + 0.5 * (leader[i - 4] ?? 0), { periods: [] });
    const known = { ...x, others: [leader] };
    const truth = (i: number): number => x.target[i]!;
    const alone = errorOf((await fit(x)).forecast(x, [1900], 3), 1900, truth);
    const together = errorOf((await fit(known)).forecast(known, [1900], 3), 1900, truth);
    together.should.be.below(0.3);
    alone.should.be.above(1);
    const left = await fit(known, { others: false });
    errorOf(left.forecast(known, [1900], 3), 1900, truth).should.be.approximately(alone, 1e-9);
    should(() => left.forecast(x, [1900], 3)).not.throw();
    const wanting = await fit(known);
    should(() => wanting.forecast(x, [1900], 3)).throw(/looks at 1 other fields, the history has 0/);
  });
});

describe('ridge, the direct strategy', () => {
  it('goes on from its own forecasts beyond the horizon it was fitted for', async () => {
    const x = hours(900, plantWeek, { horizon: 24 });
    const model = await fit(x, { strategy: 'direct', profile: false });
    const [short, long] = [24, 100].map((horizon) => model.forecast(x, [800], horizon));
    should([...long!.subarray(0, 24)]).eql([...short!]);
    const fed = { ...x, target: x.target.slice(0, 824) };
    fed.target.set(short!, 800);
    const next = model.forecast(fed, [824], 24);
    next.forEach((value, j) => value.should.be.approximately(long![24 + j]!, 1e-9));
  });

  it('spans a long period with few lags and few steps, smoothly', async () => {
    const minute = (i: number): number =>
      50 + 10 * Math.sin((2 * Math.PI * i) / 1440) + 3 * Math.sin((2 * Math.PI * i) / 360);
    const x = { ...hours(8000, minute), stepMs: 60_000, periods: [1440], horizon: 300 };
    const model = await fit(x, { strategy: 'direct', profile: false });
    model.snapshot().tensors.steps!.data.length.should.equal(64);
    const forecast = model.forecast(x, [7000], 300);
    errorOf(forecast, 7000, minute).should.be.below(1);
    const bends = forecast.slice(1).map((value, j) => Math.abs(value - forecast[j]!));
    bends.every((bend) => bend < 0.5).should.be.true();
  });

  it('keeps the last value of a series that only wanders', async () => {
    const random = new Random(5);
    let level = 1000;
    const x = hours(600, () => (level += random.normal()), { periods: [] });
    const model = await fit(x, { strategy: 'direct' });
    errorOf(model.forecast(x, [600], 3), 600, () => x.target[599]!).should.be.below(1);
  });
});

describe('ridge, the profile', () => {
  it('follows the local clock when daylight saving begins', async () => {
    // Peaks at 08:00 local time; the training ends before 2026-03-29, the forecast is for after it.
    const startMs = Date.UTC(2026, 1, 2);
    const changeAt = (Date.UTC(2026, 2, 29, 1) - startMs) / HOUR_MS;
    const localHour = (i: number): number => (i + (i >= changeAt ? 2 : 1)) % 24;
    const peak = (i: number): number => 10 + (localHour(i) === 8 ? 5 : 0);
    const x = hours(1500, peak, { startMs, timeZone: 'Europe/Berlin' });
    const model = await fit({ ...x, target: x.target.slice(0, changeAt - 24) });
    const origin = changeAt + 1;
    const forecast = model.forecast({ ...x, target: x.target.slice(0, origin) }, [origin], 24);
    const highest = forecast.indexOf(Math.max(...forecast));
    should(localHour(origin + highest)).equal(8);
  });

  it('is the same at each live step of a sliding window as in one long history', async () => {
    const wobble = noise(2600, 2, 9);
    const x = hours(2600, (i) => plantWeek(i) + wobble[i]!, { horizon: 6 });
    const model = await fit({ ...x, target: x.target.slice(0, 2000) });
    for (let end = 2450; end < 2460; end++) {
      const start = end - model.lookback;
      const live = { ...x, startMs: x.startMs + start * HOUR_MS, target: x.target.slice(start, end) };
      const [slid, whole] = [model.forecast(live, [model.lookback], 6), model.forecast(x, [end], 6)];
      slid.forEach((value, j) => value.should.be.approximately(whole[j]!, 1e-9));
    }
    model.lookback.should.be.below(2450);
  });

  it('forgets what it had made of samples that have changed since', async () => {
    const x = hours(1500, plantWeek);
    const model = await fit(x);
    const before = model.forecast(x, [1500], 24);
    const other = { ...x, target: x.target.map((value, i) => value + (i % 24 === 7 ? 30 : 0)) };
    const after = model.forecast(other, [1500], 24);
    should([...after]).not.eql([...before]);
    should([...after]).eql([...(await fit(x)).forecast(other, [1500], 24)]);
    should([...model.forecast(x, [1500], 24)]).eql([...before]);
  });

  it('knows the week of the training where a live window is too short to show it', async () => {
    // Minutes, idle from Saturday on; a live window of two weeks cannot tell one week from another.
    const working = (i: number): boolean => Math.floor(i / 1440) % 7 < 5;
    const minute = (i: number): number =>
      100 + (working(i) ? 40 * Math.max(0, Math.sin((2 * Math.PI * i) / 1440 - 1.5)) : 0);
    const wobble = noise(43_200, 2, 11);
    const x = hours(43_200, (i) => minute(i) + wobble[i]!, { stepMs: 60_000, periods: [1440], horizon: 240 });
    const training = { ...x, target: x.target.slice(0, 36_000) };
    const model = await fit(training);
    model.lookback.should.equal(20_160);
    const noons = [25, 26, 27, 28, 29].map((day) => day * 1440 + 600);
    for (const origin of noons) {
      const live = {
        ...x,
        startMs: x.startMs + (origin - model.lookback) * x.stepMs,
        target: x.target.slice(origin - model.lookback, origin),
      };
      errorOf(model.forecast(live, [model.lookback], 240), origin, minute).should.be.below(3, `day ${origin / 1440}`);
    }
    // Saturday is another day than Friday: the test is worth something.
    Math.abs(minute(26 * 1440 + 720) - minute(25 * 1440 + 720)).should.be.above(30);
  });

  it('is that of the training while a new window is short', async () => {
    const x = hours(1500, plantWeek);
    const model = await fit(x);
    const young = { ...x, startMs: x.startMs + 1400 * HOUR_MS, target: x.target.slice(1400, 1410) };
    errorOf(model.forecast(young, [10], 24), 1410, plantWeek).should.be.below(2);
  });
});

describe('ridge, with little to go by', () => {
  const variants: readonly Params[] = [
    {},
    { calendar: true },
    { difference: true },
    { strategy: 'direct', profile: false },
    { strategy: 'direct', calendar: true },
    { lags: 50 },
    { strategy: 'direct', lags: 50 },
  ];

  for (const params of variants) {
    it(`stays finite and near the data: ${JSON.stringify(params)}`, async () => {
      const wobble = noise(200, 1, 4);
      for (const samples of [2, 3, 4, 5, 7, 10, 23, 24, 25, 47, 48, 49, 60, 100, 200]) {
        for (const periods of [[], [24], [24, 168], [100]]) {
          const x = hours(samples, (i) => 500 + wobble[i]!, { periods, horizon: 30 });
          const model = await fit(x, params);
          const forecast = model.forecast(x, [1, samples], 60);
          const what = `${samples} samples, periods ${periods.join()}`;
          should(forecast.every((value) => value > 400 && value < 600)).be.true(what);
        }
      }
    });

    it(`repeats a constant, however large: ${JSON.stringify(params)}`, async () => {
      for (const constant of [0, 0.1, -7, 1e30]) {
        const x = hours(300, () => constant);
        const forecast = (await fit(x, params)).forecast(x, [300], 50);
        forecast.forEach((value) => value.should.be.approximately(constant, 1e-9 * Math.abs(constant)));
      }
    });
  }
});
