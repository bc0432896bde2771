import { MlError, show } from '../../lib/core/errors';
import { detectors, forecasters } from '../../lib/registry';
import { AUTO } from '../../lib/training/auto';
import type { TrainingPlan } from '../../lib/training/request';
import { durationSetting } from '../shared/settings';

const COMMON = ['model', 'algorithm', 'params', 'seed'] as const;
const OF_TASK = {
  detection: ['fields', 'threshold', 'contamination'],
  forecast: ['field', 'horizon'],
} as const;

/**
 * The plan of one training: the form's settings, but for what the message asks for otherwise in `msg.training`. What is
 * blank there is as in the form. Ranges are checked where the form's are: when it trains.
 * @throws MlError `PARAMETER` naming the property
 */
export function askedPlan(asked: unknown, plan: TrainingPlan): TrainingPlan {
  if (isBlank(asked)) return plan;
  const given = objectIn('', asked);
  const known: readonly string[] = [...COMMON, ...OF_TASK[plan.task]];
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new MlError('PARAMETER', `msg.training may have ${known.join(', ')}; got ${show(unknown)}.`);
  }
  const [name, algorithm, seed] = [textIn('model', given), algorithmIn(given, plan), numberIn('seed', given)];
  const params = given.has('params') ? Object.fromEntries(objectIn('.params', given.get('params'))) : undefined;
  const common = {
    ...(name !== undefined && { name }),
    // Another algorithm knows other parameters than those in the form.
    ...(algorithm !== undefined && algorithm !== plan.algorithm && { algorithm, params: {} }),
    ...(params !== undefined && { params: params as TrainingPlan['params'] }),
    ...(seed !== undefined && { seed }),
  };
  if (plan.task === 'forecast') {
    const field = textIn('field', given);
    const horizonMs = durationSetting('msg.training', 'horizon', given.get('horizon'));
    return {
      ...plan,
      ...common,
      ...(field !== undefined && { series: { ...plan.series, field } }),
      ...(horizonMs !== undefined && { horizonMs }),
    };
  }
  const fields = namesIn('fields', given);
  const [threshold, contamination] = [numberIn('threshold', given), numberIn('contamination', given)];
  if (threshold !== undefined && contamination !== undefined) {
    throw new MlError('PARAMETER', 'msg.training may have a threshold or a contamination, got both.');
  }
  return {
    ...plan,
    ...common,
    ...(fields !== undefined && { pipeline: { ...plan.pipeline, fields } }),
    ...(threshold !== undefined && { threshold: { by: 'score', value: threshold } }),
    ...(contamination !== undefined && { threshold: { by: 'contamination', value: contamination } }),
  };
}

type Given = ReadonlyMap<string, unknown>;

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function wrong(name: string, rule: string, came: string): MlError {
  return new MlError('PARAMETER', `msg.training${name} must be ${rule}, got ${came}.`);
}

/** Its own members that are not blank. */
function objectIn(name: string, value: unknown): Given {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object', show(value));
  return new Map(Object.entries(value).filter(([, member]) => !isBlank(member)));
}

function textIn(name: string, given: Given): string | undefined {
  const value = given.get(name);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw wrong(`.${name}`, 'text', show(value));
}

function algorithmIn(given: Given, { task }: TrainingPlan): string | undefined {
  const id = textIn('algorithm', given);
  const known = [AUTO, ...(task === 'forecast' ? forecasters : detectors).map((algorithm) => algorithm.id)];
  if (id === undefined || known.includes(id)) return id;
  throw wrong('.algorithm', `one of ${known.join(', ')}`, show(id));
}

function numberIn(name: string, given: Given): number | undefined {
  const value = given.get(name);
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw wrong(`.${name}`, 'a number', show(value));
}

function namesIn(name: string, given: Given): readonly string[] | undefined {
  const value = given.get(name);
  if (value === undefined) return undefined;
  const isNames = Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
  if (isNames && value.length > 0) return [...new Set(value as string[])];
  throw wrong(`.${name}`, 'an array of names', show(value));
}
