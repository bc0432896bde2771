import type { ForecasterCard } from '../core/artifact';
import type { ParamValues } from '../core/params';
import type { FittedForecast } from '../forecasting/fit-forecast';
import type { regularGrid } from '../readings/regular-grid';
import { judgeForecast } from './forecast-sanity';
import { gridWarnings } from './forecast-warnings';
import type { ForecastRequest } from './request';
import { isoTime } from './words';

/** All that the training of a forecaster has found out. */
export interface TrainedForecaster {
  readonly request: ForecastRequest;
  readonly params: ParamValues;
  readonly grid: ReturnType<typeof regularGrid>;
  readonly fitted: FittedForecast;
  /** What else should be told, one sentence each. */
  readonly notes: readonly string[];
}

/** What training says of a forecaster; version and duration are filled in later. */
export function makeForecasterCard(trained: TrainedForecaster): ForecasterCard {
  const { request, params, grid, fitted, notes } = trained;
  const { plan, history, report } = grid;
  const { model, candidates, metrics } = fitted;
  const samples = history.target.length;
  const { sane, reason } = judgeForecast(metrics, model.periods.length > 0);
  return {
    name: request.name,
    device: request.device,
    version: 0,
    algorithm: request.algorithm,
    params,
    features: [plan.field, ...plan.others],
    rows: samples,
    span: { from: isoTime(history.startMs), to: isoTime(history.startMs + (samples - 1) * plan.stepMs) },
    stepMs: plan.stepMs,
    seed: request.seed,
    durationMs: 0,
    metrics: { ...metrics, filledShare: report.filled / samples, candidateSeconds: secondsOf(fitted) },
    warnings: [...notes, ...fitted.warnings, ...gridWarnings(report)],
    active: sane,
    activeReason: reason,
    field: plan.field,
    horizon: model.horizon,
    periodsMs: model.periods.map((period) => period * plan.stepMs),
    candidates,
  };
}

/** What all that was tried took; null where nobody looked at the clock. */
function secondsOf({ candidates }: FittedForecast): number | null {
  const seconds = candidates.flatMap((candidate) => candidate.seconds ?? []);
  return seconds.length > 0 ? seconds.reduce((sum, each) => sum + each, 0) : null;
}
