import { durationText } from '../readings/plain-words';
import type { GridReport } from '../readings/regular-grid';
import { count } from './words';

/** What a person should know of how readings became a forecaster's history, one plain sentence each. */
export function gridWarnings(report: GridReport): string[] {
  return [...leftOut(report), ...gaps(report)];
}

function leftOut({ labelled, notNow, duplicates }: GridReport): string[] {
  const warnings: string[] = [];
  const tell = (readings: number, what: string): void => {
    if (readings > 0) warnings.push(`${count(readings, 'reading')} ${readings === 1 ? 'counts' : 'count'} ${what}.`);
  };
  tell(labelled, 'as missing: labelled as something else than normal');
  tell(notNow, 'as missing: "judge only when" does not hold');
  tell(duplicates, 'together with others of the same time');
  return warnings;
}

function gaps(report: GridReport): string[] {
  const { samples, filled, longestGapMs, droppedBefore, droppedAfter, droppedGapMs, tooMany } = report;
  const warnings: string[] = [];
  if (filled > 0) {
    const share = Math.max(1, Math.round((100 * filled) / samples));
    warnings.push(
      `${count(filled)} of ${count(samples, 'step')} (${share} %) had no reading and are filled in; ` +
        `the longest gap lasts ${durationText(longestGapMs)}.`,
    );
  }
  const tell = (steps: number, where: string): void => {
    if (steps === 0) return;
    const gap = `a gap of ${durationText(droppedGapMs)}, which is too long to fill`;
    warnings.push(`${count(steps, 'step')} ${steps === 1 ? 'is' : 'are'} left out: ${where} ${gap}.`);
  };
  tell(droppedBefore, 'before');
  tell(droppedAfter, 'after');
  if (tooMany > 0) warnings.push(`The oldest ${count(tooMany, 'step')} are left out: there are too many.`);
  return warnings;
}
