import should from 'should';
import { checkParams } from '#lib/core/params';
import { tensor } from '#lib/core/tensor';
import { seasonOf, type SeasonKind } from '#lib/forecasters/classical/decompose';
import { fitSmoothing } from '#lib/forecasters/holt-winters/fit';
import { initialStates } from '#lib/forecasters/holt-winters/initial';
import { extrapolate, smooth, Trace, type States, type TrendKind } from '#lib/forecasters/holt-winters/smoothing';
import { theta } from '#lib/forecasters/theta';
import { golden } from './golden';

interface Initial {
  readonly level: number;
  readonly slope: number;
  readonly season: number[];
}

interface Smoothed {
  readonly y: number[];
  readonly season: SeasonKind;
  readonly trend: TrendKind;
  readonly rates: [number, number, number, number];
  readonly initial: Initial;
  readonly fitted: number[];
  readonly forecast: number[];
  readonly best: Initial & { readonly squares: number };
}

const statsmodels = golden<{
  readonly smoothing: readonly Smoothed[];
  readonly decompose: readonly { y: number[]; period: number; kind: SeasonKind; season: number[] }[];
  readonly theta: readonly { y: number[]; period: number; alpha: number; forecast: number[] }[];
}>('exponential_smoothing');

const phasesOf = (first: number, count: number, period: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => (first + i) % period);

const statesOf = ({ level, slope, season }: Initial): States => ({
  level,
  slope,
  season: Float64Array.from(season),
  lowest: 1e-9,
});

const near = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  should(found.length).equal(expected.length);
  expected.forEach((value, i) => should(found[i]).be.approximately(value, tolerance * (1 + Math.abs(value))));
};

describe('exponential smoothing against statsmodels', () => {
  for (const { y, season, trend, rates, fitted, forecast, initial, best } of statsmodels.smoothing) {
    const values = Float64Array.from(y);
    const period = initial.season.length;
    const phases = phasesOf(0, y.length, period);

    it(`${season} season, trend ${trend}: the same forecasts from the same rates and initial states`, () => {
      const [level, slope, seasonal, damping] = rates;
      const smoothing = { season, trend, level, slope, seasonal, damping };
      const states = statesOf(initial);
      const trace = new Trace(y.length);
      smooth(values, phases, smoothing, states, trace);
      const foreseen = y.slice(1).map((_, i) => {
        const expected = trace.level[i]! + damping * trace.slope[i]!;
        return season === 'additive' ? expected + trace.season[i + 1]! : expected * trace.season[i + 1]!;
      });
      near(foreseen, fitted.slice(1), 1e-8);
      const steps = new Float64Array(forecast.length);
      extrapolate(phasesOf(y.length, steps.length, period), smoothing, states, steps);
      near(steps, forecast, 1e-8);
    });

    it(`${season} season, trend ${trend}: rates that are no worse, from the initial states that are best`, () => {
      const { error } = fitSmoothing(values, phases, { season, trend }, statesOf(best), [1]);
      (error * (y.length - 1)).should.be.within(0.99 * best.squares, 1.002 * best.squares);
    });

    it(`${season} season, trend ${trend}: from its own initial states hardly worse`, () => {
      const unknown = new Float64Array(period);
      const own = initialStates(values, phases, { season, trend }, unknown);
      const { error } = fitSmoothing(values, phases, { season, trend }, own, [1]);
      (error * (y.length - 1)).should.be.within(0.99 * best.squares, 1.1 * best.squares);
    });
  }

  for (const { y, period, kind, season } of statsmodels.decompose) {
    it(`finds the same ${kind} season of ${period} steps`, () => {
      near(seasonOf(Float64Array.from(y), phasesOf(0, y.length, period), period, kind), season, 1e-9);
    });
  }
});

describe('the Theta method against statsmodels', () => {
  for (const { y, period, alpha, forecast } of statsmodels.theta) {
    const target = Float64Array.from(y);
    const kind = y.every((value) => value > 0) ? 'multiplicative' : 'additive';
    const common = { startMs: 0, stepMs: 1000, timeZone: 'UTC', target, others: [] };

    it(`gives the same forecast with the same rate, of a series whose season is ${kind}`, () => {
      const state = {
        scalars: { period, seasonKind: kind },
        tensors: { rates: tensor(Float64Array.of(alpha, 0.5)), season: tensor(new Float64Array(period)) },
      };
      const model = theta.restore(state, 1, checkParams('theta', theta.params));
      near(model.forecast(common, [y.length], forecast.length), forecast, 1e-8);
    });

    it(`finds the ${kind} season that statsmodels finds`, async () => {
      const history = { ...common, periods: [period], horizon: forecast.length };
      const model = await theta.fit(history, checkParams('theta', theta.params), { seed: 1 });
      should(model.snapshot().scalars.period).equal(period);
    });
  }
});
