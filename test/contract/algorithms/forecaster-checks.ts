import should from 'should';
import type { Forecaster, ForecasterAlgorithm } from '#lib/core/algorithm';
import { sliceHistory, type TrainingHistory } from '#lib/core/history';
import { checkParams, type ParamSpecs } from '#lib/core/params';
import { Random } from '#lib/core/random';
import { bits, fit, type Check, type Subject } from './subject';

export type ForecasterSubject = Subject<TrainingHistory, Forecaster>;

const STEP_MS = 3_600_000;
const PERIOD = 24;
const SAMPLES = 500;
const HORIZON = 12;
/** A Monday, 00:00 UTC. */
const START_MS = Date.UTC(2026, 0, 5);

/** An hourly signal with a day, a slow drift and noise, and beside it a field that runs ahead of it. */
export function seasonal(samples: number, seed: number): TrainingHistory {
  const random = new Random(seed);
  const day = (i: number): number => Math.sin((2 * Math.PI * i) / PERIOD) + 0.5 * Math.cos((4 * Math.PI * i) / PERIOD);
  const target = Float64Array.from({ length: samples }, (_, i) => 20 + 5 * day(i) + 0.004 * i + random.normal(0, 0.7));
  const other = Float64Array.from({ length: samples }, (_, i) => 100 + 30 * day(i + 3) + random.normal(0, 3));
  return {
    startMs: START_MS,
    stepMs: STEP_MS,
    timeZone: 'UTC',
    target,
    others: [other],
    periods: [PERIOD],
    horizon: HORIZON,
  };
}

function withTarget(history: TrainingHistory, change: (target: Float64Array) => void): TrainingHistory {
  const target = history.target.slice();
  change(target);
  return { ...history, target };
}

const withSample = (history: TrainingHistory, sample: number, value: number): TrainingHistory =>
  withTarget(history, (target) => (target[sample] = value));

/** Mean absolute error of forecasts from these origins, against what came. */
function errorOf(forecasts: Float64Array, { target }: TrainingHistory, origins: readonly number[]): number {
  const horizon = forecasts.length / origins.length;
  const errors = forecasts.map((value, i) =>
    Math.abs(value - target[origins[Math.floor(i / horizon)]! + (i % horizon)]!),
  );
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

export function forecasterSubject(algorithm: ForecasterSubject['algorithm']): ForecasterSubject {
  const data = (): TrainingHistory => seasonal(SAMPLES, 1);
  return {
    algorithm,
    data,
    constant: () => withTarget(data(), (target) => target.fill(7)),
    head: (rows) => sliceHistory(data(), 0, rows),
    unfit: [
      { what: 'an infinite sample', x: withSample(data(), 3, Infinity), message: /sample 3 of the series .* Infinity/ },
      { what: 'a missing sample', x: withSample(data(), 9, NaN), message: /sample 9 of the series .* got NaN/ },
      { what: 'a sample beyond any sensor', x: withSample(data(), 0, -1e39), message: /sample 0 of the series/ },
      {
        what: 'a series of another length',
        x: { ...data(), others: [new Float64Array(3)] },
        message: /must have 500 samples, .* has 3/,
      },
      { what: 'a period of one step', x: { ...data(), periods: [1] }, message: /at least 2 steps, got 1/ },
    ],
    output: (model) => model.forecast(seasonal(SAMPLES + 40, 2), [1, 2, 30, SAMPLES, SAMPLES + 40], 2 * HORIZON + 1),
  };
}

/** What every forecaster owes beside the common checks. */
export const forecasterChecks: readonly Check<ForecasterSubject>[] = [
  {
    name: 'gives as many finite values as were asked for, from any origin and for any horizon',
    async run(subject) {
      const model = await fit(subject);
      const history = seasonal(100, 3);
      for (const horizon of [1, HORIZON, HORIZON + 1, 5 * HORIZON]) {
        const values = model.forecast(history, [1, 50, 100], horizon);
        values.should.have.length(3 * horizon);
        values.every(Number.isFinite).should.be.true();
      }
      model.forecast(history, [], 5).should.have.length(0);
    },
  },
  {
    name: 'never looks ahead of an origin, nor at other origins',
    async run(subject) {
      const model = await fit(subject);
      const history = seasonal(SAMPLES, 4);
      const origins = [1, 25, 26, 240, 300, SAMPLES];
      const together = model.forecast(history, origins, HORIZON);
      origins.forEach((origin, i) => {
        const alone = model.forecast(sliceHistory(history, 0, origin), [origin], HORIZON);
        bits(together.slice(i * HORIZON, (i + 1) * HORIZON)).should.equal(bits(alone), `origin ${origin}`);
      });
    },
  },
  {
    name: 'looks no further back than it says',
    async run(subject) {
      const model = await fit(subject);
      const history = seasonal(SAMPLES, 5);
      if (model.lookback >= SAMPLES) return;
      const start = SAMPLES - model.lookback;
      const whole = model.forecast(history, [SAMPLES], HORIZON);
      const part = model.forecast(sliceHistory(history, start, SAMPLES), [model.lookback], HORIZON);
      whole.forEach((value, i) => should(part[i]).be.approximately(value, 1e-6 * (1 + Math.abs(value))));
    },
  },
  {
    name: 'forecasts without learning and without changing what it is shown',
    async run(subject) {
      const model = await fit(subject);
      const history = seasonal(SAMPLES, 6);
      const before = structuredClone(history);
      const first = bits(subject.output(model));
      const state = structuredClone(model.snapshot());
      model.forecast(history, [10, 400], HORIZON).fill(NaN);
      bits(subject.output(model)).should.equal(first);
      should(model.snapshot()).eql(state);
      should(history).eql(before);
    },
  },
  {
    name: 'beats or ties seasonal-naive on a seasonal series it has not seen',
    async run(subject) {
      const model = await fit(subject);
      const history = seasonal(SAMPLES + 300, 1);
      const origins = Array.from({ length: 12 }, (_, i) => SAMPLES + 24 * i);
      const naive = Float64Array.from({ length: origins.length * HORIZON }, (_, i) => {
        return history.target[origins[Math.floor(i / HORIZON)]! - PERIOD + (i % HORIZON)]!;
      });
      const error = errorOf(model.forecast(history, origins, HORIZON), history, origins);
      // The test is worth something: to repeat the last value is far worse.
      const persistence = naive.map((_, i) => history.target[origins[Math.floor(i / HORIZON)]! - 1]!);
      errorOf(persistence, history, origins).should.be.above(2 * errorOf(naive, history, origins));
      error.should.not.be.above(errorOf(naive, history, origins) * 1.001);
    },
  },
  {
    name: 'shifts with time: a whole number of periods later nothing else changes',
    async run(subject) {
      const later = (history: TrainingHistory): TrainingHistory => ({
        ...history,
        startMs: history.startMs + 14 * PERIOD * STEP_MS,
      });
      const [model, shifted] = [await fit(subject), await fit(subject, later(subject.data()))];
      const history = seasonal(SAMPLES, 7);
      const expected = model.forecast(history, [SAMPLES], HORIZON);
      const got = shifted.forecast(later(history), [SAMPLES], HORIZON);
      got.forEach((value, i) => should(value).be.approximately(expected[i]!, 1e-6 * (1 + Math.abs(expected[i]!))));
    },
  },
  {
    name: 'follows the unit: ten times as large and shifted gives ten times as large and shifted',
    async run(subject) {
      const scaled = (history: TrainingHistory): TrainingHistory =>
        withTarget(history, (target) => target.forEach((value, i) => (target[i] = 10 * value + 1000)));
      const [model, other] = [await fit(subject), await fit(subject, scaled(subject.data()))];
      const history = seasonal(SAMPLES, 8);
      const expected = model.forecast(history, [SAMPLES], HORIZON);
      const got = other.forecast(scaled(history), [SAMPLES], HORIZON);
      got.forEach((value, i) => should(value).be.approximately(10 * expected[i]! + 1000, 0.5));
    },
  },
  {
    name: 'refuses origins outside the history and a horizon that is none',
    async run(subject) {
      const model = await fit(subject);
      const history = seasonal(50, 9);
      for (const origins of [[0], [51], [5, 4], [1.5], [NaN]]) {
        should(() => model.forecast(history, origins, 3)).throw(/Origins must rise/);
      }
      for (const horizon of [0, -1, 1.5, NaN]) {
        should(() => model.forecast(history, [10], horizon)).throw(/horizon must be at least one step/);
      }
    },
  },
  {
    name: 'says about how long a fit takes',
    run(subject) {
      const algorithm = subject.algorithm as ForecasterAlgorithm;
      const params = checkParams(algorithm.id, algorithm.params as ParamSpecs);
      algorithm.estimateSeconds(subject.data(), params).should.be.above(0).and.below(600);
    },
  },
];
