import { MlError } from '../core/errors';
import { MIN_CALIBRATION_ROWS } from '../detection/calibration';
import type { FittedPipeline } from '../readings/fit-pipeline';
import type { ChosenRows } from './choose-rows';
import type { TrainingRequest } from './request';
import { FIT_SHARE, MAX_GAP_SHARE } from './split';
import { count } from './words';

/** Rows of one device without which too few would be held out. */
const LEAST_ROWS = Math.round(MIN_CALIBRATION_ROWS / (1 - FIT_SHARE) / (1 - MAX_GAP_SHARE));

/**
 * @param algorithmRows - rows that the algorithm must be fitted on
 * @throws MlError `TOO_FEW_ROWS`: how many came, what became of them, how many are needed
 */
export function checkEnough(
  request: Pick<TrainingRequest, 'minRows' | 'tables'>,
  algorithmRows: number,
  { x }: FittedPipeline,
  { devices, faulty, inAlarm, touching }: ChosenRows,
): void {
  const usable = devices.reduce((sum, rows) => sum + rows.length, 0);
  const needed = Math.max(request.minRows, Math.ceil(algorithmRows / FIT_SHARE), LEAST_ROWS);
  if (usable >= needed) return;
  const came = request.tables.reduce((sum, table) => sum + table.timestampsMs.length, 0);
  const lost = [
    [faulty.length, 'labelled as not normal'],
    [inAlarm, 'during an alarm'],
    [touching, 'too close after those'],
  ] as const;
  const reasons = lost.filter(([rows]) => rows > 0).map(([rows, why]) => `${count(rows)} ${why}`);
  // Readings become fewer rows where they are aggregated, mostly missing, or came during stand-still.
  const became = x.rows < came ? `, which make ${count(x.rows, 'row')}` : '';
  const left = reasons.length > 0 ? `, of which ${count(usable)} can be learned from (${reasons.join(', ')})` : '';
  const message = `${count(came, 'reading')} came${became}${left}; at least ${count(needed)} are needed. Collect more, or lower the minimum.`;
  throw new MlError('TOO_FEW_ROWS', message);
}
