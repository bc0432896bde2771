import type { Forecaster, ModelState, Run } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import type { History, TrainingHistory } from '../core/history';
import type { ParamSpecs, ParamsOf } from '../core/params';
import { tensor } from '../core/tensor';
import { phases } from '../readings/phases';
import {
  areAbove0,
  deseasonalise,
  refuseAsFactor,
  seasonOf,
  seasonOfWindow,
  SEASONS,
  type SeasonKind,
} from './classical/decompose';
import { criterion, leadsOf } from './classical/leads';
import { FEWEST_FOR_SLOPE, leastSquaresLine } from './classical/line';
import { forecastWindows, lookbackOf, MAX_LOOKBACK, usablePeriod, type Window } from './classical/window';
import { defineForecaster } from './define';
import { fitTheta, lagOf, weightOf, type ThetaRates } from './theta/fit';
import { isSeasonal } from './theta/season-test';

const params = {
  theta: {
    type: 'choice',
    default: 'fitted',
    options: ['fitted', 'standard'],
    doc: 'How much of the long-run slope is taken: what fits best, or half of it as the standard method does (θ = 2).',
  },
  season: {
    type: 'choice',
    default: 'auto',
    options: ['auto', 'additive', 'multiplicative', 'none'],
    doc: 'How the season is taken out first; auto: if a test finds one, in the way that fits better.',
  },
  period: {
    type: 'choice',
    default: 'shortest',
    options: ['shortest', 'longest'],
    doc: 'Which season is taken out where there are several, such as the day or the week.',
  },
  criterion,
} satisfies ParamSpecs;
type Params = ParamsOf<typeof params>;

interface Season {
  readonly kind: SeasonKind;
  /** By phase, as the training had it; one value without a season. */
  readonly learned: Float64Array;
}

class Theta implements Forecaster {
  readonly lookback: number;

  constructor(
    private readonly rates: ThetaRates,
    private readonly season: Season,
  ) {
    this.lookback = lookbackOf(season.learned.length);
  }

  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const size = { lookback: this.lookback, period: this.season.learned.length };
    return forecastWindows(history, origins, horizon, size, (window, steps) => this.#extrapolate(window, steps));
  }

  #extrapolate({ values, phases: known, ahead }: Window, steps: Float64Array): void {
    const { kind, learned } = this.season;
    const { level: alpha, weight } = this.rates;
    const season = seasonOfWindow(values, known, kind, learned);
    const rest = deseasonalise(values, known, season, kind);
    const line = startOf(rest);
    let { level } = line;
    for (const value of rest) level += alpha * (value - level);
    const lag = lagOf(alpha, rest.length);
    for (let j = 0; j < steps.length; j++) {
      const value = level + weight * line.slope * (j + lag);
      const factor = season[ahead[j]!]!;
      steps[j] = kind === 'additive' ? value + factor : value * factor;
    }
  }

  snapshot(): ModelState {
    const { kind, learned } = this.season;
    const { level, weight } = this.rates;
    return {
      scalars: { period: learned.length, seasonKind: kind },
      tensors: { rates: tensor(Float64Array.of(level, weight)), season: tensor(learned.slice()) },
    };
  }
}

/** Slope, and the level that the recursion starts from; of a few values their mean, without a slope. */
function startOf(rest: Float64Array): { readonly level: number; readonly slope: number } {
  if (rest.length >= FEWEST_FOR_SLOPE) return leastSquaresLine(rest);
  return { level: rest.reduce((a, b) => a + b, 0) / rest.length, slope: 0 };
}

/** The seasons to try, the period being 1 where there is none. */
function seasonsToTry(
  values: Float64Array,
  x: TrainingHistory,
  params: Params,
): { period: number; kinds: SeasonKind[] } {
  const positive = areAbove0(values);
  if (params.season === 'multiplicative') refuseAsFactor('theta', positive);
  const period = usablePeriod(x.periods, values.length, params.period);
  const asked = SEASONS.filter((kind) => kind === params.season);
  if (asked.length > 0) return { period, kinds: asked };
  if (params.season === 'none' || period === 1 || !isSeasonal(values, period))
    return { period: 1, kinds: ['additive'] };
  return { period, kinds: positive ? [...SEASONS] : ['additive'] };
}

function fit(x: TrainingHistory, params: Params, run: Run): Theta {
  const from = Math.max(0, x.target.length - MAX_LOOKBACK);
  const values = x.target.subarray(from);
  const { period, kinds } = seasonsToTry(values, x, params);
  const known = phases(x, from, values.length, period);
  const leads = leadsOf(params.criterion, x.horizon, values.length);
  const weight = params.theta === 'standard' ? weightOf(2) : undefined;
  const fitted = kinds.map((kind, i) => {
    const learned = seasonOf(values, known, period, kind);
    const rest = deseasonalise(values, known, learned, kind);
    const found = fitTheta(rest, startOf(rest).level, leads, weight);
    run.onProgress?.((i + 1) / kinds.length);
    throwIfAborted(run.signal);
    return { ...found, season: { kind, learned } };
  });
  const { level, weight: share, season } = fitted.reduce((best, each) => (each.error < best.error ? each : best));
  return new Theta({ level, weight: share }, season);
}

/**
 * The level by exponential smoothing, plus a share of the long-run slope, of a series whose season has been taken out.
 * Won the M3 competition; hard to beat on short series with a drift. It knows one season only and one slope, which a
 * change of direction makes wrong until the lookback has passed it. A fit takes some 6 µs × samples, the test for
 * a season 2 ns × samples × period; a forecast some 30 ns × lookback.
 */
export const theta = defineForecaster({
  id: 'theta',
  stateVersion: 1,
  title: 'Theta method',
  summary: 'Takes the season out, follows the level, and adds a fitted share of the long-run slope.',
  reference:
    'V. Assimakopoulos, K. Nikolopoulos: The theta model. International Journal of Forecasting 16, 2000; ' +
    'J. Fiorucci and others: Models for optimising the theta method. International Journal of Forecasting 32, 2016.',
  params,
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 3,
  estimateSeconds: ({ target, periods }) => {
    const samples = Math.min(target.length, MAX_LOOKBACK);
    return 1e-3 + samples * (6e-6 + 2e-9 * usablePeriod(periods, samples, 'shortest'));
  },
  fit,
  restore: (state) => {
    const kind = state.choice('seasonKind', SEASONS);
    const learned = state.tensor('season', Float64Array, state.integer('period', 1, MAX_LOOKBACK));
    const rates = state.tensor('rates', Float64Array, 2, (value) => value >= 0 && value <= 1);
    return new Theta({ level: rates[0]!, weight: rates[1]! }, { kind, learned });
  },
});
