import type { Detector } from '../core/algorithm';
import type { Calibration } from '../core/artifact';
import { pickRows, type Table } from '../core/table';
import { judgeSanity, type Sanity } from '../detection/activation';
import { calibrate } from '../detection/calibration';
import { probabilityOfScore } from '../detection/score';
import { askedRate, thresholdOf, type ThresholdChoice } from '../detection/threshold';
import type { Split } from './split';

/** What the held-out rows say of a model. */
export interface HeldOut {
  readonly calibration: Calibration;
  /** Score from which a reading is an anomaly. */
  readonly threshold: number;
  /** Probability that a normal reading scores so high. */
  readonly expectedRate: number;
  readonly sanity: Sanity;
  /** Raw scores of the held-out rows. */
  readonly rawScores: Float64Array;
}

/** Calibrates a fitted detector on rows it has not seen, chooses the threshold, and asks whether both are sane. */
export function judgeHeldOut(
  model: Detector,
  x: Table,
  split: Split,
  choice: ThresholdChoice,
  stepMs: number,
): HeldOut {
  const rawScores = model.score(pickRows(x, split.heldOut));
  const calibration = calibrate(rawScores);
  // Only a contamination looks at the rows that were fitted.
  const fittedScores = choice.by === 'contamination' ? model.score(pickRows(x, split.fit)) : new Float64Array(0);
  const threshold = thresholdOf(choice, { calibration, fittedScores, stepMs });
  return {
    calibration,
    threshold,
    expectedRate: probabilityOfScore(threshold),
    sanity: judgeSanity(rawScores, calibration, threshold, askedRate(choice, threshold)),
    rawScores,
  };
}
