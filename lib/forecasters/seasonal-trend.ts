import type { Forecaster, ModelState, Run } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import { sliceHistory, type History, type TrainingHistory } from '../core/history';
import type { ParamSpecs, ParamsOf } from '../core/params';
import { mean, quantileSorted, standardDeviation } from '../core/statistics';
import { tensor } from '../core/tensor';
import type { StateReader } from '../core/state-reader';
import { MAX_LOOKBACK } from './classical/window';
import { defineForecaster } from './define';
import { Design, wavesOf, type Waves } from './seasonal-trend/design';
import { correlationOf, fitCurve } from './seasonal-trend/fit';
import { MAX_PERIOD } from './seasonal-naive';

/** The newest samples that a fit looks at: five weeks of minutes. */
const MAX_SAMPLES = 50_400;
/** Change points lie in the first part of the history; a newer one could not be told from noise. */
const CHANGE_RANGE = 0.85;
/** A change point for each so many samples, at the most. */
const SAMPLES_A_CHANGE = 10;
/** Residuals that the level is corrected by, where no season is longer. */
const FEWEST_RESIDUALS = 24;

const params = {
  changePoints: {
    type: 'int',
    default: 25,
    min: 0,
    max: 100,
    doc: 'Places in the history where the slope may change; those where it does not are found out.',
  },
  flexibility: {
    type: 'number',
    default: 0.05,
    min: 0.001,
    max: 10,
    doc: 'How easily the slope changes; more follows every turn, less takes a straight line.',
  },
  order: {
    type: 'int',
    default: 12,
    min: 1,
    max: 50,
    doc: 'Waves of a sine that make up the shortest season, such as the day; longer ones get twice as many.',
  },
} satisfies ParamSpecs;
type Params = ParamsOf<typeof params>;

/** From standardised values back to the field's unit. */
interface Scale {
  readonly centre: number;
  readonly deviation: number;
}

/** The parts of a fitted curve. */
interface Curve {
  readonly design: Design;
  readonly coefficients: Float64Array;
  readonly scale: Scale;
  /** How much of what the newest value is off its level is left a step later, 0 … 0.99. */
  readonly correlation: number;
}

/** Residuals whose median is how far the level has moved since the training: those of one season, of the shortest. */
const lookbackOf = (seasons: readonly Waves[]): number =>
  Math.min(MAX_LOOKBACK, Math.max(FEWEST_RESIDUALS, seasons[0]?.period ?? 0));

class SeasonalTrend implements Forecaster {
  readonly lookback: number;

  constructor(private readonly curve: Curve) {
    this.lookback = lookbackOf(curve.design.seasons);
  }

  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const { design, coefficients, scale, correlation } = this.curve;
    const out = new Float64Array(origins.length * horizon);
    origins.forEach((origin, row) => {
      const from = Math.max(0, origin - this.lookback);
      const seen = origin - from;
      const curve = design
        .curve(history, from, seen + horizon, coefficients)
        .map((value) => scale.centre + scale.deviation * value);
      const residuals = history.target.subarray(from, origin).map((value, i) => value - curve[i]!);
      const newest = residuals[seen - 1]!;
      const level = quantileSorted(residuals.sort(), 0.5);
      let rest = newest - level;
      for (let j = 0; j < horizon; j++) {
        rest *= correlation;
        out[row * horizon + j] = curve[seen + j]! + level + rest;
      }
    });
    return out;
  }

  snapshot(): ModelState {
    const { design, coefficients, scale, correlation } = this.curve;
    const { span, changes, seasons } = design;
    return {
      scalars: { changePoints: changes.length, waves: seasons.map(({ rounds }) => rounds.length) },
      tensors: {
        periods: tensor(Uint32Array.from(seasons, ({ period }) => period)),
        rounds: tensor(Uint32Array.from(seasons.flatMap(({ rounds }) => rounds))),
        changes: tensor(changes.slice()),
        coefficients: tensor(coefficients.slice()),
        numbers: tensor(Float64Array.of(span.startMs, span.steps, scale.centre, scale.deviation, correlation)),
      },
    };
  }
}

function fit(given: TrainingHistory, params: Params, run: Run): SeasonalTrend {
  const { length } = given.target;
  const x = sliceHistory(given, Math.max(0, length - MAX_SAMPLES), length);
  const samples = x.target.length;
  const count = Math.min(params.changePoints, Math.floor((CHANGE_RANGE * samples) / SAMPLES_A_CHANGE));
  const changes = Float64Array.from({ length: count }, (_, c) => (CHANGE_RANGE * (c + 1)) / count);
  const span = { startMs: x.startMs, steps: samples - 1 };
  const design = new Design(span, changes, wavesOf(x.periods, params.order, samples));
  const scale = { centre: mean(x.target), deviation: standardDeviation(x.target) || 1 };
  const standardised = { ...x, target: x.target.map((value) => (value - scale.centre) / scale.deviation) };
  const coefficients = fitCurve(design, standardised, params.flexibility, (share) => {
    run.onProgress?.(share);
    throwIfAborted(run.signal);
  });
  const curve = design.curve(x, 0, samples, coefficients);
  const residuals = standardised.target.map((value, i) => value - curve[i]!);
  const correlation = correlationOf(withoutLevel(residuals, lookbackOf(design.seasons)), Infinity);
  return new SeasonalTrend({ design, coefficients, scale, correlation });
}

/** The residuals beside the mean of those before them, which stands for the median that forecasts take. */
function withoutLevel(residuals: Float64Array, window: number): Float64Array {
  let sum = 0;
  return residuals.map((value, i) => {
    sum += value - (residuals[i - window] ?? 0);
    return value - sum / Math.min(i + 1, window);
  });
}

function restore(state: StateReader): SeasonalTrend {
  const changePoints = state.integer('changePoints', 0, 100);
  const waves = state.integers('waves', 0, 100);
  const isPeriod = (value: number): boolean => value >= 2 && value <= MAX_PERIOD;
  const periods = state.tensor('periods', Uint32Array, waves.length, isPeriod);
  const total = waves.reduce((a, b) => a + b, 0);
  const rounds = state.tensor('rounds', Uint32Array, total);
  const numbers = state.tensor('numbers', Float64Array, 5);
  const [startMs, steps, centre, deviation, correlation] = numbers as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  let at = 0;
  const seasons = waves.map((count, s) => ({ period: periods[s]!, rounds: [...rounds.subarray(at, (at += count))] }));
  const design = new Design({ startMs, steps }, state.tensor('changes', Float64Array, changePoints), seasons);
  const coefficients = state.tensor('coefficients', Float64Array, design.columns);
  return new SeasonalTrend({ design, coefficients, scale: { centre, deviation }, correlation });
}

/**
 * A curve of time: straight pieces that meet at change points, plus waves for each season, fitted so that outliers and
 * needless changes count little. The curve goes on where training ended; at an origin it is raised by the median of the
 * residuals of the last season (24 samples without one), and what the newest value is off that fades geometrically, as
 * fast as it did in training. Strong where seasons are regular and clean curves matter; weak where a season's shape
 * changes, has steps sharper than its waves, or where the level wanders. A fit takes some (3 × columns + 300) ns × samples × columns
 * (columns: 60 to 90), a forecast 2 ns × lookback × columns.
 */
export const seasonalTrend = defineForecaster({
  id: 'seasonal-trend',
  stateVersion: 1,
  title: 'Trend with change points and seasons',
  summary: 'A piecewise straight trend plus daily and weekly waves, its level corrected by the newest values.',
  reference: 'S. Taylor, B. Letham: Forecasting at scale. The American Statistician 72, 2018.',
  params,
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 10,
  estimateSeconds: ({ target, periods }, { changePoints, order }) => {
    const columns = 2 + changePoints + 2 * order * (1 + 2 * Math.max(0, periods.length - 1));
    return 1e-3 + Math.min(target.length, MAX_SAMPLES) * columns * (3e-9 * columns + 3e-7);
  },
  fit,
  restore: (state) => restore(state),
});
