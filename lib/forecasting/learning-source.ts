import type { ForecasterArtifact } from '../core/artifact';
import { decodeArtifact, encodeArtifact } from '../core/codec';
import { MlError } from '../core/errors';
import type { ModelReference } from '../core/events';
import type { JsonObject } from '../core/json';
import type { Reading, ReadingTable } from '../core/readings';
import { durationText } from '../readings/plain-words';
import { readingsOf } from '../readings/reading-tables';
import { type ForecastSource, periodsOf, predictorOf, pushTo, referenceOf } from './forecast-source';
import { Learner, type LearnerSettings, type LearningJob, type Progress } from './learner';
import type { Sample } from './limit-watch';
import type { Predictor } from './predictor';

/** Forecasts by a model that is fitted as readings come, and fitted anew as there are more. */
export class LearningSource implements ForecastSource {
  readonly isBound = true;
  #predictor: Predictor | null = null;
  #artifact: ForecasterArtifact | null = null;
  /** A model is being fitted in the background. */
  isFitting = false;
  readonly #learner: Learner;

  /** @param settings - `level`: probability with which an interval holds the true value */
  constructor(
    private readonly modelName: string,
    private readonly settings: LearnerSettings & { readonly level: number },
  ) {
    this.#learner = new Learner(settings);
  }

  get model(): ModelReference {
    return this.#artifact === null
      ? { name: this.modelName, version: 0, algorithm: 'none' }
      : referenceOf(this.#artifact);
  }

  get predictor(): Predictor | null {
    return this.#predictor;
  }

  get field(): string | null {
    return this.#learner.state.plan?.field ?? null;
  }

  get horizon(): number {
    return this.#artifact?.card.horizon ?? 0;
  }

  get periods(): readonly number[] {
    return this.#artifact === null ? [] : periodsOf(this.#artifact);
  }

  get note(): string | null {
    const { note, plan } = this.#learner.state;
    const notes = note === null ? [] : [note];
    if (plan !== null && this.horizon < this.#learner.stepsAhead) {
      const reach = durationText(this.horizon * plan.stepMs);
      notes.push(`It looks ${reach} ahead as yet, a fifth of what it has seen.`);
    }
    return notes.length === 0 ? null : notes.join(' ');
  }

  get progress(): Progress | null {
    return this.#predictor === null ? this.#learner.progress : null;
  }

  get isDue(): boolean {
    return !this.isFitting && this.#learner.isDue;
  }

  push(reading: Reading): readonly Sample[] {
    const samples = this.#learner.push(reading);
    return this.#predictor === null ? samples : pushTo(this.#predictor, reading);
  }

  take(table: ReadingTable): readonly Sample[] {
    if (this.#learner.isContinuedBy(table)) return [...readingsOf(table)].flatMap((reading) => this.push(reading));
    // The model of another stretch says nothing of this one.
    this.#predictor = this.#artifact = null;
    return this.#learner.startWith(table);
  }

  /** What a model is to be fitted on now; null where there is nothing yet. */
  job(device: string): LearningJob | null {
    return this.#learner.job(device);
  }

  /**
   * Goes on with a model that has been fitted on what `job` gave.
   * @throws MlError `ARTIFACT` where the model is damaged
   */
  adopt(artifact: ForecasterArtifact): void {
    const { window } = this.#learner;
    // It takes over the window, with what has come while the model was fitted.
    const saved = window === null ? {} : { stream: window.snapshot() };
    this.#predictor = predictorOf(artifact, this.settings.level, saved);
    this.#artifact = artifact;
  }

  snapshot(): JsonObject {
    return { learning: this.#learner.snapshot(), predictor: this.#predictor?.snapshot() ?? null };
  }

  /** The model, to be kept beside the snapshot: it changes seldom. */
  modelSnapshot(): JsonObject {
    return { artifact: this.#artifact === null ? null : encodeArtifact(this.#artifact) };
  }

  /**
   * Goes on where the snapshots were taken.
   * @throws MlError where one is damaged
   */
  restore(saved: JsonObject, model: JsonObject | null): void {
    this.#learner.restore((saved.learning ?? {}) as JsonObject);
    if (typeof model?.artifact !== 'string') {
      this.#learner.forgetFit();
      return;
    }
    const artifact = decodeArtifact(model.artifact);
    if (artifact.kind !== 'forecaster') throw new MlError('ARTIFACT', 'The learned model forecasts nothing.');
    this.#artifact = artifact;
    this.#predictor = predictorOf(artifact, this.settings.level, saved.predictor);
  }
}
