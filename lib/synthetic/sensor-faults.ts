import type { ProfileField } from './profile';
import { durationOf, type Occurrence } from './scenario';

/** How far a drifting sensor is off at the end, as a share of what it usually shows. */
const DRIFT_SHARE = 0.4;

/**
 * What a broken sensor makes of the truth, in place; the machine itself runs on as it was.
 * @param values - one number a field
 * @param shownBefore - the reading before, as the sensors showed it
 */
export function applySensorFault(
  occurrence: Occurrence,
  fields: readonly ProfileField[],
  values: Float64Array,
  shownBefore: Float64Array,
  timestampMs: number,
): void {
  const { field, scenario, startMs, phasesMs } = occurrence;
  if (scenario.sensorFault === 'stuck') values[field] = shownBefore[field]!;
  if (scenario.sensorFault === 'drift') {
    const progress = (timestampMs - startMs) / durationOf(phasesMs);
    values[field] = values[field]! + progress * DRIFT_SHARE * fields[field]!.usual;
  }
}
