import { MlError, show } from '../core/errors';
import { isBlank, numberOf } from './numbers';

/** Largest distance from 1970 that a `Date` knows, in ms. */
const MAX_TIME_MS = 8.64e15;

/**
 * Up to which size an epoch time is in seconds, ms and µs; beyond, in ns. Each of these limits means the year 5138 in
 * its unit and a day in 1973 in the next finer one, so that no time in use is mistaken.
 */
const LIMITS = { seconds: 1e11, milliseconds: 1e14, microseconds: 1e17 };

const ISO_8601 =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Epoch ms of a time: a Date, ISO 8601 text (UTC where it names no zone), or epoch seconds, ms, µs or ns, told apart by
 * their size. Blank values give undefined.
 * @param name - whose value it is, for the message
 * @throws MlError `DATA` for anything else
 */
export function timeOf(value: unknown, name: string): number | undefined {
  if (isBlank(value)) return undefined;
  const timeMs =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? fromText(value) : fromNumber(value);
  if (Math.abs(timeMs) <= MAX_TIME_MS) return Math.round(timeMs);
  throw new MlError(
    'DATA',
    `${name} must be a time, as ISO 8601 text such as "2026-05-03T14:02:00Z" or as epoch seconds or milliseconds, ` +
      `got ${show(value)}.`,
  );
}

function fromText(text: string): number {
  const trimmed = text.length > 64 ? '' : text.trim();
  const match = ISO_8601.exec(trimmed);
  if (!match) return fromNumber(numberOf(trimmed));
  const [, day, clock = '00:00', fraction = '', zone = 'Z'] = match;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  return Date.parse(`${day}T${seconds}${offset.toUpperCase()}`) + Number(`${fraction}000`.slice(0, 3));
}

function fromNumber(value: unknown): number {
  if (typeof value === 'bigint') return fromNumber(Number(value));
  if (typeof value !== 'number') return NaN;
  // Divided by a whole number where there is one: 1e-3 is not exact.
  const unitMs = epochUnitMs(value);
  return unitMs >= 1 ? value * unitMs : value / Math.round(1 / unitMs);
}

/** The unit of an epoch time in ms, by its size: 1000, 1, 1e-3 or 1e-6. */
export function epochUnitMs(time: number): number {
  const size = Math.abs(time);
  if (size < LIMITS.seconds) return 1000;
  if (size < LIMITS.milliseconds) return 1;
  return size < LIMITS.microseconds ? 1e-3 : 1e-6;
}
