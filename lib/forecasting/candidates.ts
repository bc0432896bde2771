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

/** What `auto` tries on each scale, in this order. */
const LINEAR = [
  { variant: 'step by step', params: {} },
  { variant: 'step by step with calendar terms', params: { calendar: true } },
  { variant: 'direct', params: { strategy: 'direct', profile: false } },
] as const;

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
    LINEAR.map((each) => candidate('ridge', each.params, transform, [each.variant, WORDS[transform]].join(' ').trim())),
  );
  return [...naive, ...linear];
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
