import type { Calibration } from '../core/artifact';
import { probability } from './calibration';
import { scoreOf } from './score';

/** A version that calls more than this share of the newest rows anomalies is not sane … */
const MOST_ALARMS = 0.5;
/** … unless it was asked for many: then more than so many times what was asked for. */
const TIMES_ASKED = 2;

/** Whether a version may become active, and the sentence for its card. */
export interface Sanity {
  /** Share of the newest rows that are anomalies. */
  readonly alarmRate: number;
  readonly sane: boolean;
  readonly reason: string;
}

/**
 * Whether a version's alarm rate is sane on the newest rows, which neither the model that scored them nor the calibration
 * has seen.
 * @param newestScores - raw scores of these rows
 * @param calibration - made from the older rows
 * @param threshold - score from which a row is an anomaly
 * @param asked - share of anomalies among normal rows that the user's choice of a threshold means
 */
export function judgeSanity(
  newestScores: Float64Array,
  calibration: Calibration,
  threshold: number,
  asked: number,
): Sanity {
  const alarms = newestScores.filter((raw) => scoreOf(probability(calibration, raw)) >= threshold).length;
  const alarmRate = alarms / newestScores.length;
  const sane = alarmRate <= Math.max(MOST_ALARMS, TIMES_ASKED * asked);
  const found = `${percentText(alarmRate)} of the newest readings are anomalies to what the older ones teach`;
  const reason = sane
    ? `Active: ${found}; ${percentText(asked)} were to be expected.`
    : `Not active: ${found}, where ${percentText(asked)} were to be expected. ` +
      'They differ from the older ones: train on a longer time, or activate it if they are normal.';
  return { alarmRate, sane, reason };
}

/** `0 %`, `0.1 %`, `12 %`: no more digits than matter. */
function percentText(share: number): string {
  const percent = 100 * share;
  return `${percent >= 10 ? percent.toFixed(0) : Number(percent.toPrecision(1))} %`;
}
