import type { NodeAPI } from 'node-red';
import { MlError, show } from '../../lib/core/errors';
import type { GivenLimits, LimitSource, LimitSources } from '../../lib/forecasting/limit-watch';
import type { InputMessage } from '../shared/on-input';
import type { LimitType, MlForecastConfig } from './config';

const TYPES: readonly LimitType[] = ['num', 'msg', 'field'];

/**
 * Where a form's limits come from.
 * @throws MlError `PARAMETER` for a number that is none, an unknown type, or limits between which there is nothing
 */
export function limitSources(owner: string, config: MlForecastConfig): LimitSources {
  const above = limitSource(owner, 'upperLimit', config.upperLimitType, config.upperLimit);
  const below = limitSource(owner, 'lowerLimit', config.lowerLimitType, config.lowerLimit);
  const [upper, lower] = [numberOf(above), numberOf(below)];
  if (upper !== null && lower !== null && lower >= upper) {
    throw new MlError('PARAMETER', `${owner}: lowerLimit must be below upperLimit (${upper}), got ${lower}.`);
  }
  return { above, below };
}

function numberOf(source: LimitSource): number | null {
  return source !== null && source !== 'message' && 'value' in source ? source.value : null;
}

/** Null where the typed input is blank. */
function limitSource(owner: string, name: string, type: LimitType, given: unknown): LimitSource {
  if (!TYPES.includes(type)) {
    throw new MlError('PARAMETER', `${owner}: ${name} must be one of ${TYPES.join(', ')}, got ${show(type)}.`);
  }
  const text = typeof given === 'string' || typeof given === 'number' ? String(given).trim() : '';
  if (text === '') return null;
  if (type === 'field') return { field: text };
  if (type === 'msg') return 'message';
  const value = Number(text);
  if (Number.isFinite(value)) return { value };
  throw new MlError('PARAMETER', `${owner}: ${name} must be a number, got ${show(text)}.`);
}

/** The limits that a message brings. */
export type LimitsOf = (message: InputMessage) => GivenLimits;

/** Makes a way to find the limits in messages. A message without them changes none. */
export function limitsIn(RED: NodeAPI, config: MlForecastConfig): LimitsOf {
  const above = config.upperLimitType === 'msg' ? config.upperLimit.trim() : '';
  const below = config.lowerLimitType === 'msg' ? config.lowerLimit.trim() : '';
  const limitIn = (message: InputMessage, property: string): number | undefined =>
    property === '' ? undefined : numberIn(RED, message, property);
  return (message) => {
    const [upper, lower] = [limitIn(message, above), limitIn(message, below)];
    return { ...(upper !== undefined && { above: upper }), ...(lower !== undefined && { below: lower }) };
  };
}

/** @throws MlError `DATA` for what is no number */
function numberIn(RED: NodeAPI, message: InputMessage, property: string): number | undefined {
  const found = propertyOf(RED, message, property);
  if (found === undefined || found === null || found === '') return undefined;
  const value = typeof found === 'string' || typeof found === 'number' ? Number(found) : NaN;
  if (Number.isFinite(value)) return value;
  throw new MlError('DATA', `ml-forecast: the limit in msg.${property} must be a number, got ${show(found)}.`);
}

/** A property below one that is not there is not there. */
function propertyOf(RED: NodeAPI, message: InputMessage, property: string): unknown {
  try {
    return RED.util.getMessageProperty(message, property);
  } catch {
    return undefined;
  }
}
