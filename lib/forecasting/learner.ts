import type { SeriesPlan } from '../core/artifact';
import { seriesPlan } from '../core/artifact-shape';
import type { History } from '../core/history';
import type { JsonObject } from '../core/json';
import type { Reading, ReadingTable } from '../core/readings';
import { either, integer, nothing, object, text } from '../core/shape';
import { GridStream } from '../readings/grid-stream';
import { readingsOf, toReadingTables } from '../readings/reading-tables';
import type { SeriesOptions } from '../readings/series-options';
import { type LearningPlanSettings, MOST_STEPS, planLearning, PLANNING_ROWS } from './learning-plan';
import type { Sample } from './limit-watch';

export interface LearnerSettings extends LearningPlanSettings {
  /** Samples from which a first model is fitted. */
  readonly neededSamples: number;
  /** Steps ahead that are asked for; null: as `horizonMs` says. */
  readonly horizonSteps: number | null;
}

/** What a model is to be fitted on, for whoever has the threads to do it. */
export interface LearningJob {
  readonly table: ReadingTable;
  readonly series: SeriesOptions;
  readonly horizonMs: number;
}

/** Samples that are kept to learn from: a week of minutes. */
export const LEARNING_CAPACITY = 10_080;
/** Early readings that are kept while none of them says what to forecast. */
const MOST_EARLY = 1000;
const DAY_MS = 86_400_000;

/** How far learning has come. */
export interface Progress {
  readonly learned: number;
  readonly needed: number;
}

/** What a learner knows, beside its window. Plain data. */
export interface LearnerState {
  readonly plan: SeriesPlan | null;
  readonly note: string | null;
  /** Samples seen since the last fit, and those that fit had; 0: there was none. */
  readonly newSamples: number;
  readonly fittedSamples: number;
}

const NOTHING: LearnerState = { plan: null, note: null, newSamples: 0, fittedSamples: 0 };

const shape = object({
  state: object<LearnerState>({
    plan: either('a plan or null', seriesPlan, nothing),
    note: either('text or null', text(), nothing),
    newSamples: integer(0),
    fittedSamples: integer(0),
  }),
  window: either('a window or null', object({}), nothing),
});

/** Collects one device's samples to learn from, and says when a model of them is due. */
export class Learner {
  #early: Reading[] = [];
  #state = NOTHING;
  #window: GridStream | null = null;

  constructor(private readonly settings: LearnerSettings) {}

  get state(): LearnerState {
    return this.#state;
  }

  get window(): GridStream | null {
    return this.#window;
  }

  get progress(): Progress {
    const learned = this.#window?.length ?? this.#early.length;
    return { learned: Math.min(learned, this.settings.neededSamples), needed: this.settings.neededSamples };
  }

  /** Steps ahead that are asked for; 0 while the grid is not known. */
  get stepsAhead(): number {
    const { plan } = this.#state;
    if (plan === null) return 0;
    const { horizonSteps, horizonMs } = this.settings;
    if (horizonSteps !== null) return horizonSteps;
    return horizonMs === null
      ? Math.min(MOST_STEPS, Math.ceil(DAY_MS / plan.stepMs))
      : Math.ceil(horizonMs / plan.stepMs);
  }

  /** A first model is due when there is enough, the next when there is twice as much, then one a day. */
  get isDue(): boolean {
    const { plan, newSamples, fittedSamples } = this.#state;
    if (plan === null) return false;
    const { neededSamples } = this.settings;
    if (fittedSamples === 0) return (this.#window?.length ?? 0) >= neededSamples && newSamples >= neededSamples;
    return newSamples >= Math.min(fittedSamples, Math.max(neededSamples, DAY_MS / plan.stepMs));
  }

  /**
   * @returns the samples that the reading completes
   * @throws MlError where the readings hold nothing that could be forecast
   */
  push(reading: Reading): readonly Sample[] {
    if (this.#window !== null) return this.#sampled(this.#window, reading);
    this.#early.push(reading);
    if (this.#early.length % PLANNING_ROWS !== 0) return [];
    const early = this.#early;
    if (early.length >= MOST_EARLY) this.#early = [];
    return this.#begin(toReadingTables(early)[0]!);
  }

  /**
   * Begins anew with a batch of readings.
   * @returns the samples that they make
   * @throws MlError as `push`
   */
  startWith(table: ReadingTable): readonly Sample[] {
    this.#early = [];
    this.#window = null;
    this.#state = NOTHING;
    return this.#begin(table);
  }

  /** What a model is to be fitted on now; its samples count as learned from. Null while the grid is not known. */
  job(device: string): LearningJob | null {
    const { plan } = this.#state;
    if (plan === null || this.#window === null || this.#window.length === 0) return null;
    const { startMs, stepMs, target } = this.#window.history();
    this.#state = { ...this.#state, newSamples: 0, fittedSamples: target.length };
    const { field, aggregation, fillMs, timeZone } = plan;
    return {
      table: {
        device,
        fields: [field],
        timestampsMs: Float64Array.from(target, (_, i) => startMs + i * stepMs),
        data: Float64Array.from(target),
      },
      series: { field, stepMs, aggregation, fillMs, timeZone },
      horizonMs: stepMs * this.stepsAhead,
    };
  }

  /** Plain JSON. The few readings before the grid is known are not worth keeping. */
  snapshot(): JsonObject {
    return { state: this.#state as unknown as JsonObject, window: this.#window?.snapshot() ?? null };
  }

  /**
   * Goes on where the snapshot was taken.
   * @throws MlError `ARTIFACT` where it is damaged
   */
  restore(snapshot: JsonObject): void {
    shape(snapshot, 'learning');
    const { state, window } = snapshot as unknown as { readonly state: LearnerState; readonly window: JsonObject };
    this.#state = state;
    this.#window = state.plan && GridStream.restore(state.plan, LEARNING_CAPACITY, window);
  }

  /** The model of the last fit is lost: another one is due as if there had been none. */
  forgetFit(): void {
    this.#state = { ...this.#state, newSamples: this.#window?.length ?? 0, fittedSamples: 0 };
  }

  #begin(table: ReadingTable): readonly Sample[] {
    const { plan, note } = planLearning(table, this.settings);
    this.#window = new GridStream(plan, LEARNING_CAPACITY);
    this.#early = [];
    this.#state = { ...this.#state, plan, note };
    for (const reading of readingsOf(table)) this.#sampled(this.#window, reading);
    return newestSamples(this.#window.history(), this.#window.length);
  }

  #sampled(window: GridStream, reading: Reading): readonly Sample[] {
    const count = window.push(reading);
    if (count === 0) return [];
    this.#state = { ...this.#state, newSamples: this.#state.newSamples + count };
    return newestSamples(window.history(), count);
  }

  /** True where the table begins before the window's end or soon after it, and ends later. */
  isContinuedBy({ timestampsMs }: ReadingTable): boolean {
    const { plan } = this.#state;
    if (this.#window === null || plan === null || this.#window.length === 0) return false;
    const { startMs, stepMs, target } = this.#window.history();
    const endMs = startMs + (target.length - 1) * stepMs;
    const firstMs = timestampsMs[0] ?? Infinity;
    return firstMs <= endMs + Math.min(plan.fillMs, target.length * stepMs) && (timestampsMs.at(-1) ?? 0) > endMs;
  }
}

/** The newest samples of a history, oldest first. */
export function newestSamples({ startMs, stepMs, target }: History, count: number): readonly Sample[] {
  const first = Math.max(0, target.length - count);
  return Array.from(target.subarray(first), (value, i) => ({ timeMs: startMs + (first + i) * stepMs, value }));
}
