import { MlError, show } from '../core/errors';
import { isBlank, numberOf } from './numbers';
import { timeOf } from './time';

const HOUR_MS = 3_600_000;
const MAX_HOURS = 87_672;
/** How far back where nothing else is said. */
export const USUAL_RANGE_MS = 168 * HOUR_MS;

/** A stretch of time, epoch ms. */
export interface TimeRange {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

/** What a message says of it; anything may be in it. */
export interface RangeMessage {
  readonly from?: unknown;
  readonly to?: unknown;
  readonly hours?: unknown;
}

/**
 * The stretch of time that a message asks for: up to `to`, else up to `hours` after `from`, else up to now; from `from`
 * on, else `hours` back.
 * @param usualMs - how far back where the message does not say
 * @throws MlError `DATA` for what is no time, `PARAMETER` for hours that are none or a range that is empty
 */
export function timeRange(
  { from, to, hours }: RangeMessage,
  nowMs: number,
  usualMs: number = USUAL_RANGE_MS,
): TimeRange {
  const lengthMs = isBlank(hours) ? undefined : hoursOf(hours) * HOUR_MS;
  const givenFromMs = timeOf(from, 'msg.from');
  const untilMs = givenFromMs === undefined || lengthMs === undefined ? nowMs : givenFromMs + lengthMs;
  const toMs = timeOf(to, 'msg.to') ?? untilMs;
  const fromMs = givenFromMs ?? toMs - (lengthMs ?? usualMs);
  if (fromMs < toMs) return { fromMs, toMs };
  const [begin, end] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  throw new MlError('PARAMETER', `msg.from must be before msg.to, got ${begin} and ${end}.`);
}

function hoursOf(given: unknown): number {
  const hours = numberOf(given);
  if (hours > 0 && hours <= MAX_HOURS) return hours;
  throw new MlError(
    'PARAMETER',
    `msg.hours must be a number of hours up to ${MAX_HOURS}, such as 168, got ${show(given)}.`,
  );
}
