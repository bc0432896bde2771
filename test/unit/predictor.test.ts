import should from 'should';
import type { SeriesPlan } from '#lib/core/artifact';
import type { ForecasterAlgorithm } from '#lib/core/algorithm';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import type { Reading } from '#lib/core/readings';
import { seasonalNaive } from '#lib/forecasters/seasonal-naive';
import type { ForecastModel } from '#lib/forecasting/forecast-model';
import { calibrateIntervals } from '#lib/forecasting/intervals';
import { forecastMembers } from '#lib/forecasting/members';
import { Predictor } from '#lib/forecasting/predictor';

const MINUTE_MS = 60_000;
const STEP_MS = 10 * MINUTE_MS;
const DAY = 144;
/** 2024-01-01, a multiple of the step. */
const START_MS = 1_704_067_200_000;
const SETTINGS = { level: 0.9, version: 'pump-health pump-07 1' };

const PLAN: SeriesPlan = {
  field: 'temperature',
  others: [],
  derived: [],
  stepMs: STEP_MS,
  aggregation: 'mean',
  fillMs: 12 * STEP_MS,
  timeZone: 'UTC',
};

/** What the series is made of: a day's wave and noise around a level. */
function wave(length: number, seed: number, level: (i: number) => number = () => 50): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length }, (_, i) => level(i) + 8 * Math.sin((2 * Math.PI * i) / DAY) + random.normal());
}

/** Two members, yesterday and the last value, with intervals from a backtest on the last two days of the history. */
function modelOf(values: Float64Array, horizon: number, stepMs = STEP_MS, day = DAY): ForecastModel {
  const history = { startMs: START_MS, stepMs, timeZone: 'UTC', target: values, others: [] };
  const members = [day, 1].map((period) => ({
    algorithm: seasonalNaive as ForecasterAlgorithm,
    params: {},
    transform: 'identity' as const,
    model: seasonalNaive.restore({ scalars: { period }, tensors: {} }, 1, { season: 'shortest' }),
    low: 30,
    high: 70,
    error: period === day ? 1.2 : 5,
  }));
  const origins = Array.from({ length: 48 }, (_, i) => values.length - horizon - (47 - i) * Math.floor(day / 24));
  const [forecasts] = forecastMembers(members.slice(0, 1), history, origins, horizon);
  const actuals = forecasts!.map((_, i) => values[origins[Math.floor(i / horizon)]! + (i % horizon)]!);
  const intervals = calibrateIntervals({
    forecasts: forecasts!,
    actuals,
    origins,
    horizon,
    period: day,
    positive: false,
    naiveError: 1.2,
  });
  return { members, intervals, history, periods: [day], horizon, naiveError: 1.2 };
}

function reading(value: number, timestampMs: number): Reading {
  return { device: 'pump-07', timestampMs, values: new Map([['temperature', value]]) };
}

const TRAINED = 10 * DAY;
const HORIZON = 36;
/** Time of sample i of a wave. */
const timeOf = (i: number): number => START_MS + i * STEP_MS;

function pushAll(predictor: Predictor, values: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) predictor.push(reading(values[i]!, timeOf(i)));
}

function copy(json: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(json)) as JsonObject;
}

describe('Predictor', () => {
  const values = wave(20 * DAY, 1);
  const model = modelOf(values.slice(0, TRAINED), HORIZON);

  it('forecasts at once, from the samples that the model brings along', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    const forecast = predictor.forecast(6)!;
    forecast.newestMs.should.equal(timeOf(TRAINED - 1));
    [forecast.stepMs, forecast.level, forecast.accuracy].should.eql([STEP_MS, 0.9, null]);
    forecast.points
      .map(({ timestamp }) => Date.parse(timestamp))
      .should.eql([0, 1, 2, 3, 4, 5].map((i) => timeOf(TRAINED + i)));
    // The other member is more than twice as far off: yesterday alone has a say.
    forecast.points.map(({ value }) => value).should.eql([...values.slice(TRAINED - DAY, TRAINED - DAY + 6)]);
    for (const { lower, value, upper } of forecast.points) should(lower < value && value < upper).be.true();
    forecast.nextHour!.max.should.equal(Math.max(...forecast.points.map(({ value }) => value)));
  });

  it('finds a limit at the edge of the interval as likely to be crossed as the level says', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    const { points } = predictor.forecast(HORIZON)!;
    points.forEach(({ upper }, step) => {
      const [at, above] = [predictor.probabilitiesBeyond(HORIZON, { direction: 'above', value: upper })[step]!, 0.05];
      at.should.be.approximately(above, 1e-6);
    });
    predictor.probabilitiesBeyond(3, { direction: 'below', value: 0 }).length.should.equal(3);
  });

  it('keeps what it promises as values come, and says so', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    pushAll(predictor, values, TRAINED, values.length);
    const { mae, mase, coverage, points, since } = predictor.accuracy!;
    // Yesterday's noise and today's: the mean size of a difference of two normal numbers is 2 / √π.
    mae.should.be.approximately(2 / Math.sqrt(Math.PI), 0.05);
    mase!.should.be.approximately(mae / 1.2, 1e-12);
    coverage.should.be.approximately(0.9, 0.02);
    // With a horizon of 36 every second sample begins a forecast that is kept, so 18 are checked by each sample; what is
    // told is of the newest 504 times 2 samples.
    points.should.equal(18 * 1_008);
    since.should.equal(new Date(timeOf(values.length - 1_008)).toISOString());
  });

  it('forecasts any number of steps, with intervals that widen beyond the horizon', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    const { points } = predictor.forecast(10 * HORIZON)!;
    points.length.should.equal(10 * HORIZON);
    const width = (i: number): number => points[i]!.upper - points[i]!.lower;
    (width(10 * HORIZON - 1) / width(HORIZON - 1)).should.be.approximately(Math.sqrt(10), 1e-9);
    // What was asked for does not change what is said of the same steps.
    predictor.forecast(HORIZON)!.points.should.eql(points.slice(0, HORIZON));
  });

  it('goes on after a restart as if nothing had been', () => {
    let interrupted = new Predictor(model, PLAN, SETTINGS);
    const other = new Predictor(model, PLAN, SETTINGS);
    for (let i = TRAINED; i < TRAINED + 3 * DAY; i++) {
      if (i % 50 === 0) interrupted = new Predictor(model, PLAN, SETTINGS, copy(interrupted.snapshot()));
      for (const predictor of [interrupted, other]) predictor.push(reading(values[i]!, timeOf(i)));
      if (i % 29 === 0) should(interrupted.forecast(HORIZON)).eql(other.forecast(HORIZON));
    }
    JSON.stringify(interrupted.snapshot()).should.equal(JSON.stringify(other.snapshot()));
  });

  it('keeps the window, and nothing of its errors, when the version changes', () => {
    const old = new Predictor(model, PLAN, SETTINGS);
    pushAll(old, values, TRAINED, TRAINED + DAY);
    const settings = { ...SETTINGS, version: 'pump-health pump-07 2' };
    const anew = new Predictor(model, PLAN, settings, copy(old.snapshot()));
    should(anew.newestMs).equal(timeOf(TRAINED + DAY - 1));
    should(anew.accuracy).equal(null);
    anew.push(reading(50, timeOf(TRAINED + DAY)));
    anew.accuracy!.points.should.equal(1);
  });

  it('takes the model’s samples where they are newer than those it had', () => {
    const old = new Predictor(modelOf(values.slice(0, 5 * DAY), HORIZON), PLAN, SETTINGS);
    should(new Predictor(model, PLAN, SETTINGS, copy(old.snapshot())).newestMs).equal(timeOf(TRAINED - 1));
  });

  it('begins anew from a damaged snapshot', () => {
    const snapshot = { ...new Predictor(model, PLAN, SETTINGS).snapshot(), stream: { window: 3 }, tracker: [] };
    const predictor = new Predictor(model, PLAN, SETTINGS, snapshot);
    should(predictor.forecast(HORIZON)).eql(new Predictor(model, PLAN, SETTINGS).forecast(HORIZON));
  });

  it('checks nothing by samples that were filled in', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    pushAll(predictor, values, TRAINED, TRAINED + DAY);
    const before = predictor.accuracy!.points;
    // Five are missing, then one comes: it alone is held against the 18 forecasts that were made for it, less those
    // that would have been made in between.
    const completed = predictor.push(reading(values[TRAINED + DAY + 5]!, timeOf(TRAINED + DAY + 5)));
    completed.should.equal(6);
    (predictor.accuracy!.points - before).should.be.within(15, 18);
  });

  it('ignores what comes late', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    pushAll(predictor, values, TRAINED, TRAINED + DAY);
    const before = predictor.forecast(HORIZON);
    predictor.push(reading(1e6, timeOf(TRAINED + 3))).should.equal(0);
    should(predictor.forecast(HORIZON)).eql(before);
  });

  it('forecasts anew when another reading of the same step changes the newest sample', () => {
    const predictor = new Predictor({ ...model, members: model.members.slice(1) }, PLAN, SETTINGS);
    pushAll(predictor, values, TRAINED, TRAINED + 3);
    const newest = values[TRAINED + 2]!;
    predictor.forecast(1)!.points[0]!.value.should.equal(newest);
    predictor.push(reading(newest + 4, timeOf(TRAINED + 2) + 1_000));
    predictor.forecast(1)!.points[0]!.value.should.be.approximately(newest + 2, 1e-9);
  });

  it('begins its window anew after a silence too long to fill, and forgets what it had expected meanwhile', () => {
    const predictor = new Predictor(model, PLAN, SETTINGS);
    pushAll(predictor, values, TRAINED, TRAINED + DAY);
    const { points } = predictor.accuracy!;
    const later = TRAINED + DAY + 40;
    pushAll(predictor, values, later, later + 2);
    predictor.restart!.reason.should.equal('silence');
    predictor.history.target.length.should.be.belowOrEqual(2);
    // Every forecast from before ended in the silence: only one made since can have been checked.
    (predictor.accuracy!.points - points).should.be.within(0, 1);
    predictor
      .forecast(HORIZON)!
      .points.every(({ value }) => Number.isFinite(value))
      .should.be.true();
  });

  it('outlives a level shift', () => {
    const shiftAt = TRAINED + 2 * DAY;
    const shifted = wave(20 * DAY, 2, (i) => (i < shiftAt ? 50 : 90));
    const predictor = new Predictor(model, PLAN, SETTINGS);
    pushAll(predictor, shifted, TRAINED, shiftAt);
    const calm = predictor.accuracy!;
    pushAll(predictor, shifted, shiftAt, shiftAt + 2 * DAY);
    predictor.accuracy!.mae.should.be.above(3 * calm.mae);
    // Three days after it, errors are as they were.
    const recovered = new Predictor(model, PLAN, SETTINGS, copy(predictor.snapshot()));
    let inside = 0;
    for (let i = shiftAt + 2 * DAY; i < shiftAt + 6 * DAY; i++) {
      const { lower, upper, value } = recovered.forecast(1)!.points[0]!;
      if (i > shiftAt + 3 * DAY) Math.abs(value - shifted[i]!).should.be.below(8);
      if (shifted[i]! >= lower && shifted[i]! <= upper) inside++;
      recovered.push(reading(shifted[i]!, timeOf(i)));
    }
    (inside / (4 * DAY)).should.be.above(0.85);
  });

  it('sees the end of a ramp that its model has never seen, and finds back when it is over', () => {
    const rampAt = TRAINED + 2 * DAY;
    const overAt = rampAt + DAY;
    // Six hours of noise in a day of rise, from 50 to 150; then all is as before.
    const values = wave(20 * DAY, 6, (i) => (i < rampAt || i >= overAt ? 50 : 50 + (100 * (i - rampAt)) / DAY));
    const predictor = new Predictor(model, PLAN, SETTINGS);
    const limit = { direction: 'above', value: 140 } as const;
    const likely = (): number => Math.max(...predictor.probabilitiesBeyond(DAY / 2, limit));
    pushAll(predictor, values, TRAINED, rampAt);
    likely().should.be.below(0.01);
    const crossed = values.findIndex((value, i) => i >= rampAt && value > limit.value);
    // A sixth of a day before the value is there, at the latest, it is more likely than not.
    pushAll(predictor, values, rampAt, crossed - DAY / 6);
    likely().should.be.above(0.5);
    pushAll(predictor, values, crossed - DAY / 6, overAt + DAY / 3);
    likely().should.be.below(0.1);
    const { value } = predictor.forecast(1)!.points[0]!;
    should(value).be.approximately(values[overAt + DAY / 3]!, 8);
  });

  it('stays on the course of a ramp when a new version comes in the middle of it', () => {
    const rampAt = TRAINED + 2 * DAY;
    const values = wave(20 * DAY, 6, (i) => (i < rampAt ? 50 : 50 + (100 * (i - rampAt)) / DAY));
    const predictor = new Predictor(model, PLAN, SETTINGS);
    const limit = { direction: 'above', value: 140 } as const;
    const likely = (from: Predictor): number => Math.max(...from.probabilitiesBeyond(DAY / 2, limit));
    pushAll(predictor, values, TRAINED, rampAt + (2 * DAY) / 3);
    likely(predictor).should.be.above(0.5);
    const settings = { ...SETTINGS, version: 'pump-health pump-07 2' };
    likely(new Predictor(model, PLAN, settings, copy(predictor.snapshot()))).should.be.above(0.5);
    likely(new Predictor(model, PLAN, settings, { ...copy(predictor.snapshot()), tracker: {} })).should.be.below(0.5);
  });

  it('says nothing of a device of which nothing is known', () => {
    const unknown = { ...model, history: { ...model.history, target: new Float64Array(0) } };
    const predictor = new Predictor(unknown, PLAN, SETTINGS);
    should(predictor.newestMs).equal(null);
    should(predictor.forecast(3)).equal(null);
    predictor.probabilitiesBeyond(3, { direction: 'above', value: 1 }).length.should.equal(0);
    pushAll(predictor, values, 0, 2);
    predictor.forecast(3)!.points.length.should.equal(3);
  });

  it('is quick and small with a day of minutes', () => {
    const minutes = 1_440;
    const series = wave(20 * minutes, 3);
    const plan = { ...PLAN, stepMs: MINUTE_MS };
    const long = modelOf(series.slice(0, 5 * minutes), minutes, MINUTE_MS, minutes);
    const predictor = new Predictor(long, plan, SETTINGS);
    const cpu = process.cpuUsage();
    for (let i = 5 * minutes; i < series.length; i++) {
      predictor.push(reading(series[i]!, START_MS + i * MINUTE_MS));
    }
    const { user, system } = process.cpuUsage(cpu);
    // Milliseconds of processor time a sample; about 0.1 when nothing else runs.
    ((user + system) / 1_000 / (15 * minutes)).should.be.below(2);
    predictor.accuracy!.coverage.should.be.approximately(0.9, 0.02);
    Buffer.byteLength(JSON.stringify(predictor.snapshot())).should.be.below(1e6);
  });
});
