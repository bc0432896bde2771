import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { BoundedMap } from '../core/bounded-map';
import { MlError, show } from '../core/errors';
import type { Condition, Pipeline } from '../core/pipeline';
import type { Reading } from '../core/readings';
import { FeatureStream } from '../readings/feature-stream';
import { rowLayout } from '../readings/row-layout';
import type { ModelStore } from '../store/store';
import type { Anomaly } from './anomaly';
import { type Judgement, TrainedJudge } from './judge';
import { ModelChoice, type ModelChoiceSettings } from './model-choice';
import { severityOf } from './score';

export interface BatchJudgeSettings extends ModelChoiceSettings {
  /** Readings for which this does not hold are not judged, whatever the model says. */
  readonly judgeWhen?: Condition;
}

/** What a batch asks for, where that differs from the settings. */
export interface BatchRequest {
  /** The model's name. */
  readonly model?: string;
  /** Score from which a reading is an anomaly, more than 0, at most 1. */
  readonly threshold?: number;
}

export interface BatchNeeds {
  /** Fields that it looks at. */
  readonly fields: readonly string[];
  /** How long before a reading those begin that its windows, lags and rates look back on; 0: it needs none. */
  readonly reachMs: number;
}

/** Readings that are judged before other work gets its turn. */
const SLICE = 100;
/** Names of models whose restored models are kept. */
const MAX_MODELS = 32;

/**
 * Judges each batch by itself, by the trained model of its device or the shared one: as if nothing had come before it
 * and nothing came after it. It keeps no windows and no alarms, sends no events, and learns nothing. Batches may be
 * judged side by side.
 */
export class BatchJudge {
  readonly #choices = new BoundedMap<string, ModelChoice>(MAX_MODELS);
  readonly #stopListening: () => void;
  #isClosed = false;

  /** @param report - told, in one sentence, which model cannot be used */
  constructor(
    private readonly models: ModelStore,
    private readonly settings: BatchJudgeSettings,
    private readonly report: (problem: string) => void,
  ) {
    this.#stopListening = models.onChange(({ name, device }) => this.#choices.get(name)?.forget(device));
  }

  /**
   * Each device's readings are taken in the order of their times. Those that the model takes together, because they are
   * of one step, have one verdict.
   * @returns the verdicts, in the order of the readings
   * @throws MlError `NOT_FOUND` where a device has no trained model, or what is wrong with it; `DATA` for a reading
   * without a time; `ABORTED` after `close`
   */
  async judge(readings: readonly Reading[], request: BatchRequest = {}): Promise<readonly Anomaly[]> {
    const { model = this.settings.model, threshold } = request;
    const choice = this.#choiceOf(model);
    const verdicts: Verdict[] = [];
    let judged = 0;
    for (const [device, places] of byDevice(readings)) {
      const judge = await this.#judgeOf(choice, model, device);
      const add = (at: number, judgement: Judgement | null): void => {
        if (judgement === null) return;
        verdicts.push({ at, anomaly: this.#answer(judgement.anomaly, judge.scorer.threshold, threshold) });
      };
      for (const at of places) {
        if (++judged % SLICE === 0) await yieldToOthers();
        if (this.#isClosed) throw new MlError('ABORTED', 'The node was closed before this was judged.');
        add(at, judge.judge(readings[at]!));
      }
      const last = places.at(-1)!;
      add(last, judge.end(readings[last]!));
    }
    return verdicts.sort((a, b) => a.at - b.at).map(({ anomaly }) => anomaly);
  }

  /**
   * What a device's model needs to judge readings of the past.
   * @throws MlError as `judge`
   */
  async needs(device: string, { model = this.settings.model }: BatchRequest = {}): Promise<BatchNeeds> {
    const { scorer } = await this.#judgeOf(this.#choiceOf(model), model, device);
    return needsOf(scorer.pipeline, this.settings.judgeWhen);
  }

  /** Batches that are being judged end in `ABORTED`. */
  close(): void {
    this.#isClosed = true;
    this.#stopListening();
  }

  #choiceOf(model: string): ModelChoice {
    let choice = this.#choices.get(model);
    if (choice === undefined) {
      choice = new ModelChoice(this.models, { ...this.settings, model }, this.report);
      this.#choices.set(model, choice);
    }
    return choice;
  }

  async #judgeOf(choice: ModelChoice, model: string, device: string): Promise<TrainedJudge> {
    const { scorer, problem } = await choice.find(device);
    if (scorer !== null) return new TrainedJudge(scorer, new FeatureStream(scorer.pipeline), this.settings.judgeWhen);
    if (problem !== null) throw problem;
    throw new MlError(
      'NOT_FOUND',
      `There is no trained model ${show(model)} for ${show(device)}: train one for it, or one shared by all devices.`,
    );
  }

  /** The verdict by the threshold asked for; where the model's usual one is raised, a device recovers: so is this one. */
  #answer(anomaly: Anomaly, usual: number, asked: number | undefined): Anomaly {
    if (asked === undefined) return anomaly;
    const threshold = anomaly.threshold > usual ? Math.max(asked, anomaly.threshold) : asked;
    if (anomaly.score === null) return { ...anomaly, threshold };
    const severity = severityOf(anomaly.score, threshold, this.settings.criticalScore);
    return { ...anomaly, threshold, severity, isAnomaly: severity !== 'normal' };
  }
}

function needsOf(pipeline: Pipeline, judgeWhen: Condition | undefined): BatchNeeds {
  const fields = new Set(rowLayout(pipeline).inputs);
  if (judgeWhen !== undefined) fields.add(judgeWhen.field);
  const rowsBefore = pipeline.features.map((feature) => {
    if (feature.kind === 'window') return feature.rows - 1;
    if (feature.kind === 'lag') return feature.rows;
    return feature.kind === 'rate' ? 1 : 0;
  });
  return { fields: [...fields], reachMs: Math.max(0, ...rowsBefore) * pipeline.stepMs };
}

interface Verdict {
  /** Which reading it came with. */
  readonly at: number;
  readonly anomaly: Anomaly;
}

/** Where each device's readings stand, in the order of their times. */
function byDevice(readings: readonly Reading[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  readings.forEach(({ device }, at) => {
    const own = places.get(device);
    if (own === undefined) places.set(device, [at]);
    else own.push(at);
  });
  for (const own of places.values()) own.sort((a, b) => readings[a]!.timestampMs - readings[b]!.timestampMs);
  return places;
}
