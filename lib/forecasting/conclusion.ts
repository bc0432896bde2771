import type { CandidateReport } from '../core/artifact';
import { meanAbsoluteError, symmetricError } from './backtest';
import { NAIVE, type Candidate } from './candidates';
import type { ForecastModel } from './forecast-model';
import { isSuccess, reportOf, type Trial } from './trial';

export interface FittedForecast {
  readonly model: ForecastModel;
  /** The best first. */
  readonly candidates: readonly CandidateReport[];
  /** Of the backtest: `mae`, `mase`, `smape`, and `naiveMase` of repeating the last season; all null without one. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly warnings: readonly string[];
}

/** What has been found. */
interface Findings {
  readonly model: ForecastModel;
  readonly trials: readonly Trial[];
  /** Share in the forecast. */
  readonly weightOf: (candidate: Candidate) => number;
  /** The members' forecasts together, and what came; both empty without a backtest. */
  readonly forecasts: Float64Array;
  readonly actuals: Float64Array;
  readonly warnings: readonly string[];
}

/** A forecast that is better than repeating the last season by less than this share is no better. */
const BETTER_BY = 0.02;

/** Puts into words and figures what has been found. */
export function conclude({ model, trials, weightOf, forecasts, actuals, warnings }: Findings): FittedForecast {
  const { naiveError, periods } = model;
  const reports = trials.map((trial) => reportOf(trial, weightOf(trial.candidate), naiveError));
  const candidates = reports.sort((a, b) => (a.mase ?? Infinity) - (b.mase ?? Infinity) || 0);
  if (forecasts.length === 0) {
    return { model, candidates, metrics: { mae: null, mase: null, smape: null, naiveMase: null }, warnings };
  }
  const mae = meanAbsoluteError(forecasts, actuals);
  const naive = trials.filter(isSuccess).find(({ candidate }) => candidate.algorithm.id === NAIVE);
  const hasRivals = trials.some(({ candidate }) => candidate.algorithm.id !== NAIVE);
  const isNoBetter = hasRivals && naive !== undefined && mae > (1 - BETTER_BY) * naive.result.error;
  const what = periods.length > 0 ? 'the last season' : 'the last value';
  return {
    model,
    candidates,
    metrics: {
      mae,
      mase: mae / naiveError,
      smape: symmetricError(forecasts, actuals),
      naiveMase: naive ? naive.result.error / naiveError : null,
    },
    warnings: isNoBetter ? [...warnings, `Nothing that was tried does better than repeating ${what}.`] : warnings,
  };
}
