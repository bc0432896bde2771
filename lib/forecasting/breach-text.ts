import { dayAndTimeText, durationText, numberInText, timeText } from '../readings/plain-words';
import type { Limit, Prediction } from './breach-state';

interface Named {
  readonly device: string;
  readonly field: string;
}

const CROSS = { above: 'exceed', below: 'fall below' } as const;

/** "pump-07: temperature will probably exceed 80 at 15:40 UTC, in 1 h 20 min (72 %)." */
export function predictedText({ device, field }: Named, limit: Limit, prediction: Prediction, now: string): string {
  const { at, probability } = prediction;
  const lead = durationText(Date.parse(at) - Date.parse(now));
  const what = `${CROSS[limit.direction]} ${numberInText(limit.value)}`;
  return `${device}: ${field} will probably ${what} at ${whenText(at, now)}, in ${lead} (${percentText(probability)}).`;
}

/** "pump-07: temperature is no longer expected to exceed 80 at 15:40 UTC." */
export function withdrawnText({ device, field }: Named, limit: Limit, { at }: Prediction, now: string): string {
  const what = `${CROSS[limit.direction]} ${numberInText(limit.value)}`;
  return `${device}: ${field} is no longer expected to ${what} at ${whenText(at, now)}.`;
}

/** "pump-07: temperature is 80.4, above 80 since 15:31 UTC, as predicted 1 h 10 min before." */
export function reachedText({ device, field }: Named, limit: Limit, value: number, at: string, inMs: number): string {
  const is = `${field} is ${numberInText(value)}, ${limit.direction} ${numberInText(limit.value)}`;
  return `${device}: ${is} since ${timeText(at)}, as predicted ${durationText(inMs)} before.`;
}

/** The time alone where it is of the same day. */
function whenText(at: string, now: string): string {
  return at.slice(0, 10) === now.slice(0, 10) ? timeText(at) : dayAndTimeText(at);
}

/** Never 100 %: nothing that lies ahead is certain. */
function percentText(probability: number): string {
  return `${Math.min(99, Math.round(100 * probability))} %`;
}
