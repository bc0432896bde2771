import type { Forecaster, ModelState, Run } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import type { History, TrainingHistory } from '../core/history';
import type { ParamSpecs, ParamsOf } from '../core/params';
import { tensor } from '../core/tensor';
import { phases } from '../readings/phases';
import { areAbove0, neutralSeason, refuseAsFactor, SEASONS, type SeasonKind } from './classical/decompose';
import { criterion, leadsOf } from './classical/leads';
import { forecastWindows, lookbackOf, MAX_LOOKBACK, usablePeriod } from './classical/window';
import { defineForecaster } from './define';
import { aicc, fitSmoothing, type FittedSmoothing, type Kinds } from './holt-winters/fit';
import { initialStates } from './holt-winters/initial';
import { extrapolate, smooth, TRENDS, type Smoothing } from './holt-winters/smoothing';

const params = {
  season: {
    type: 'choice',
    default: 'auto',
    options: ['auto', 'additive', 'multiplicative', 'none'],
    doc: 'Whether the season is added to the level or multiplies it; auto: whichever fits better.',
  },
  trend: {
    type: 'choice',
    default: 'auto',
    options: ['auto', 'none', 'additive', 'damped'],
    doc: 'Whether the level goes on rising or falling, for good or less and less; auto: whichever fits better.',
  },
  period: {
    type: 'choice',
    default: 'shortest',
    options: ['shortest', 'longest'],
    doc: 'Which season is learned where there are several, such as the day or the week.',
  },
  criterion,
} satisfies ParamSpecs;
type Params = ParamsOf<typeof params>;

/** Exponential smoothing that starts afresh in the window before each origin. */
class HoltWinters implements Forecaster {
  readonly lookback: number;

  /** @param season - at the end of the training, by phase; one value without a season */
  constructor(
    private readonly smoothing: Smoothing,
    private readonly season: Float64Array,
  ) {
    this.lookback = lookbackOf(season.length);
  }

  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const { smoothing, season, lookback } = this;
    const size = { lookback, period: season.length };
    return forecastWindows(history, origins, horizon, size, (window, steps) => {
      const states = initialStates(window.values, window.phases, smoothing, season);
      smooth(window.values, window.phases, smoothing, states);
      extrapolate(window.ahead, smoothing, states, steps);
    });
  }

  snapshot(): ModelState {
    const { season, trend, level, slope, seasonal, damping } = this.smoothing;
    return {
      scalars: { period: this.season.length, seasonKind: season, trend },
      tensors: { rates: tensor(Float64Array.of(level, slope, seasonal, damping)), season: tensor(this.season.slice()) },
    };
  }
}

/** The kinds to try: those asked for, or all that the data allow. */
function kindsToTry(positive: boolean, period: number, { season, trend }: Params): Kinds[] {
  const seasons = season !== 'auto' ? [season] : positive ? SEASONS : ['additive'];
  const kinds = (period === 1 ? ['additive'] : seasons) as readonly SeasonKind[];
  const trends = trend === 'auto' ? TRENDS : TRENDS.filter((each) => each === trend);
  return kinds.flatMap((each) => trends.map((one): Kinds => ({ season: each, trend: one })));
}

function fit(x: TrainingHistory, params: Params, run: Run): HoltWinters {
  const { length } = x.target;
  const from = Math.max(0, length - MAX_LOOKBACK);
  const values = x.target.subarray(from);
  const period = params.season === 'none' ? 1 : usablePeriod(x.periods, values.length, params.period);
  const positive = areAbove0(values);
  if (params.season === 'multiplicative') refuseAsFactor('holt-winters', positive);
  const phase = phases(x, from, values.length, period);
  const size = meanSquareStep(values);
  const leads = leadsOf(params.criterion, x.horizon, values.length);
  const kinds = kindsToTry(positive, period, params);
  const fitted = kinds.map((kind, i): { model: FittedSmoothing; criterion: number } => {
    const unknown = new Float64Array(period).fill(neutralSeason(kind.season));
    const model = fitSmoothing(values, phase, kind, initialStates(values, phase, kind, unknown), leads);
    run.onProgress?.((i + 1) / kinds.length);
    throwIfAborted(run.signal);
    return { model, criterion: aicc(model, values.length, size) };
  });
  const { model } = fitted.reduce((best, each) => (each.criterion < best.criterion ? each : best));
  return new HoltWinters(model.smoothing, model.states.season);
}

function meanSquareStep(values: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < values.length; i++) {
    const step = values[i]! - values[i - 1]!;
    sum += step * step;
  }
  return sum / (values.length - 1);
}

/**
 * Level, slope and season, each following the series at its own rate: the rates with the least squared errors over
 * the horizon (one-step errors alone make the level chase the noise), the kinds of trend and season by AICc. Strong where a season changes slowly in shape and level; it knows one season
 * only, follows noise where the level wanders, lets an outlier pass into the level, and runs off with an undamped trend
 * over a long horizon. A fit takes some 10 ns × samples × 300 × kinds tried, a forecast some 30 ns × lookback.
 */
export const holtWinters = defineForecaster({
  id: 'holt-winters',
  stateVersion: 1,
  title: 'Exponential smoothing (Holt-Winters)',
  summary: 'Follows level, trend and season, each at a fitted rate; recent samples count most.',
  reference:
    'P. Winters: Forecasting sales by exponentially weighted moving averages. Management Science 6, 1960; ' +
    'R. Hyndman, A. Koehler, J. Ord, R. Snyder: Forecasting with Exponential Smoothing. Springer, 2008.',
  params,
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 3,
  estimateSeconds: ({ target }, params) => {
    const kinds = (params.season === 'auto' ? 2 : 1) * (params.trend === 'auto' ? 3 : 1);
    return 1e-3 + 5e-6 * Math.min(target.length, MAX_LOOKBACK) * kinds;
  },
  fit,
  restore: (state) => {
    const period = state.integer('period', 1, MAX_LOOKBACK);
    const season = state.choice('seasonKind', SEASONS);
    const trend = state.choice('trend', TRENDS);
    const rates = state.tensor('rates', Float64Array, 4, (value) => value >= 0 && value <= 1);
    const [level, slope, seasonal, damping] = rates as unknown as readonly [number, number, number, number];
    return new HoltWinters(
      { season, trend, level, slope, seasonal, damping },
      state.tensor('season', Float64Array, period),
    );
  },
});
