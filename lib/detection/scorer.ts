import type { Detector } from '../core/algorithm';
import type { Calibration, DetectorArtifact } from '../core/artifact';
import type { ModelReference } from '../core/events';
import type { Pipeline } from '../core/pipeline';
import { makeTable } from '../core/table';
import type { FeatureRow } from '../readings/feature-row';
import { columnLookbacks } from '../readings/lookback';
import { detector } from '../registry';
import type { Anomaly, Contribution } from './anomaly';
import { probability, rawScoreOf } from './calibration';
import { type LearnedRows, learnedRows } from './drift/learned-rows';
import { columnsByField, contributionsByField } from './field-contributions';
import { noteOf } from './notes';
import { restoreDetector } from './restore-detector';
import { probabilityOfScore, scoreOf, severityOf } from './score';

export interface ScorerSettings {
  /** Score from which an anomaly is critical. */
  readonly criticalScore: number;
  /** How many contributions a verdict lists at most; 0: none. */
  readonly contributions: number;
}

/** Judges the feature rows of any number of devices by one trained model. It learns nothing and keeps nothing. */
export class Scorer {
  readonly pipeline: Pipeline;
  readonly model: ModelReference;
  /** Score from which a reading is an anomaly: the user's own, else the one that training chose. */
  readonly threshold: number;
  /** What the model's training rows were like; null: not known. */
  readonly learned: LearnedRows | null;
  /** The same as a raw score. */
  readonly limit: number;
  readonly #detector: Detector;
  /** Of each feature, where the detector copes with missing ones; else nothing. */
  readonly #lookbacks: readonly number[];
  readonly #columnsByField: readonly (readonly number[])[];
  readonly #calibration: Calibration;
  readonly #settings: ScorerSettings;

  /**
   * @param threshold - the user's own; null: the one that training chose
   * @throws MlError `NOT_FOUND` or `ARTIFACT`, as `restoreDetector`
   */
  constructor(
    { artifact, threshold }: { readonly artifact: DetectorArtifact; readonly threshold: number | null },
    settings: ScorerSettings,
  ) {
    this.pipeline = artifact.pipeline;
    this.model = { name: artifact.name, version: artifact.version, algorithm: artifact.algorithm.id };
    this.threshold = threshold ?? artifact.card.threshold;
    this.#detector = restoreDetector(artifact);
    this.learned = learnedRows(artifact.reference, this.#detector.features);
    this.#lookbacks = detector(artifact.algorithm.id).traits.allowsMissing ? columnLookbacks(artifact.pipeline) : [];
    this.#columnsByField = columnsByField(this.#detector.features);
    this.#calibration = artifact.calibration;
    this.limit = rawScoreOf(artifact.calibration, probabilityOfScore(this.threshold));
    this.#settings = settings;
  }

  /**
   * The verdict on one row; some microseconds, and what the detector takes.
   * @param bar - while the device recovers from a disturbance: times the limit that a raw score must be for an anomaly
   */
  judge(row: FeatureRow, device: string, bar = 0): Anomaly {
    const note = noteOf(row, this.pipeline);
    const known = {
      device,
      model: this.model,
      timestamp: new Date(row.timestampMs).toISOString(),
      threshold: this.#thresholdAt(bar),
      missing: row.missing,
      ...(note !== undefined && { note }),
    };
    if (row.verdict !== 'judge') {
      return { ...known, isAnomaly: false, score: null, rawScore: null, severity: 'unknown', contributions: [] };
    }
    const rawScore = this.#detector.score(makeTable(this.#detector.features, this.#known(row)))[0]!;
    const score = scoreOf(probability(this.#calibration, rawScore));
    const severity = severityOf(score, known.threshold, this.#settings.criticalScore);
    const contributions = this.#contributions(row.values);
    return { ...known, isAnomaly: severity !== 'normal', score, rawScore, severity, contributions };
  }

  /** What stands in for a window that is not full yet is no measurement. */
  #known({ values, past }: FeatureRow): Float64Array {
    if (!this.#lookbacks.some((lookback) => lookback >= past)) return values;
    return values.map((value, column) => (this.#lookbacks[column]! >= past ? NaN : value));
  }

  #thresholdAt(bar: number): number {
    return bar > 1 ? scoreOf(probability(this.#calibration, bar * this.limit)) : this.threshold;
  }

  #contributions(values: Float64Array): readonly Contribution[] {
    const most = this.#settings.contributions;
    if (most === 0) return [];
    return contributionsByField(this.#columnsByField, {
      features: this.#detector.features,
      values,
      explanation: this.#detector.explain(values),
      most,
    });
  }
}
