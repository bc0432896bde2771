import type { ModelReference } from '../core/events';
import type { JsonObject } from '../core/json';
import { object } from '../core/shape';
import { makeTable } from '../core/table';
import { StateReader } from '../core/state-reader';
import { StreamingDetector, streaming } from '../detectors/streaming';
import type { FeatureRow } from '../readings/feature-row';
import { type ZoneOffset, zoneOffset } from '../readings/time-zone';
import type { Anomaly, Contribution } from './anomaly';
import { contributionsByField } from './field-contributions';
import { LearningFields, savedFields, type SavedFacts } from './learning-fields';
import { noteOf } from './notes';
import { scoreOf, severityOf } from './score';
import type { ScorerSettings } from './scorer';
import { DEFAULT_THRESHOLD } from './threshold';

export interface LearningSettings extends ScorerSettings {
  /** The model's name, for the verdicts. */
  readonly model: string;
  /** Readings that a field needs before it is judged. */
  readonly warmUpRows: number;
  /** Fields to learn from; empty: all but ids, times and counters. */
  readonly fields: readonly string[];
  /** IANA name, such as `Europe/Berlin`: whose hours and weekdays the calendar goes by. */
  readonly timeZone: string;
}

/**
 * Judges one device's readings without a trained model: learns from those that it has judged, and says `unknown` until
 * there were enough of them. Fields may come and go; a new one goes through a warm-up of its own.
 */
export class LearningScorer {
  readonly model: ModelReference;
  /** Score from which a reading is an anomaly. */
  readonly threshold = DEFAULT_THRESHOLD.value;
  readonly #settings: LearningSettings;
  readonly #fields: LearningFields;
  readonly #detector: StreamingDetector;

  constructor(settings: LearningSettings, saved?: Saved) {
    const { model, warmUpRows, fields, timeZone } = settings;
    const zone = zoneOffset(timeZone);
    this.#settings = settings;
    this.model = { name: model, version: 0, algorithm: streaming.id };
    this.#fields = new LearningFields(fields, saved?.fields);
    this.#detector = saved === undefined ? new StreamingDetector(warmUpRows, zone) : restored(saved, warmUpRows, zone);
  }

  /** How far the warm-up has come: that of the field that has learned most. */
  get learned(): number {
    let most = 0;
    for (let f = 0; f < this.#detector.features.length; f++) most = Math.max(most, this.#detector.learnedOf(f));
    return Math.min(most, this.#settings.warmUpRows);
  }

  /** The verdict on a row, by what was learned before it. Learns nothing: that is `learn`. */
  judge(row: FeatureRow, device: string): Anomaly {
    const { usual } = this.#fields;
    const missing = usual.filter((field) => !row.reading.has(field));
    const isMostlyMissing = row.verdict === 'judge' && 2 * missing.length > usual.length;
    const seen: FeatureRow = isMostlyMissing ? { ...row, missing, verdict: 'mostly-missing' } : row;
    const values = this.#fields.row(row.reading);
    const judged = this.#judged(values);
    const note = noteOf(seen, { fields: usual, stepMs: 0 }) ?? (judged.length > 0 ? undefined : this.#progress(values));
    const canJudge = seen.verdict === 'judge' && judged.length > 0;
    const anomaly = {
      device,
      model: this.model,
      timestamp: new Date(row.timestampMs).toISOString(),
      ...(canJudge ? this.#verdict(values, judged, row.timestampMs) : NO_VERDICT),
      threshold: this.threshold,
      missing,
    };
    return note === undefined ? anomaly : { ...anomaly, note };
  }

  /** Learns from a row, which has been judged before. */
  learn(row: FeatureRow): void {
    for (const field of this.#fields.note(row.reading)) this.#detector.add(field);
    this.#detector.learnOne(this.#fields.row(row.reading), row.timestampMs);
  }

  snapshot(): JsonObject {
    return { fields: this.#fields.snapshot(), detector: this.#detector.snapshot().scalars };
  }

  /** @throws MlError `ARTIFACT` where the state is damaged */
  static restore(settings: LearningSettings, state: JsonObject): LearningScorer {
    savedShape(state, 'learning');
    return new LearningScorer(settings, state as unknown as Saved);
  }

  /** Indexes of the values that can be judged: those of fields that have learned enough. */
  #judged(values: Float64Array): readonly number[] {
    const judged: number[] = [];
    for (let f = 0; f < values.length; f++) {
      if (!Number.isNaN(values[f]) && this.#detector.learnedOf(f) >= this.#settings.warmUpRows) judged.push(f);
    }
    return judged;
  }

  #verdict(values: Float64Array, judged: readonly number[], timestampMs: number): Verdict {
    const detector = this.#detector;
    const rawScore = detector.score(makeTable(detector.features, values), timestampMs)[0]!;
    const score = scoreOf(10 ** -rawScore);
    const severity = severityOf(score, this.threshold, this.#settings.criticalScore);
    const contributions = this.#contributions(values, judged, timestampMs);
    return { isAnomaly: severity !== 'normal', score, rawScore, severity, contributions };
  }

  /** Why none of these values can be judged. */
  #progress(values: Float64Array): string {
    let most = -1;
    for (let f = 0; f < values.length; f++) {
      if (!Number.isNaN(values[f])) most = Math.max(most, this.#detector.learnedOf(f));
    }
    if (most < 0 && values.length > 0) return 'Not judged: the reading has none of the fields that are learned from.';
    return `learning: ${Math.max(0, most)} of ${this.#settings.warmUpRows} readings`;
  }

  #contributions(values: Float64Array, judged: readonly number[], timestampMs: number): readonly Contribution[] {
    const most = this.#settings.contributions;
    if (most === 0) return [];
    const detector = this.#detector;
    const columns = judged.map((f) => [f]);
    return contributionsByField(columns, {
      features: detector.features,
      values,
      explanation: detector.explain(values, timestampMs),
      most,
    });
  }
}

type Verdict = Pick<Anomaly, 'isAnomaly' | 'score' | 'rawScore' | 'severity' | 'contributions'>;

const NO_VERDICT: Verdict = { isAnomaly: false, score: null, rawScore: null, severity: 'unknown', contributions: [] };

interface Saved {
  readonly fields: readonly SavedFacts[];
  readonly detector: JsonObject;
}

const savedShape = object<Saved>({ fields: savedFields, detector: object({}) });

function restored({ fields, detector: scalars }: Saved, warmUpRows: number, zone: ZoneOffset): StreamingDetector {
  const reader = new StateReader(streaming.id, { scalars, tensors: {} });
  const detector = StreamingDetector.restore(reader, warmUpRows, zone);
  const agrees =
    detector.features.length === fields.length && fields.every(({ name }, f) => name === detector.features[f]);
  return agrees ? detector : reader.fail('features', 'the fields that the detector has learned');
}
