import type { Calibration } from '../core/artifact';
import { MlError, show } from '../core/errors';
import { quantileSorted } from '../core/statistics';
import { type AlarmRate, limitForAlarms } from './alarm-rate';
import { probability } from './calibration';
import { probabilityOfScore, scoreOf } from './score';

export const THRESHOLD_KINDS = ['score', 'contamination', 'false-alarms-per-day', 'false-alarms-per-week'] as const;
export type ThresholdKind = (typeof THRESHOLD_KINDS)[number];

/**
 * How a user says from where on a reading is an anomaly:
 * - `score`: the score itself, more than 0, less than 1;
 * - `contamination`, as scikit-learn means it: the share of the training rows that exceed it, more than 0, at most 0.5;
 * - `false-alarms-per-day`, `false-alarms-per-week`: how many alarms of each device may be false.
 */
export interface ThresholdChoice {
  readonly by: ThresholdKind;
  readonly value: number;
}

/** A normal reading gets there once in 1,000. */
export const DEFAULT_THRESHOLD: ThresholdChoice = { by: 'score', value: 0.7 };

/** What a threshold is worked out from. */
export interface ThresholdBasis {
  readonly calibration: Calibration;
  /** How often held-out rows raise alarms; null: not known. */
  readonly alarmRate: AlarmRate | null;
  /** Raw scores of the rows that were fitted. */
  readonly fittedScores: Float64Array;
  /** Time between rows; 0 where it is not known. */
  readonly stepMs: number;
}

const DAY_MS = 86_400_000;
/** A budget larger than this share of all readings is no anomaly detection any more. */
const LARGEST_P = 0.5;
/** A score of 0 is as usual as can be: where most rows have it, they are no anomalies, whatever share of them is asked for. */
const LEAST_THRESHOLD = 0.01;

/**
 * The score from which a reading is an anomaly.
 *
 * False alarms are those that a person sees, see `alarmRateOf`. Where too little is known of them, a budget counts
 * anomalous readings instead: alarms are fewer.
 * @returns more than 0, less than 1
 * @throws MlError `PARAMETER` for a value out of range, or a budget a day where the time between readings is not known
 */
export function thresholdOf(choice: ThresholdChoice, basis: ThresholdBasis): number {
  const { by, value } = choice;
  switch (by) {
    case 'score':
      if (value > 0 && value < 1) return value;
      throw new MlError('PARAMETER', `The threshold must be a score above 0 and below 1, got ${show(value)}.`);
    case 'contamination': {
      if (!(value > 0 && value <= 0.5)) {
        throw new MlError('PARAMETER', `The contamination must be above 0 and at most 0.5, got ${show(value)}.`);
      }
      const raw = quantileSorted(Float64Array.from(basis.fittedScores).sort(), 1 - value);
      return Math.max(LEAST_THRESHOLD, scoreOf(probability(basis.calibration, raw)));
    }
    case 'false-alarms-per-day':
    case 'false-alarms-per-week': {
      const isDay = by === 'false-alarms-per-day';
      if (!(value > 0 && value < Infinity)) {
        const what = isDay ? 'a day' : 'a week';
        throw new MlError('PARAMETER', `The false alarms ${what} must be a number above 0, got ${show(value)}.`);
      }
      if (!(basis.stepMs > 0)) {
        throw new MlError(
          'PARAMETER',
          'Readings without times have no false alarms a day or week: choose the threshold by score, or give the readings times.',
        );
      }
      const perRow = (value * basis.stepMs) / (isDay ? DAY_MS : 7 * DAY_MS);
      const { alarmRate, calibration } = basis;
      const p = alarmRate === null ? perRow : probability(calibration, limitForAlarms(alarmRate, perRow));
      return scoreOf(Math.min(LARGEST_P, p));
    }
  }
}

/** Share of anomalies among normal readings that a choice means. @param threshold - the score that came of it */
export function askedRate({ by, value }: ThresholdChoice, threshold: number): number {
  return by === 'contamination' ? value : probabilityOfScore(threshold);
}
