import type { Calibration } from '../core/artifact';
import { quantileSorted } from '../core/statistics';
import { ALARM_DEFAULTS } from './alarm';
import { calibrate, type KnownScores, MIN_CALIBRATION_ROWS, probability, rawScoreOf } from './calibration';

/** Shares of the rows below the level from which alarms are looked at: the highest that leaves alarms enough is taken. */
const LEVELS = [0.98, 0.95, 0.9, 0.8, 0.6, 0.4];
/** So many alarms are enough. */
const ENOUGH_ALARMS = 50;

/** How often alarms come where all is normal, and how high they reach. */
export interface AlarmRate {
  /** Alarms a row, at a level that is exceeded often. */
  readonly perRow: number;
  /** How high these reach: of the raw score that so many readings in a row had, as an alarm asks for, the highest. */
  readonly peaks: Calibration;
}

/**
 * Counts the alarms that held-out normal rows would raise at a low limit, and learns how high they reach; so that it can
 * be told how many reach beyond a limit that is exceeded once in a day, in a week, or never yet.
 *
 * An alarm is what `ml-detect` raises unless it is told otherwise: three readings in a row, over with five normal ones.
 * Many anomalous readings that follow each other are one alarm, whatever neighbouring rows have in common (peaks over
 * threshold, declustered by runs; S. Coles: An Introduction to Statistical Modeling of Extreme Values, 2001, 5.3).
 * @param rawScores - of held-out normal rows, in time order
 * @returns null where too few alarms can be told apart
 */
export function alarmRateOf(rawScores: Float64Array, known: KnownScores): AlarmRate | null {
  const sustained = sustainedScores(rawScores);
  const sorted = Float64Array.from(sustained).sort();
  let most: number[] = [];
  for (const share of LEVELS) {
    const peaks = peaksAbove(rawScores, sustained, quantileSorted(sorted, share));
    if (peaks.length > most.length) most = peaks;
    if (most.length >= ENOUGH_ALARMS) break;
  }
  if (most.length < MIN_CALIBRATION_ROWS) return null;
  return { perRow: most.length / rawScores.length, peaks: calibrate(Float64Array.from(most), known) };
}

/** How many alarms a row brings at this limit. */
export function alarmsPerRow({ perRow, peaks }: AlarmRate, limit: number): number {
  return perRow * probability(peaks, limit);
}

/** The limit at which a row brings so many alarms. */
export function limitForAlarms({ perRow, peaks }: AlarmRate, alarms: number): number {
  return rawScoreOf(peaks, Math.min(1, alarms / perRow));
}

/** Of each row the least of the scores that would have to be anomalous for an alarm to be raised by it. */
function sustainedScores(rawScores: Float64Array): Float64Array {
  return rawScores.map((_, i) => {
    let least = Infinity;
    for (let j = Math.max(0, i + 1 - ALARM_DEFAULTS.raiseAfter); j <= i; j++) least = Math.min(least, rawScores[j]!);
    return least;
  });
}

/** The highest sustained score of each alarm at this level. */
function peaksAbove(rawScores: Float64Array, sustained: Float64Array, level: number): number[] {
  const peaks: number[] = [];
  let peak = -Infinity;
  let normal = 0;
  rawScores.forEach((score, i) => {
    normal = score > level ? 0 : normal + 1;
    if (normal === ALARM_DEFAULTS.clearAfter && peak > level) {
      peaks.push(peak);
      peak = -Infinity;
    }
    if (sustained[i]! > level) peak = Math.max(peak, sustained[i]!);
  });
  if (peak > level) peaks.push(peak);
  return peaks;
}
