import type { DetectorAlgorithm } from '../core/algorithm';
import type { Calibration } from '../core/artifact';
import { pickRows, type Table } from '../core/table';
import { judgeSanity, type Sanity } from '../detection/activation';
import { type AlarmRate, alarmRateOf, alarmsPerRow } from '../detection/alarm-rate';
import { calibrate, type KnownScores, rawScoreOf } from '../detection/calibration';
import { probabilityOfScore } from '../detection/score';
import { askedRate, thresholdOf, type ThresholdChoice } from '../detection/threshold';
import type { FittedWithScores } from './held-out-scores';
import type { Split } from './split';

const DAY_MS = 86_400_000;

/** What the held-out rows say of a model. */
export interface HeldOut {
  readonly calibration: Calibration;
  /** Score from which a reading is an anomaly. */
  readonly threshold: number;
  /** Probability that a normal reading scores so high. */
  readonly expectedRate: number;
  /** Alarms a day of a device where all is normal; null: not known. */
  readonly alarmsPerDay: number | null;
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
  const judgeBy = (calibration: Calibration, alarmRate: AlarmRate | null): number =>
    thresholdOf(choice, { calibration, alarmRate, fittedScores, stepMs });
  const known = knownScores(algorithm, x.columns.length);
  const calibration = calibrate(rawScores, known);
  const alarmRate = alarmRateOf(rawScores, known);
  const threshold = judgeBy(calibration, alarmRate);
  const expectedRate = probabilityOfScore(threshold);

  const isNewest = (_score: number, i: number): boolean => split.newest.has(split.heldOut[i]!);
  const olderScores = rawScores.filter((score, i) => !isNewest(score, i));
  const byOlder = calibrate(olderScores, known);
  const olderThreshold = judgeBy(byOlder, alarmRateOf(olderScores, known));
  return {
    calibration,
    threshold,
    expectedRate,
    alarmsPerDay:
      alarmRate === null || stepMs === 0
        ? null
        : alarmsPerRow(alarmRate, rawScoreOf(calibration, expectedRate)) * (DAY_MS / stepMs),
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
