import type { Calibration } from '../core/artifact';
import { MlError, show } from '../core/errors';
import { quantileSorted } from '../core/statistics';
import { probability } from './calibration';
import { probabilityOfScore, scoreOf } from './score';

export const THRESHOLD_KINDS = ['score', 'contamination', 'false-alarms-per-day'] as const;
export type ThresholdKind = (typeof THRESHOLD_KINDS)[number];

/**
 * How a user says from where on a reading is an anomaly:
 * - `score`: the score itself, more than 0, less than 1;
 * - `contamination`, as scikit-learn means it: the share of the training rows that exceed it, more than 0, at most 0.5;
 * - `false-alarms-per-day`: how many normal readings a day may be called anomalies.
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
  /** Raw scores of the rows that were fitted. */
  readonly fittedScores: Float64Array;
  /** Time between rows; 0 where it is not known. */
  readonly stepMs: number;
}

const DAY_MS = 86_400_000;
/** A budget larger than this share of all readings is no anomaly detection any more. */
const LARGEST_P = 0.5;

/**
 * The score from which a reading is an anomaly.
 *
 * False alarms count readings. An alarm needs `raiseAfter` anomalous readings in a row, and one disturbance makes
 * several: so a budget of one a day gives at most one alarm a day, fewer the larger `raiseAfter` is.
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
      return scoreOf(probability(basis.calibration, raw));
    }
    case 'false-alarms-per-day': {
      if (!(value > 0 && value < Infinity)) {
        throw new MlError('PARAMETER', `The false alarms a day must be a number above 0, got ${show(value)}.`);
      }
      if (!(basis.stepMs > 0)) {
        throw new MlError(
          'PARAMETER',
          'Readings without times have no false alarms a day: choose the threshold by score, or give the readings times.',
        );
      }
      return scoreOf(Math.min(LARGEST_P, (value * basis.stepMs) / DAY_MS));
    }
  }
}

/** Share of anomalies among normal readings that a choice means. @param threshold - the score that came of it */
export function askedRate({ by, value }: ThresholdChoice, threshold: number): number {
  return by === 'contamination' ? value : probabilityOfScore(threshold);
}
