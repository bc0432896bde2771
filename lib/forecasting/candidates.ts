import type { ForecasterAlgorithm } from '../core/algorithm';
import type { TrainingHistory } from '../core/history';
import { checkParams, type ParamSpecs, type ParamValues } from '../core/params';
import { forecaster } from '../registry';
import { suitableTransforms, type Transform } from './transforms';

/** An algorithm on a scale, to be tried. */
export interface Candidate {
  readonly algorithm: ForecasterAlgorithm;
  readonly params: ParamValues;
  readonly transform: Transform;
  /** What sets it apart from others of the same algorithm, in words; empty: nothing. */
  readonly variant: string;
}

/** The algorithm that stands for "choose for me". */
export const AUTO = 'auto';
/** What every other forecast is measured by, and what is left where nothing else can be fitted. */
export const NAIVE = 'seasonal-naive';

const WORDS: Readonly<Record<Transform, string>> = {
  identity: '',
  sqrt: 'on the square root',
  log: 'on the logarithm',
};

const STEP_BY_STEP = { variant: 'step by step', params: {} };
const DIRECT = { variant: 'direct', params: { strategy: 'direct', profile: false } };
/** Calendar terms join the profile of a short season; of a long one they are a smoother picture than its many places. */
const CALENDAR = { variant: 'step by step with calendar terms', params: { calendar: true } };
const CALENDAR_ALONE = {
  variant: 'step by step with calendar terms alone',
  params: { calendar: true, profile: false },
};
/** Samples from which a season is long. */
const LONG_PERIOD = 97;

/** What `auto` tries besides, where what is left unexplained is worth their seconds; the quicker first. */
const NETWORKS = ['mlp', 'gru'];

/**
 * What is to be tried: the algorithm that was asked for, as it comes, or for `auto` several on each scale that suits the
 * samples.
 * @param history - what is learned from
 * @throws MlError `NOT_FOUND`, `PARAMETER`
 */
export function candidatesFor(
  algorithm: string,
  params: ParamValues,
  { target, periods }: Pick<TrainingHistory, 'target' | 'periods'>,
): Candidate[] {
  if (algorithm !== AUTO) return [candidate(algorithm, params, 'identity', '')];
  checkParams(AUTO, {}, params);
  const naive = [naiveCandidate()];
  if (periods.length > 1) naive.push(candidate(NAIVE, { season: 'longest' }, 'identity', 'the longest season'));
  const linear = suitableTransforms(target).flatMap((transform) =>
    linearKinds(periods).map((each) =>
      candidate('ridge', each.params, transform, [each.variant, WORDS[transform]].join(' ').trim()),
    ),
  );
  return [...naive, ...linear];
}

/** The kinds of linear models that are tried on each scale. */
function linearKinds([period]: readonly number[]): { readonly variant: string; readonly params: ParamValues }[] {
  if (period === undefined) return [STEP_BY_STEP, DIRECT];
  return [STEP_BY_STEP, period < LONG_PERIOD ? CALENDAR : CALENDAR_ALONE, DIRECT];
}

export function networkCandidates(): Candidate[] {
  return NETWORKS.map((id) => candidate(id, {}, 'identity', ''));
}

export function naiveCandidate(): Candidate {
  return candidate(NAIVE, {}, 'identity', '');
}

/** True for the forecast that others are measured by. */
export function isYardstick({ algorithm, variant }: Candidate): boolean {
  return algorithm.id === NAIVE && variant === '';
}

function candidate(id: string, params: ParamValues, transform: Transform, variant: string): Candidate {
  const algorithm = forecaster(id);
  return { algorithm, params: checkParams(id, algorithm.params as ParamSpecs, params), transform, variant };
}
