import { isMlError, messageOf, MlError, show } from '../core/errors';
import { MAX_ROWS, MAX_TEXT_LENGTH, MAX_VALUES } from './limits';
import { numberOf } from './numbers';
import { RawReadingBuilder, type RawReading } from './raw-reading';
import { isMetric, metricReadings } from './sparkplug';

export interface ParsedPayload {
  readonly readings: readonly RawReading[];
  /** True where a reading holds only what has changed (Sparkplug). */
  readonly isPartial: boolean;
  /** True for an array of readings: each may have a device and a time of its own. */
  readonly isBatch: boolean;
}

const EXPECTED =
  'Expected an object of numbers, a number, an array of objects, or JSON text of one of these; for an array of numbers, ' +
  'give the field names in the node.';

/**
 * What the payload of a topic that names its field says: text without a number means that the field has none now.
 * @throws MlError as `parsePayload`
 */
export function parseTag(payload: unknown): ParsedPayload {
  const isText = typeof payload === 'string' && !/^\s*[[{]/.test(payload) && payload.length <= MAX_TEXT_LENGTH;
  if (!isText && payload !== null && payload !== undefined) return parsePayload(payload, []);
  const builder = new RawReadingBuilder();
  builder.add('value', payload === 'true' ? 1 : payload === 'false' ? 0 : payload);
  return single(builder.build());
}

/**
 * What a payload says, before topic, time and device are settled.
 * @param names - fields of a bare number or a bare array of numbers; empty: `value`
 * @throws MlError `DATA` for what holds no readings, `LIMIT` for too much
 */
export function parsePayload(payload: unknown, names: readonly string[]): ParsedPayload {
  if (typeof payload === 'string') return parseText(payload, names);
  if (payload instanceof Uint8Array) return parseBytes(payload, names);
  if (Array.isArray(payload)) return parseArray(payload, names);
  if (ArrayBuffer.isView(payload) && !(payload instanceof DataView)) {
    return single(bareArray(payload as unknown as ArrayLike<unknown>, names));
  }
  if (typeof payload === 'object' && payload !== null && !(payload instanceof Date)) return parseObject(payload);
  if (!Number.isNaN(numberOf(payload))) return single(bareArray([payload], names));
  const came =
    payload === undefined || payload === null ? 'The message has no payload.' : `The payload is ${show(payload)}.`;
  throw new MlError('DATA', `${came} ${EXPECTED}`);
}

function parseText(text: string, names: readonly string[]): ParsedPayload {
  checkLength(text.length, 'characters');
  const trimmed = text.trim();
  if (!Number.isNaN(numberOf(trimmed))) return single(bareArray([trimmed], names));
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (cause) {
    const problem = /^[[{]/.test(trimmed)
      ? `JSON with a mistake in it (${messageOf(cause).slice(0, 100)})`
      : show(trimmed);
    throw new MlError('DATA', `The payload is the text ${problem}. ${EXPECTED}`, { cause });
  }
  if (typeof value === 'string')
    throw new MlError('DATA', `The payload is JSON of the text ${show(value)}. ${EXPECTED}`);
  return parsePayload(value, names);
}

function parseBytes(bytes: Uint8Array, names: readonly string[]): ParsedPayload {
  checkLength(bytes.length, 'bytes');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\ufffd]/.test(text)) {
    throw new MlError(
      'DATA',
      `The payload is a buffer of ${bytes.length} bytes that hold no text: turn them into numbers first, for example ` +
        'with a buffer-parser or a function node.',
    );
  }
  return parseText(text, names);
}

function checkLength(length: number, unit: string): void {
  if (length <= MAX_TEXT_LENGTH) return;
  throw new MlError(
    'LIMIT',
    `The payload has ${length} ${unit}; at most ${MAX_TEXT_LENGTH} are read. Send smaller batches.`,
  );
}

function parseObject(payload: object): ParsedPayload {
  if ('metrics' in payload && Array.isArray(payload.metrics) && payload.metrics.every(isObject)) {
    return parseMetrics(payload.metrics, 'timestamp' in payload ? payload.timestamp : undefined);
  }
  return single(new RawReadingBuilder().addObject(payload).build());
}

function parseMetrics(metrics: readonly object[], timestamp: unknown): ParsedPayload {
  checkRows(metrics.length);
  if (metrics.length > 0 && !metrics.some(isMetric)) {
    throw new MlError(
      'DATA',
      `None of the ${metrics.length} Sparkplug metrics has a name and a value: let the Sparkplug node resolve aliases.`,
    );
  }
  return { readings: metricReadings(metrics, timestamp), isPartial: true, isBatch: false };
}

function parseArray(payload: readonly unknown[], names: readonly string[]): ParsedPayload {
  if (payload.length === 0) throw new MlError('DATA', `The payload is an empty array. ${EXPECTED}`);
  checkRows(payload.length);
  if (payload.every(isMetric)) return parseMetrics(payload as object[], undefined);
  if (Array.isArray(payload[0])) {
    if (names.length === 0) {
      throw new MlError(
        'DATA',
        'The payload is an array of arrays. Give the field names in the node, one for each column, or send an array of objects.',
      );
    }
    return batch(
      payload,
      (row) => bareArray(row as unknown[], names),
      Array.isArray,
      `an array of ${names.length} numbers`,
    );
  }
  if (isObject(payload[0])) {
    return batch(payload, (row) => new RawReadingBuilder().addObject(row as object).build(), isObject, 'an object');
  }
  return single(bareArray(payload, names));
}

function batch(
  rows: readonly unknown[],
  read: (row: unknown) => RawReading,
  isRow: (row: unknown) => boolean,
  expected: string,
): ParsedPayload {
  let values = 0;
  const readings = rows.map((row, i) =>
    inReading(i, rows.length, () => {
      if (!isRow(row)) throw new MlError('DATA', `expected ${expected}, got ${show(row)}.`);
      const reading = read(row);
      values += reading.values.size;
      if (values > MAX_VALUES) {
        throw new MlError('LIMIT', `a message may hold ${MAX_VALUES} values. Send smaller batches.`);
      }
      return reading;
    }),
  );
  return { readings, isPartial: false, isBatch: true };
}

/** Says in which reading of a batch something is wrong. */
export function inReading<T>(index: number, count: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isMlError(cause)) throw cause;
    throw new MlError(cause.code, `In reading ${index + 1} of ${count}: ${cause.message}`, { cause });
  }
}

/** Numbers without names, which the node has. */
function bareArray(values: ArrayLike<unknown>, names: readonly string[]): RawReading {
  const known = names.length === 0 ? ['value'] : names;
  if (values.length !== known.length) {
    const came = values.length === 1 ? 'One number came' : `${values.length} numbers came without names`;
    const have = names.length === 0 ? 'no field names are given' : `the field names given are ${names.length}`;
    throw new MlError('DATA', `${came}, but ${have}: give one name for each number in the node, or send an object.`);
  }
  const builder = new RawReadingBuilder();
  known.forEach((name, i) => {
    builder.add(name, values[i]);
  });
  return builder.build();
}

function single(reading: RawReading): ParsedPayload {
  return { readings: [reading], isPartial: false, isBatch: false };
}

function checkRows(rows: number): void {
  if (rows <= MAX_ROWS) return;
  throw new MlError('LIMIT', `The payload is an array of ${rows}; at most ${MAX_ROWS} are read. Send smaller batches.`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
