import type { DetectorAlgorithm } from '../core/algorithm';
import type { Calibration } from '../core/artifact';
import { pickRows, type Table } from '../core/table';
import { judgeSanity, type Sanity } from '../detection/activation';
import { calibrate, type KnownScores } from '../detection/calibration';
import { probabilityOfScore } from '../detection/score';
import { askedRate, thresholdOf, type ThresholdChoice } from '../detection/threshold';
import type { FittedWithScores } from './held-out-scores';
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

/**
 * Calibrates a detector on rows it has not seen, and chooses the threshold. Whether both are sane is asked of the newest
 * rows, with what the older ones by themselves would have made of them.
 */
export function judgeHeldOut(
  algorithm: DetectorAlgorithm,
  { model, rawScores }: FittedWithScores,
  x: Table,
  split: Split,
  choice: ThresholdChoice,
  stepMs: number,
): HeldOut {
  // Only a contamination looks at the rows that were fitted.
  const fittedScores = choice.by === 'contamination' ? model.score(pickRows(x, split.fit)) : new Float64Array(0);
  const judgeBy = (calibration: Calibration): number => thresholdOf(choice, { calibration, fittedScores, stepMs });
  const known = knownScores(algorithm, x.columns.length);
  const calibration = calibrate(rawScores, known);
  const threshold = judgeBy(calibration);

  const isNewest = (_score: number, i: number): boolean => split.newest.has(split.heldOut[i]!);
  const byOlder = calibrate(
    rawScores.filter((score, i) => !isNewest(score, i)),
    known,
  );
  const olderThreshold = judgeBy(byOlder);
  return {
    calibration,
    threshold,
    expectedRate: probabilityOfScore(threshold),
    sanity: judgeSanity(rawScores.filter(isNewest), byOlder, olderThreshold, askedRate(choice, olderThreshold)),
    rawScores,
  };
}

/** What is known of an algorithm's raw scores before any are seen. */
export function knownScores({ highestScore, typicalExcess }: DetectorAlgorithm, features: number): KnownScores {
  return {
    ...(highestScore !== undefined && { highestScore }),
    ...(typicalExcess !== undefined && { typicalExcess: typicalExcess(features) }),
  };
}
