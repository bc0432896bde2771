import type { Calibration } from '../core/artifact';
import { probability } from './calibration';
import { scoreOf } from './score';

/** A version that calls more than this share of normal rows anomalies is not sane … */
const MOST_ALARMS = 0.2;
/** … unless it was asked for many: then more than so many times what was asked for. */
const TIMES_ASKED = 2;

/** Whether a version may become active, and the sentence for its card. */
export interface Sanity {
  /** Share of the held-out rows that are anomalies. */
  readonly alarmRate: number;
  readonly sane: boolean;
  readonly reason: string;
}

/**
 * Whether a version's alarm rate on rows that it was not fitted on is sane. It is not where a contamination of the
 * fitted rows makes a threshold that much of the newer, held-out rows exceeds.
 * @param heldOutScores - raw scores of the held-out rows, those included that the calibration left out
 * @param threshold - score from which a row is an anomaly
 * @param asked - share of anomalies among normal rows that the user's choice of a threshold means
 */
export function judgeSanity(
  heldOutScores: Float64Array,
  calibration: Calibration,
  threshold: number,
  asked: number,
): Sanity {
  const alarms = heldOutScores.filter((raw) => scoreOf(probability(calibration, raw)) >= threshold).length;
  const alarmRate = alarms / heldOutScores.length;
  const sane = alarmRate <= Math.max(MOST_ALARMS, TIMES_ASKED * asked);
  const found = `${percentText(alarmRate)} of the newest readings, which it has not learned from, are anomalies to it`;
  const { leftOut } = calibration;
  const stretch =
    leftOut > 0 && sane ? ` A stretch of ${leftOut} of them is unlike all others and was not taken for normal.` : '';
  const reason = sane
    ? `Active: ${found}; ${percentText(asked)} were to be expected.${stretch}`
    : `Not active: ${found}, where ${percentText(asked)} were to be expected. ` +
      'They differ from the older ones: train on a longer time, or choose the threshold by score.';
  return { alarmRate, sane, reason };
}

/** `0 %`, `0.1 %`, `12 %`: no more digits than matter. */
function percentText(share: number): string {
  const percent = 100 * share;
  return `${percent >= 10 ? percent.toFixed(0) : Number(percent.toPrecision(1))} %`;
}
