import { messageOf } from '../core/errors';
import type { JsonObject } from '../core/json';
import type { Condition } from '../core/pipeline';
import { object } from '../core/shape';
import { FeatureStream } from '../readings/feature-stream';
import type { StateStore } from '../store/state-store';
import type { ModelStore } from '../store/store';
import { type Judge, LearningJudge, NoJudge, TrainedJudge } from './judge';
import { LearningRows } from './learning-rows';
import { LearningScorer, type LearningSettings } from './learning-scorer';
import { ModelChoice, type ModelChoiceSettings } from './model-choice';
import { Recovery } from './recovery';
import type { Scorer } from './scorer';

export interface JudgeSettings extends ModelChoiceSettings, LearningSettings {
  /** Whether a device without a trained model is judged by what has been learned of it. */
  readonly useLearning: boolean;
  /** Readings for which this does not hold are neither judged nor learned from, whatever the model says. */
  readonly judgeWhen?: Condition;
}

/** Who is to judge a device. */
export interface Appointment {
  readonly judge: Judge;
  /** A model could not be read: worth another look later. */
  readonly failed: boolean;
}

const learningShape = object({ rows: object({}), scorer: object({}) });

/** Finds who is to judge a device: its own model, a shared one, or what is learned as it goes; and keeps their states. */
export class JudgeMaker {
  readonly #choice: ModelChoice;

  constructor(
    models: ModelStore,
    private readonly states: StateStore,
    private readonly settings: JudgeSettings,
    private readonly report: (problem: string) => void,
  ) {
    this.#choice = new ModelChoice(models, settings, report);
  }

  /**
   * Never rejects.
   * @param current - who has judged up to now: goes on where nothing has changed
   */
  async appoint(device: string, current: Judge | null): Promise<Appointment> {
    const { scorer, problem } = await this.#choice.find(device);
    const failed = problem !== null;
    if (scorer !== null) return { judge: await this.#trained(device, scorer, current), failed };
    if (this.settings.useLearning) return { judge: await this.#learning(device, current), failed };
    return { judge: current instanceof NoJudge ? current : new NoJudge(this.settings.model), failed };
  }

  /** The model of a device (or `*`) has changed. */
  forget(device: string): void {
    this.#choice.forget(device);
  }

  /** Hands over a judge's state to be kept. */
  keep(device: string, judge: Judge): void {
    const { kind } = judge;
    if (kind !== null) this.states.put({ model: this.settings.model, device, kind }, () => judge.snapshot());
  }

  /** Forgets all that was kept of a device. */
  delete(device: string): void {
    for (const kind of ['windows', 'learning']) this.states.delete({ model: this.settings.model, device, kind });
  }

  /** Windows go on over a new version of a model that has the same features. */
  async #trained(device: string, scorer: Scorer, current: Judge | null): Promise<Judge> {
    const { model, judgeWhen } = this.settings;
    const goesOn = current instanceof TrainedJudge;
    if (goesOn && current.scorer === scorer) return current;
    const windows = goesOn ? current.snapshot() : await this.states.load({ model, device, kind: 'windows' });
    const { pipeline } = scorer;
    const stream = windows === null ? new FeatureStream(pipeline) : FeatureStream.restore(pipeline, windows);
    const bar = typeof windows?.bar === 'number' ? windows.bar : 0;
    return new TrainedJudge(scorer, stream, judgeWhen, new Recovery(pipeline, bar));
  }

  async #learning(device: string, current: Judge | null): Promise<Judge> {
    if (current instanceof LearningJudge) return current;
    const { model, warmUpRows, judgeWhen } = this.settings;
    const learned = await this.states.load({ model, device, kind: 'learning' });
    const { scorer, rows } = this.#restored(device, learned);
    return new LearningJudge(scorer, rows, warmUpRows, judgeWhen);
  }

  #restored(device: string, learned: JsonObject | null): { scorer: LearningScorer; rows: LearningRows } {
    if (learned !== null) {
      try {
        learningShape(learned, 'learning');
        const { scorer, rows } = learned as { readonly scorer: JsonObject; readonly rows: JsonObject };
        return { scorer: LearningScorer.restore(this.settings, scorer), rows: new LearningRows(rows) };
      } catch (error) {
        this.report(`What was learned of ${device} is damaged and is learned anew: ${messageOf(error)}`);
      }
    }
    return { scorer: new LearningScorer(this.settings), rows: new LearningRows() };
  }
}
