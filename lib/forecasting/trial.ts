import type { Run } from '../core/algorithm';
import type { CandidateReport } from '../core/artifact';
import { isMlError, messageOf, MlError, throwIfAborted } from '../core/errors';
import { sliceHistory, type TrainingHistory } from '../core/history';
import { meanAbsoluteError, samplesAfter, symmetricError, type Split } from './backtest';
import type { Candidate } from './candidates';
import { forecastMembers, type Member } from './members';
import { rangeOf, transformed } from './transforms';

/** How a candidate did in the backtest. */
export interface Trial {
  readonly candidate: Candidate;
  /** Null where it has no forecasts: `failure` says why. */
  readonly result: TrialResult | null;
  /** Null where nobody looked at the clock. */
  readonly seconds: number | null;
  readonly failure?: unknown;
}

export interface TrialResult {
  /** `origins × horizon`, in the target's unit. */
  readonly forecasts: Float64Array;
  /** Mean absolute error, in the target's unit. */
  readonly error: number;
  readonly smape: number;
}

/** The trial of a candidate that can make forecasts. */
export type Success = Trial & { readonly result: TrialResult };

export function isSuccess(trial: Trial): trial is Success {
  return trial.result !== null;
}

/** A candidate fitted on these samples, on its scale. @throws whatever its algorithm throws */
export async function fitMember(
  { algorithm, params, transform }: Candidate,
  history: TrainingHistory,
  run: Run,
): Promise<Omit<Member, 'error'>> {
  const target = transformed(transform, history.target);
  const model = await algorithm.fit({ ...history, target }, params, run);
  return { algorithm, params, transform, model, ...rangeOf(target) };
}

/**
 * Fits a candidate on the samples before the split and forecasts those after it.
 * @throws MlError `ABORTED`; whatever else goes wrong is the trial's failure
 */
export async function tryCandidate(
  candidate: Candidate,
  history: TrainingHistory,
  { trainingEnd, origins }: Split,
  run: Run,
): Promise<Trial> {
  const { horizon } = history;
  const start = run.now?.();
  const seconds = (): number | null => (start === undefined ? null : (run.now!() - start) / 1000);
  try {
    const member = await fitMember(candidate, sliceHistory(history, 0, trainingEnd), run);
    const forecasts = forecastMembers([member], history, origins, horizon)[0]!;
    if (!forecasts.every(Number.isFinite)) {
      throw new MlError('DATA', `${candidate.algorithm.id} gave forecasts that are no numbers.`);
    }
    const actuals = samplesAfter(history, origins, horizon);
    const error = meanAbsoluteError(forecasts, actuals);
    const result = { forecasts, error, smape: symmetricError(forecasts, actuals) };
    return { candidate, result, seconds: seconds() };
  } catch (failure) {
    rethrowAbort(failure, run);
    return { candidate, result: null, seconds: seconds(), failure };
  }
}

/** Throws where the failure is that the run was aborted. */
export function rethrowAbort(failure: unknown, { signal }: Run): void {
  throwIfAborted(signal);
  if (isMlError(failure, 'ABORTED')) throw failure;
}

/** For the card. @param weight - share in the forecast; @param naiveError - MASE's denominator */
export function reportOf(trial: Trial, weight: number, naiveError: number): CandidateReport {
  const { candidate, result, seconds, failure } = trial;
  return {
    algorithm: candidate.algorithm.id,
    variant: candidate.variant,
    mase: result === null ? null : result.error / naiveError,
    smape: result === null ? null : result.smape,
    seconds,
    weight,
    ...(failure === undefined ? {} : { note: messageOf(failure) }),
  };
}
