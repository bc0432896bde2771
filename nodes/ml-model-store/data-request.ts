import { MlError, show } from '../../lib/core/errors';
import { SHARED_DEVICE } from '../../lib/core/artifact';
import { isBlank } from '../../lib/readings/numbers';
import { timeRange } from '../../lib/readings/time-range';
import type { InputMessage } from '../shared/on-input';
import { listSetting } from '../shared/settings';
import type { MlModelStoreConfig } from './config';
import { nameOf, wholeNumber } from './request';

const SEVERITIES = ['normal', 'warning', 'critical', 'unknown'] as const;
const FORMATS = ['json', 'csv'] as const;

/** What a message, with the node's settings, asks of readings and results. Members that nobody gave are absent. */
export interface DataRequest {
  readonly message: InputMessage;
  /** When it came, epoch ms. */
  readonly nowMs: number;
  /** Absent: all. */
  readonly device?: string;
  /** The model's name. */
  readonly model?: string;
  readonly field?: string;
  /** Of readings; empty: all. */
  readonly fields: readonly string[];
  readonly severity?: (typeof SEVERITIES)[number];
  /** Of events. */
  readonly type?: string;
  /** Where the message names a time, epoch ms. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly toMs?: number;
  readonly limit?: number;
  readonly format: (typeof FORMATS)[number];
}

/** @throws MlError `PARAMETER` or `DATA` naming the property, what it must be and what it is */
export function dataRequestOf(message: InputMessage, config: MlModelStoreConfig, nowMs: number): DataRequest {
  const device = nameOf('msg.device', message.device, config.device);
  const model = nameOf('msg.model', message.model, config.model);
  const field = nameOf('msg.field', message.field);
  const type = nameOf('msg.type', message.type);
  const severity = oneOf('msg.severity', SEVERITIES, message.severity);
  const limit = wholeNumber('msg.limit', message.limit);
  return {
    message,
    nowMs,
    fields: fieldsOf(message.fields),
    format: oneOf('msg.format', FORMATS, message.format) ?? 'json',
    ...(device !== undefined && device !== SHARED_DEVICE && { device }),
    ...(model !== undefined && { model }),
    ...(field !== undefined && { field }),
    ...(type !== undefined && { type }),
    ...(severity !== undefined && { severity }),
    ...(limit !== undefined && { limit }),
    ...boundsOf(message, nowMs),
  };
}

/** None where the message says nothing of time. */
function boundsOf(message: InputMessage, nowMs: number): { readonly fromMs?: number; readonly toMs?: number } {
  const { from, to, hours } = message;
  if (isBlank(from) && isBlank(hours)) return isBlank(to) ? {} : { toMs: timeRange(message, nowMs).toMs };
  return timeRange(message, nowMs);
}

function oneOf<T extends string>(property: string, options: readonly T[], given: unknown): T | undefined {
  if (isBlank(given)) return undefined;
  const known = options.find((option) => option === given);
  if (known !== undefined) return known;
  throw new MlError('PARAMETER', `${property} must be one of ${options.join(', ')}, got ${show(given)}.`);
}

function fieldsOf(given: unknown): readonly string[] {
  if (isBlank(given)) return [];
  if (typeof given === 'string') return listSetting(given);
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return [...new Set<string>(given)];
  throw new MlError('PARAMETER', `msg.fields must be an array of names, or names with commas, got ${show(given)}.`);
}
