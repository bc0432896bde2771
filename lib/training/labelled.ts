import { pickRows } from '../core/table';
import { probability } from '../detection/calibration';
import { scoreOf } from '../detection/score';
import { qualityOf } from './quality';
import type { Trained } from './trained';

/**
 * How well the labelled rows that were left out are found, against the held-out normal ones; nothing where there are none.
 * A little flattering in the false alarms, since the held-out rows have calibrated the scores.
 */
export function labelledMetrics({ fitted, chosen, model, heldOut }: Trained): Readonly<Record<string, number | null>> {
  if (chosen.faulty.length === 0) return {};
  const scores = (raw: Float64Array): Float64Array =>
    raw.map((value) => scoreOf(probability(heldOut.calibration, value)));
  const faulty = model.score(pickRows(fitted.x, chosen.faulty));
  const quality = qualityOf(scores(heldOut.rawScores), scores(faulty), heldOut.threshold);
  return { labelledRows: chosen.faulty.length, ...quality };
}
