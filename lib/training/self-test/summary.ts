import type { FaultReport, SelfTest, UntouchedReport } from '../../core/artifact';
import { mean, median } from '../../core/statistics';
import { durationText } from '../../readings/plain-words';
import { count } from '../words';
import { MOMENTARY } from './faults';

/** A fault is found when it raises an alarm; one of a single reading, when that is called an anomaly. */
export function foundShare({ fault, flagged, alarmed }: FaultReport): number {
  return fault === MOMENTARY ? flagged : alarmed;
}

/**
 * The three figures of a model record, over as many stretches with a fault as without: each fault and size counts the
 * same. Nothing where there was no test.
 */
export function selfTestMetrics(test: SelfTest): Readonly<Record<string, number | null>> {
  if ('skipped' in test) return {};
  const found = mean(test.faults.map(foundShare));
  const falsely = test.untouched.alarmed;
  return {
    accuracy: (found + 1 - falsely) / 2,
    precision: found + falsely > 0 ? found / (found + falsely) : null,
    falsePositiveRate: falsely,
  };
}

/** What a person should know of the test, in a few sentences. */
export function summaryOf(faults: readonly FaultReport[], untouched: UntouchedReport): string {
  const sizes = [...new Set(faults.flatMap(({ size }) => (size === null ? [] : [size])))].sort((a, b) => b - a);
  const sized = sizes.map((size) => {
    const found = mean(faults.filter((fault) => fault.size === size).map(foundShare));
    return `${percentText(found)} of those ${size} robust sigmas large`;
  });
  const others = faults
    .filter(({ size }) => size === null)
    .map((fault) => `${fault.fault} ${percentText(foundShare(fault))}`);
  const sentences = [
    `Faults planted in held-out readings: ${listed(sized)} are found; ${others.join(', ')}.`,
    delayText(faults),
    `Of ${count(untouched.stretches)} stretches left as they were, ${percentText(untouched.alarmed)} raise an alarm.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function delayText(faults: readonly FaultReport[]): string {
  const raised = faults.filter(({ delayReadings }) => delayReadings !== null);
  if (raised.length === 0) return '';
  const readings = Math.round(median(raised.map(({ delayReadings }) => delayReadings!)));
  const ms = median(raised.map(({ delayMs }) => delayMs!));
  return `An alarm takes about ${count(readings, 'reading')}${ms > 0 ? ` (${durationText(ms)})` : ''}.`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
}

function percentText(share: number): string {
  return `${Math.round(100 * share)} %`;
}
