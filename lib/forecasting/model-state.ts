import type { ModelState, WarmStart } from '../core/algorithm';
import { isMlError, MlError } from '../core/errors';
import type { JsonObject } from '../core/json';
import type { ParamValues } from '../core/params';
import { boolean, either, integer, list, number, object, oneOf, record, text, type Shape } from '../core/shape';
import { StateReader } from '../core/state-reader';
import { tensor, type Tensor } from '../core/tensor';
import { forecaster } from '../registry';
import type { ForecastModel } from './forecast-model';
import { LEAST_FREEDOM, type IntervalState } from './intervals';
import type { Member } from './members';
import { TRANSFORMS, type Transform } from './transforms';

/** Version of the state that `packModel` makes; raised whenever its layout changes. */
export const FORECAST_STATE_VERSION = 1;

const MAX_MEMBERS = 100;
const MAX_PERIODS = 10;
const MAX_HORIZON = 1_000_000;
const MAX_OTHERS = 1_000;

/** A member's part of the scalars; its tensors lie under its own prefix. */
interface StoredMember {
  readonly algorithm: string;
  readonly stateVersion: number;
  readonly params: ParamValues;
  readonly transform: Transform;
  readonly low: number;
  readonly high: number;
  readonly error: number;
  readonly scalars: JsonObject;
  readonly tensors: readonly string[];
}

/** All scalars of a stored forecast model. */
interface StoredModel {
  readonly members: readonly StoredMember[];
  readonly intervals: Pick<IntervalState, 'scale' | 'period' | 'freedom' | 'resolution'> & { readonly scores: number };
  readonly history: { startMs: number; stepMs: number; timeZone: string; samples: number; others: number };
  readonly periods: readonly number[];
  readonly horizon: number;
  readonly naiveError: number;
}

const anything: Shape = () => undefined;

const storedModel = object<StoredModel>({
  members: list(
    object<StoredMember>({
      algorithm: text(1, 100),
      stateVersion: integer(1),
      params: record(either('a number, text, true or false', number(), text(), boolean)),
      transform: oneOf(...TRANSFORMS),
      low: number(),
      high: number(),
      error: number(0),
      scalars: record(anything),
      tensors: list(text(1)),
    }),
    MAX_MEMBERS,
  ),
  intervals: object<StoredModel['intervals']>({
    scale: oneOf('identity', 'sqrt'),
    period: integer(0),
    freedom: number(LEAST_FREEDOM),
    resolution: number(0),
    scores: integer(1),
  }),
  history: object<StoredModel['history']>({
    startMs: number(-8.64e15, 8.64e15),
    stepMs: number(1),
    timeZone: text(1, 100),
    samples: integer(1),
    others: integer(0),
  }),
  periods: list(integer(2), MAX_PERIODS),
  horizon: integer(1),
  naiveError: number(Number.MIN_VALUE),
});

/** A forecast model as plain data. */
export function packModel({ members, intervals, history, ...rest }: ForecastModel): ModelState {
  const { stepScales, scores, ...widths } = intervals;
  const { target, others, ...grid } = history;
  const tensors: Record<string, Tensor> = {
    target: tensor(target),
    stepScales: tensor(stepScales),
    scores: tensor(scores),
  };
  others.forEach((other, i) => (tensors[`other${i}`] = tensor(other)));
  const stored = members.map(({ algorithm, model, ...member }, i): StoredMember => {
    const state = model.snapshot();
    for (const [name, part] of Object.entries(state.tensors)) tensors[tensorName(i, name)] = part;
    const { id, stateVersion } = algorithm;
    return { ...member, algorithm: id, stateVersion, scalars: state.scalars, tensors: Object.keys(state.tensors) };
  });
  const scalars: StoredModel = {
    ...rest,
    members: stored,
    intervals: { ...widths, scores: scores.length },
    history: { ...grid, samples: target.length, others: others.length },
  };
  return { scalars: scalars as unknown as JsonObject, tensors };
}

/** The inverse of `packModel`. @throws MlError `ARTIFACT` for a damaged state, or one of a newer package */
export function unpackModel(state: ModelState): ForecastModel {
  const { members, intervals, history, periods, horizon, naiveError } = readScalars(state);
  const reader = new StateReader('forecast', state);
  const { samples, others, ...grid } = history;
  const { scores, ...widths } = intervals;
  return {
    members: members.map((member, i) => restoreMember(member, i, state)),
    intervals: {
      ...widths,
      stepScales: reader.tensor('stepScales', Float64Array, horizon, (value) => value > 0 && value < Infinity),
      scores: reader.tensor('scores', Float64Array, scores, (value) => value >= 0 && value < Infinity),
    },
    history: {
      ...grid,
      target: reader.tensor('target', Float64Array, samples),
      others: Array.from({ length: others }, (_, i) => reader.tensor(`other${i}`, Float64Array, samples)),
    },
    periods,
    horizon,
    naiveError,
  };
}

/**
 * The part of an earlier forecast model that an algorithm can go on from.
 * @returns undefined where it had no part in it, or its state cannot be read
 */
export function memberStart({ state }: WarmStart, algorithm: string): WarmStart | undefined {
  try {
    const { members } = readScalars(state);
    const found = members.findIndex((member) => member.algorithm === algorithm);
    return found < 0
      ? undefined
      : { state: memberState(members[found]!, found, state), stateVersion: members[found]!.stateVersion };
  } catch (error) {
    if (isMlError(error, 'ARTIFACT')) return undefined;
    throw error;
  }
}

function readScalars({ scalars }: ModelState): StoredModel {
  storedModel(scalars, 'The stored forecast model');
  const stored = scalars as unknown as StoredModel;
  const { members, horizon, history } = stored;
  if (members.length === 0 || horizon > MAX_HORIZON || history.others > MAX_OTHERS) {
    throw new MlError(
      'ARTIFACT',
      'The stored forecast model is damaged: it has no members, or far too much of something.',
    );
  }
  return stored;
}

function memberState({ scalars, tensors }: StoredMember, index: number, state: ModelState): ModelState {
  const own = tensors.map((name): [string, Tensor] => {
    const full = tensorName(index, name);
    const part = Object.hasOwn(state.tensors, full) ? state.tensors[full] : undefined;
    if (part === undefined) throw new MlError('ARTIFACT', `The stored forecast model is damaged: ${full} is missing.`);
    return [name, part];
  });
  return { scalars, tensors: Object.fromEntries(own) };
}

function restoreMember(member: StoredMember, index: number, state: ModelState): Member {
  const { algorithm: id, stateVersion, params, transform, low, high, error } = member;
  try {
    const algorithm = forecaster(id);
    const model = algorithm.restore(memberState(member, index, state), stateVersion, params);
    return { algorithm, params, transform, model, low, high, error };
  } catch (cause) {
    // An algorithm or a parameter that this package does not know.
    if (isMlError(cause, 'NOT_FOUND') || isMlError(cause, 'PARAMETER')) {
      throw new MlError('ARTIFACT', `The stored forecast model cannot be read: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

const tensorName = (member: number, name: string): string => `member${member}.${name}`;
