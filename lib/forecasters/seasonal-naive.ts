import type { Forecaster, ModelState } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import type { History } from '../core/history';
import type { ParamSpecs } from '../core/params';
import { defineForecaster } from './define';

/** Longest period that a state may hold. */
export const MAX_PERIOD = 10_000_000;

const params = {
  season: {
    type: 'choice',
    default: 'shortest',
    options: ['shortest', 'longest'],
    doc: 'Which season is repeated where there are several, such as the day or the week.',
  },
} satisfies ParamSpecs;

/** The same as one period ago; without a period, the last value. */
class SeasonalNaive implements Forecaster {
  constructor(private readonly period: number) {}

  get lookback(): number {
    return this.period;
  }

  forecast({ target }: History, origins: readonly number[], horizon: number): Float64Array {
    const out = new Float64Array(origins.length * horizon);
    origins.forEach((origin, row) => {
      // With less than one period of history its oldest value stands in for those before.
      for (let j = 0; j < horizon; j++) {
        out[row * horizon + j] = target[Math.max(0, origin - this.period + (j % this.period))]!;
      }
    });
    return out;
  }

  snapshot(): ModelState {
    return { scalars: { period: this.period }, tensors: {} };
  }
}

/**
 * What every forecaster has to beat. Costs nothing; carries the noise of one period into the next, and knows nothing of
 * trends and level shifts.
 */
export const seasonalNaive = defineForecaster({
  id: 'seasonal-naive',
  stateVersion: 1,
  title: 'Same as last time',
  summary: 'Repeats the last season, such as yesterday; without a season, the last value. What others must beat.',
  reference: 'R. Hyndman, G. Athanasopoulos: Forecasting: Principles and Practice, 3rd edition, 5.2. OTexts, 2021.',
  params,
  traits: { online: false, multivariate: false, allowsMissing: false },
  testParams: {},
  minRows: () => 2,
  estimateSeconds: () => 1e-6,
  fit: ({ periods }, { season }, run) => {
    run.onProgress?.(1);
    throwIfAborted(run.signal);
    return new SeasonalNaive((season === 'longest' ? periods.at(-1) : periods[0]) ?? 1);
  },
  restore: (state) => new SeasonalNaive(state.integer('period', 1, MAX_PERIOD)),
});
