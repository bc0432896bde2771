import should from 'should';
import type { History } from '#lib/core/history';
import { Random } from '#lib/core/random';
import { combine, memberWeights } from '#lib/forecasting/combine';
import { fitForecast, type ForecastChoice, type ForecastModel } from '#lib/forecasting/fit-forecast';
import { LiveIntervals } from '#lib/forecasting/live-intervals';
import { forecastMembers } from '#lib/forecasting/members';
import { packModel, unpackModel } from '#lib/forecasting/model-state';

const HOUR = 3_600_000;

function history(samples: number, value: (i: number, random: Random) => number, seed = 1): History {
  const random = new Random(seed);
  const target = Float64Array.from({ length: samples }, (_, i) => value(i, random));
  return { startMs: Date.UTC(2026, 0, 5), stepMs: HOUR, timeZone: 'UTC', target, others: [] };
}

const day = (i: number): number => Math.sin((2 * Math.PI * i) / 24) + 0.4 * Math.cos((4 * Math.PI * i) / 24);
const busy = (samples: number): History => history(samples, (i, random) => 20 + 5 * day(i) + random.normal(0, 0.5));
const choice = (changes: Partial<ForecastChoice> = {}): ForecastChoice => ({
  algorithm: 'auto',
  params: {},
  horizon: 12,
  budgetSeconds: 20,
  ...changes,
});

function forecastOf({ members, history }: ForecastModel, horizon: number): Float64Array {
  const forecasts = forecastMembers(members, history, [history.target.length], horizon);
  return combine(forecasts, memberWeights(members.map(({ error }) => error)));
}

const bytes = (values: Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');

describe('fitting a forecaster', () => {
  it('finds the day, tries several algorithms, and forecasts better than the last day repeated', async () => {
    const { model, candidates, metrics, warnings } = await fitForecast(busy(600), choice(), { seed: 1 });
    model.periods.should.eql([24, 168]);
    warnings.should.be.empty();
    metrics.mase!.should.be.below(0.85 * metrics.naiveMase!);
    candidates.length.should.be.above(9);
    candidates.reduce((sum, { weight }) => sum + weight, 0).should.be.approximately(1, 1e-9);
    candidates[0]!.weight.should.be.above(0);
    const errors = candidates.map(({ mase }) => mase ?? Infinity);
    errors.should.eql(errors.slice().sort((a, b) => a - b));
    const expected = Float64Array.from({ length: 12 }, (_, j) => 20 + 5 * day(600 + j));
    forecastOf(model, 12).forEach((value, j) => should(value).be.approximately(expected[j]!, 1));
  });

  it('gives the same bits for the same seed', async () => {
    const [first, second] = [
      await fitForecast(busy(400), choice(), { seed: 3 }),
      await fitForecast(busy(400), choice(), { seed: 3 }),
    ];
    bytes(forecastOf(first.model, 20)).should.equal(bytes(forecastOf(second.model, 20)));
    first.candidates.should.eql(second.candidates);
  });

  it('fits one algorithm alone, and holds it against the naive forecast', async () => {
    const { model, candidates } = await fitForecast(busy(400), choice({ algorithm: 'ridge' }), { seed: 1 });
    model.members.map(({ algorithm }) => algorithm.id).should.eql(['ridge']);
    candidates
      .map(({ algorithm, weight }) => [algorithm, weight])
      .should.eql([
        ['ridge', 1],
        ['seasonal-naive', 0],
      ]);
  });

  it('says plainly where nothing is better than repeating the last value', async () => {
    let level = 100;
    const walk = history(600, (_, random) => (level += random.normal()));
    const { warnings } = await fitForecast({ ...walk, stepMs: 1000 }, choice(), { seed: 1 });
    warnings.should.eql(['Nothing that was tried does better than repeating the last value.']);
  });

  it('tries networks on a signal that switches, as far as the budget goes, and takes what is better', async () => {
    let [isOn, level] = [false, 20];
    const thermostat = history(4000, (i, random) => {
      const load = 1 + 0.3 * Math.sin((2 * Math.PI * i) / 1440);
      level += (isOn ? -0.8 : 0.5) * load + random.normal(0, 0.05);
      if (level > 24) isOn = true;
      else if (level < 18) isOn = false;
      return level + random.normal(0, 0.15);
    });
    const budget = choice({ budgetSeconds: 4 });
    const { candidates, metrics } = await fitForecast({ ...thermostat, stepMs: 1000 }, budget, { seed: 1 });
    const [best] = candidates;
    best!.algorithm.should.equal('mlp');
    best!.weight.should.be.above(0.5);
    const linear = candidates.filter(({ algorithm }) => algorithm === 'ridge').map(({ mase }) => mase!);
    metrics.mase!.should.be.below(0.8 * Math.min(...linear));
    candidates.find(({ algorithm }) => algorithm === 'gru')!.note!.should.match(/^Not tried: it takes about/);
  }).timeout(60_000);

  it('does not spend seconds on networks where lines say all there is to say', async () => {
    const { candidates } = await fitForecast(busy(600), choice(), { seed: 1 });
    for (const id of ['mlp', 'gru']) {
      const { note, seconds } = candidates.find(({ algorithm }) => algorithm === id)!;
      note!.should.equal('Not tried: the past shows nothing that the linear models do not know.');
      should(seconds).be.null();
    }
  });

  it('stands a constant series', async () => {
    const { model, metrics } = await fitForecast(
      history(300, () => 7),
      choice(),
      { seed: 1 },
    );
    forecastOf(model, 5).should.eql(new Float64Array(5).fill(7));
    metrics.mae!.should.equal(0);
  });

  it('is sure of a constant series, however little there is of it', async () => {
    for (const samples of [20, 300]) {
      const constant = history(samples, () => 1e-6);
      const { model } = await fitForecast(constant, choice(), { seed: 1 });
      const { lower, upper } = new LiveIntervals(model.intervals, 0.9).bounds(new Float64Array(3).fill(1e-6), 0.9);
      should([...lower, ...upper]).eql(new Array(6).fill(1e-6));
    }
  });

  it('spends no more than the budget, by the estimates, and says what it left out', async () => {
    const { model, candidates } = await fitForecast(busy(600), choice({ budgetSeconds: 1e-5 }), { seed: 1 });
    new Set(model.members.map(({ algorithm }) => algorithm.id)).should.eql(new Set(['seasonal-naive']));
    const left = candidates.filter(({ mase }) => mase === null);
    left.length.should.be.above(5);
    left.forEach(({ note, weight, seconds }) => {
      note!.should.match(/^Not tried: it takes about .* s, and .* s of the 0.00001 s allowed are left\.$/);
      should([weight, seconds]).eql([0, null]);
    });
  });

  it('tells how long each took where there is a clock, and how far it is', async () => {
    let time = 0;
    const told: number[] = [];
    const onProgress = (fraction: number): unknown => told.push(fraction);
    const { candidates } = await fitForecast(busy(300), choice(), { seed: 1, now: () => (time += 500), onProgress });
    candidates
      .filter(({ mase }) => mase !== null)
      .every(({ seconds }) => seconds === 0.5)
      .should.be.true();
    told.should.eql(told.slice().sort((a, b) => a - b));
    told.length.should.be.above(10);
    told.at(-1)!.should.equal(1);
  });

  it('repeats what has been where there is too little to try anything on', async () => {
    const { model, candidates, metrics, warnings } = await fitForecast(busy(30), choice(), { seed: 1 });
    warnings.should.eql(['Repeats the last value: to try forecasts of 12 steps needs at least 56 samples, got 30.']);
    candidates
      .map(({ algorithm, mase, weight }) => [algorithm, mase, weight])
      .should.eql([['seasonal-naive', null, 1]]);
    should(metrics.mase).be.null();
    forecastOf(model, 3).should.eql(new Float64Array(3).fill(busy(30).target[29]!));
  });

  it('says how much an algorithm needs', async () => {
    const message = /^ridge needs at least 56 samples to forecast 12 steps ahead, got 30: .* take "auto"/;
    await fitForecast(busy(30), choice({ algorithm: 'ridge' }), { seed: 1 }).should.be.rejectedWith({
      code: 'TOO_FEW_ROWS',
      message,
    });
    await fitForecast(busy(1), choice(), { seed: 1 }).should.be.rejectedWith({ code: 'TOO_FEW_ROWS' });
    await fitForecast(busy(0), choice(), { seed: 1 }).should.be.rejectedWith({ code: 'TOO_FEW_ROWS' });
  });

  it('refuses samples that are no numbers, unknown algorithms, and parameters that are not there', async () => {
    const holed = history(400, (i, random) => (i === 200 ? NaN : random.normal()));
    await fitForecast(holed, choice(), { seed: 1 }).should.be.rejectedWith({ code: 'DATA' });
    await fitForecast(busy(400), choice({ algorithm: 'oracle' }), { seed: 1 }).should.be.rejectedWith({
      code: 'NOT_FOUND',
    });
    await fitForecast(busy(400), choice({ params: { lags: 3 } }), { seed: 1 }).should.be.rejectedWith({
      code: 'PARAMETER',
    });
    await fitForecast(busy(400), choice({ horizon: 0 }), { seed: 1 }).should.be.rejectedWith({ code: 'PARAMETER' });
  });

  it('stops wherever it is when it is aborted', async () => {
    for (const when of [0, 1, 5, 12]) {
      const controller = new AbortController();
      let calls = 0;
      const onProgress = (): void => {
        if (++calls > when) controller.abort();
      };
      if (when === 0) controller.abort();
      const fit = fitForecast(busy(600), choice(), { seed: 1, signal: controller.signal, onProgress });
      await should(fit).be.rejectedWith({ code: 'ABORTED' });
      calls.should.be.below(when + 3);
    }
  });

  it('looks at the newest of a million samples, and says so', async () => {
    const { warnings, model } = await fitForecast(busy(1_000_000), choice({ algorithm: 'seasonal-naive' }), {
      seed: 1,
    });
    warnings.should.eql(['Learned from the newest 60480 of 1000000 samples only.']);
    model.history.target.length.should.equal(24);
  });
});

describe('a forecast model as plain data', () => {
  it('comes back to the same bits, also through JSON', async () => {
    const { model } = await fitForecast(busy(500), choice(), { seed: 1 });
    const { scalars, tensors } = packModel(model);
    const back = unpackModel({ scalars: JSON.parse(JSON.stringify(scalars)) as typeof scalars, tensors });
    bytes(forecastOf(back, 30)).should.equal(bytes(forecastOf(model, 30)));
    should(packModel(back)).eql(packModel(model));
    should(back.intervals).eql(model.intervals);
    should(back.history).eql(model.history);
  });

  it('is refused where it is damaged', async () => {
    const { model } = await fitForecast(busy(400), choice(), { seed: 1 });
    const { scalars, tensors } = packModel(model);
    const damaged = /^The stored .* (must|should) be|is damaged/;
    for (const name of Object.keys(scalars)) {
      for (const value of [null, -1, 'x', [], {}]) {
        // A series need not have a season.
        if (name === 'periods' && Array.isArray(value)) continue;
        should(() => unpackModel({ scalars: { ...scalars, [name]: value }, tensors })).throw(damaged);
      }
    }
    for (const name of Object.keys(tensors)) {
      const { [name]: taken, ...rest } = tensors;
      should(() => unpackModel({ scalars, tensors: rest })).throw(damaged);
      const short = { ...taken!, data: taken!.data.slice(1) };
      should(() => unpackModel({ scalars, tensors: { ...rest, [name]: short } })).throw(damaged);
    }
  });

  it('is refused, in words, where it holds an algorithm that this package does not know', async () => {
    const { model } = await fitForecast(busy(400), choice({ algorithm: 'ridge' }), { seed: 1 });
    const { scalars, tensors } = packModel(model);
    const text = JSON.stringify(scalars).replace('"ridge"', '"crystal-ball"');
    should(() => unpackModel({ scalars: JSON.parse(text) as typeof scalars, tensors })).throw(
      /cannot be read: There is no forecaster "crystal-ball"/,
    );
  });
});
