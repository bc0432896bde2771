import { messageOf } from '../core/errors';
import type { JsonObject } from '../core/json';
import type { StateStore } from '../store/state-store';
import type { ModelStore } from '../store/store';
import { type ForecastSource, NoSource, TrainedSource } from './forecast-source';
import { ForecasterChoice } from './forecaster-choice';
import type { LearnerSettings } from './learner';
import { LearningSource } from './learning-source';

export interface SourceSettings extends LearnerSettings {
  /** The model's name. */
  readonly model: string;
  /** Whether a trained model of the device is looked for, and whether one is learned where there is none. */
  readonly useOwn: boolean;
  readonly useLearning: boolean;
  /** Probability with which an interval holds the true value. */
  readonly level: number;
}

/** What is to forecast a device. */
export interface SourceFound {
  readonly source: ForecastSource;
  /** A model could not be read: worth another look later. */
  readonly failed: boolean;
}

/** The kind of state in which a learned model is kept. */
const MODEL = 'forecast-model';

/** Finds what forecasts a device: its trained model, or one that is learned as it goes; and keeps learned models. */
export class SourceMaker {
  readonly #choice: ForecasterChoice;

  constructor(
    models: ModelStore,
    private readonly states: StateStore,
    private readonly settings: SourceSettings,
    private readonly report: (problem: string) => void,
  ) {
    this.#choice = new ForecasterChoice(models, settings.model, report);
  }

  /**
   * Never rejects.
   * @param current - what has forecast up to now: goes on where nothing has changed
   * @param saved - what was kept of the device, where there is no current one
   */
  async appoint(device: string, current: ForecastSource | null, saved: JsonObject | null): Promise<SourceFound> {
    const { model, useOwn, useLearning, level } = this.settings;
    const { artifact, failed } = useOwn ? await this.#choice.find(device) : { artifact: null, failed: false };
    if (artifact !== null) {
      if (current instanceof TrainedSource && current.artifact.version === artifact.version) {
        return { source: current, failed };
      }
      try {
        // Samples go on over a new version of the same series.
        const before = current === null ? saved?.predictor : current.predictor?.snapshot();
        return { source: new TrainedSource(artifact, level, before), failed };
      } catch (error) {
        this.#choice.tell(device, messageOf(error));
        return {
          source: useLearning ? await this.#learning(device, current, saved) : new NoSource(model),
          failed: true,
        };
      }
    }
    if (useLearning) return { source: await this.#learning(device, current, saved), failed };
    return { source: current instanceof NoSource ? current : new NoSource(model), failed };
  }

  /** The same source as if nothing had come yet: a trained model still brings the samples that it was trained on. */
  fresh(source: ForecastSource | null): ForecastSource | null {
    if (source instanceof TrainedSource) return new TrainedSource(source.artifact, this.settings.level, undefined);
    return source instanceof LearningSource ? new LearningSource(this.settings.model, this.settings) : source;
  }

  /** The model of a device has changed. */
  forget(device: string): void {
    this.#choice.forget(device);
  }

  /** Hands over a learned model to be kept. */
  keepModel(device: string, source: LearningSource): void {
    this.states.put(this.#key(device), () => source.modelSnapshot());
  }

  /** Forgets the learned model of a device. */
  delete(device: string): void {
    this.states.delete(this.#key(device));
  }

  async #learning(device: string, current: ForecastSource | null, saved: JsonObject | null): Promise<ForecastSource> {
    if (current instanceof LearningSource) return current;
    const source = new LearningSource(this.settings.model, this.settings);
    if (current !== null || saved?.learning === undefined) return source;
    try {
      source.restore(saved, await this.states.load(this.#key(device)));
      return source;
    } catch (error) {
      this.report(`What was learned of ${device} is damaged and is learned anew: ${messageOf(error)}`);
      return new LearningSource(this.settings.model, this.settings);
    }
  }

  #key(device: string): { readonly model: string; readonly device: string; readonly kind: string } {
    return { model: this.settings.model, device, kind: MODEL };
  }
}
