import type { EpochReport } from '../core/algorithm';
import { withCard, type Artifact, type ModelCard } from '../core/artifact';
import { isMlError } from '../core/errors';
import type { ReadingTable } from '../core/readings';
import type { ModelStore } from '../store/store';
import { type Earlier, lookBack } from './earlier';
import type { TrainingPlan, TrainingRequest } from './request';
import { Trainer } from './trainer';

/** From so much of the work on, the time it took says how long the rest will take. */
const TELLING_FRACTION = 0.05;

/** How far the training of one target (a device, or `*`) is. */
export interface TrainingProgress {
  readonly model: string;
  readonly device: string;
  /** `reading`: its past readings are fetched. */
  readonly state: 'waiting' | 'reading' | 'training' | 'trained' | 'failed' | 'cancelled';
  /** 0…1 */
  readonly fraction: number;
  /** How long it will still take, from how long it has taken so far; null before that can be told. */
  readonly secondsLeft: number | null;
  /** The pass just ended, where the algorithm makes several. */
  readonly epoch?: EpochReport;
}

export interface ModelTrainerOptions {
  /** True: a new version becomes the active one, when its alarm rate is sane. */
  readonly activate: boolean;
  /** True: a new version goes on from the one in use, where the algorithm can. */
  readonly warmStart: boolean;
  readonly store: ModelStore;
  /** Epoch ms now. */
  readonly clock: () => number;
  readonly onProgress: (progress: TrainingProgress) => void;
}

export interface TargetOptions {
  /** What is to be learned, and how. */
  readonly plan: TrainingPlan;
  /** True: readings that came during an alarm are learned from as well, since a person has asked for the training. */
  readonly learnAlarms: boolean;
  /** Numbers held in memory while the training waits; 0 where `tables` copies them when its turn comes. */
  readonly waitingNumbers?: number;
  /** True: `tables` takes its time, since it reads from a database. */
  readonly reads?: boolean;
}

/** @param signal - aborted when the training is cancelled meanwhile */
export type Tables = (signal: AbortSignal) => readonly ReadingTable[] | Promise<readonly ReadingTable[]>;

/** Trains models, for many devices or one for all: one training after the other, each saved as a new version. */
export class ModelTrainer {
  readonly #trainer: Trainer;
  readonly #running = new Map<AbortController, TrainingProgress>();
  readonly #saving = new Set<Promise<Artifact>>();

  constructor(private readonly options: ModelTrainerOptions) {
    this.#trainer = new Trainer(options.clock);
  }

  /** What waits or runs now, the running one first. */
  get trainings(): readonly TrainingProgress[] {
    return [...this.#running.values()];
  }

  /**
   * @param device - whose model it is, or `*`
   * @param tables - called when its turn has come; they are handed over to the worker
   * @returns the card of the version as stored
   * @throws MlError as `Trainer.train`, what `tables` throws, `CONFLICT` where the model of that name is of another kind, what the store throws
   */
  async train(device: string, tables: Tables, options: TargetOptions): Promise<ModelCard> {
    const { plan } = options;
    const controller = new AbortController();
    let startedMs = 0;
    const tell = (state: TrainingProgress['state'], fraction: number, epoch?: EpochReport): void => {
      if (state === 'training' && fraction === 0) startedMs = this.options.clock();
      const secondsLeft = state === 'training' ? this.#secondsLeft(startedMs, fraction) : null;
      const progress = { model: plan.name, device, state, fraction, secondsLeft, ...(epoch && { epoch }) };
      if (ENDS.includes(state)) this.#running.delete(controller);
      else this.#running.set(controller, progress);
      this.options.onProgress(progress);
    };
    tell('waiting', 0);
    try {
      const { store, warmStart } = this.options;
      let earlier: Earlier = {};
      const makeRequest = async (signal: AbortSignal): Promise<TrainingRequest> => {
        if (options.reads === true) tell('reading', 0);
        earlier = await lookBack(store, plan, device, warmStart);
        const { start } = earlier;
        const { learnAlarms } = options;
        return { ...plan, device, learnAlarms, tables: await tables(signal), ...(start && { start }) };
      };
      const artifact = await this.#trainer.train(makeRequest, {
        signal: controller.signal,
        onProgress: (fraction, epoch) => {
          tell('training', fraction, epoch);
        },
        waitingNumbers: options.waitingNumbers ?? 0,
      });
      const { warnings } = artifact.card;
      const { problem } = earlier;
      const told = problem === undefined ? artifact : withCard(artifact, { warnings: [...warnings, problem] });
      const card = await this.#save(told);
      tell('trained', 1);
      return card;
    } catch (error) {
      tell(isMlError(error, 'ABORTED') ? 'cancelled' : 'failed', 0);
      throw error;
    }
  }

  /** Cancels the trainings of one device, or all; returns how many. */
  cancel(device?: string): number {
    const chosen = [...this.#running].filter(([, progress]) => device === undefined || progress.device === device);
    for (const [controller] of chosen) controller.abort();
    return chosen.length;
  }

  /** Cancels all and lets go of the threads; what is being saved is saved. */
  async close(): Promise<void> {
    await this.#trainer.close();
    await Promise.allSettled(this.#saving);
  }

  #secondsLeft(startedMs: number, fraction: number): number | null {
    if (fraction < TELLING_FRACTION) return null;
    const seconds = (this.options.clock() - startedMs) / 1000;
    return Math.round((seconds * (1 - fraction)) / fraction);
  }

  async #save(artifact: Artifact): Promise<ModelCard> {
    const { activate, store } = this.options;
    const waits = artifact.card.active && !activate;
    const kept = waits ? withCard(artifact, waitsToBeActivated) : artifact;
    const saving = store.save(kept, kept.card.active);
    this.#saving.add(saving);
    try {
      return (await saving).card;
    } finally {
      this.#saving.delete(saving);
    }
  }
}

/** States after which nothing comes. */
const ENDS: readonly TrainingProgress['state'][] = ['trained', 'failed', 'cancelled'];

const waitsToBeActivated = {
  active: false,
  activeReason: 'Not active: new versions of this model wait until they are activated.',
};
