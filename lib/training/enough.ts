import type { Traits } from '../core/algorithm';
import { MlError } from '../core/errors';
import type { ReadingTable } from '../core/readings';
import { MIN_CALIBRATION_ROWS } from '../detection/calibration';
import type { ChosenRows } from './choose-rows';
import { leastRows } from './split';
import { count } from './words';

/**
 * How many rows a training needs, whatever becomes of the readings.
 * @param algorithmRows - rows that the algorithm must be fitted on
 */
export function rowsNeeded(minRows: number, algorithmRows: number, traits: Traits): number {
  return Math.max(minRows, leastRows(traits, algorithmRows, MIN_CALIBRATION_ROWS));
}

export function countReadings(tables: readonly ReadingTable[]): number {
  return tables.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
}

/** @throws MlError `TOO_FEW_ROWS` where not even the readings are as many as the rows that are needed */
export function checkReadings(readings: number, needed: number): void {
  if (readings >= needed) return;
  throw tooFew(`${count(readings, 'reading')} came`, needed);
}

/** @throws MlError `TOO_FEW_ROWS`: how many came, what became of them, how many are needed */
export function checkRows(readings: number, rows: number, chosen: ChosenRows, needed: number): void {
  const { devices, faulty, inAlarm, touching } = chosen;
  const usable = devices.reduce((sum, rows) => sum + rows.length, 0);
  if (usable >= needed) return;
  const lost = [
    [faulty.length, 'labelled as not normal'],
    [inAlarm, 'during an alarm'],
    [touching, 'too close after those'],
  ] as const;
  const reasons = lost.filter(([rows]) => rows > 0).map(([rows, why]) => `${count(rows)} ${why}`);
  // Readings become fewer rows where they are aggregated, mostly missing, or came during stand-still.
  const became = rows < readings ? `, which make ${count(rows, 'row')}` : '';
  const left = reasons.length > 0 ? `, of which ${count(usable)} can be learned from (${reasons.join(', ')})` : '';
  throw tooFew(`${count(readings, 'reading')} came${became}${left}`, needed);
}

/** @throws MlError `TOO_FEW_ROWS` where the readings make fewer steps of a grid than are needed */
export function checkSamples(readings: number, samples: number, needed: number): void {
  if (samples >= needed) return;
  throw tooFew(`${count(readings, 'reading')} came, which make ${count(samples, 'step')}`, needed);
}

function tooFew(what: string, needed: number): MlError {
  return new MlError('TOO_FEW_ROWS', `${what}; at least ${count(needed)} are needed. Collect more, then train again.`);
}
