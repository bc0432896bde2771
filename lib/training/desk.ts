import { SHARED_DEVICE, type ModelCard } from '../core/artifact';
import { isMlError, MlError } from '../core/errors';
import type { Reading, ReadingTable } from '../core/readings';
import { toReadingTables } from '../readings/reading-tables';
import type { StateStore } from '../store/state-store';
import { Collected, type CollectedOptions } from './collected';
import { type Failure, failureOf, failureOfAll } from './failures';
import { HistorySchedule } from './history-schedule';
import type { Instruction } from './intake';
import { ModelTrainer, type ModelTrainerOptions, type TrainingProgress } from './model-trainer';
import type { TrainingPlan } from './request';
import { HistoryJobs, type TrainingHistory } from './training-history';

/** Windows are large: they are handed to the state store this seldom, and on close. */
const SAVE_MS = 15 * 60_000;

export interface DeskOptions extends ModelTrainerOptions {
  /** What is learned, and how, where a training is asked for without another plan. */
  readonly request: TrainingPlan;
  readonly shared: boolean;
  readonly windows: CollectedOptions['windows'];
  readonly schedule: CollectedOptions['schedule'];
  readonly states: StateStore;
  /** Where past readings are, for the instruction `history`. */
  readonly history?: TrainingHistory | undefined;
  /** True while an alarm is on for the device. */
  readonly inAlarm: (device: string) => boolean;
  /** Told of trainings that nobody asked for: their cards, and what went wrong. */
  readonly onCard: (card: ModelCard) => void;
  readonly onError: (error: MlError, device: string) => void;
}

/** What becomes of the instructions of one `ml-train`: it collects, it trains, by itself or when asked, and it saves. */
export class TrainingDesk {
  readonly #collected: Collected;
  readonly #trainer: ModelTrainer;
  readonly #historySchedule: HistorySchedule;
  /** Stop the listing of devices. */
  readonly #listing = new Set<AbortController>();
  #savedMs: number;

  constructor(private readonly options: DeskOptions) {
    const { shared, windows, schedule, states, request, history } = options;
    const everyMs = history === undefined ? undefined : schedule.everyMs;
    this.#historySchedule = new HistorySchedule(request.name, everyMs, states);
    this.#collected = new Collected({ model: request.name, shared, windows, schedule }, states);
    this.#trainer = new ModelTrainer(options);
    this.#savedMs = options.clock();
  }

  /** Takes up what was collected or planned before a restart; to be awaited before the first instruction. */
  restore(): Promise<void> {
    const nowMs = this.options.clock();
    if (this.options.history === undefined) return this.#collected.restore(nowMs);
    // What was collected when the node had another source is of no use any more.
    return this.#historySchedule.restore(nowMs);
  }

  /** What waits or runs now, the running one first. */
  get trainings(): readonly TrainingProgress[] {
    return this.#trainer.trainings;
  }

  /** Rows collected from the device, or from all where they share a model. */
  collectedRows(device: string): number {
    return this.#collected.rows(this.#collected.targetOf(device));
  }

  /**
   * Does what is asked; resolves when it is done. Trainings that were cancelled end without a card and without an error.
   * @param onCard - called for each model that was asked for and trained
   * @param plan - for this time; readings that are only collected wait for a training by the usual one
   * @throws MlError naming each device whose training failed, and why
   */
  async handle(
    instruction: Instruction,
    onCard: (card: ModelCard) => void,
    plan: TrainingPlan = this.options.request,
  ): Promise<void> {
    const order = { plan, onCard };
    switch (instruction.kind) {
      case 'wait':
        return;
      case 'cancel': {
        const { device } = instruction;
        if (device === undefined) this.#stopListing();
        this.#trainer.cancel(device === undefined ? undefined : this.#collected.targetOf(device));
        return;
      }
      case 'collect':
        this.#collect(instruction.readings, instruction.inAlarm);
        return;
      case 'batch':
        return this.#trainBatch(instruction.readings, order);
      case 'train':
        return this.#trainCollected(instruction.device, order);
      case 'history':
        return this.#trainHistory(instruction, order);
    }
  }

  /** To be called every now and then: trains what is due, and has the windows saved. */
  tick(): void {
    const nowMs = this.options.clock();
    for (const target of this.#collected.targets) this.#trainIfDue(target, nowMs);
    if (this.#historySchedule.isDue(nowMs)) this.#trainHistoryByItself(nowMs);
    if (nowMs - this.#savedMs < SAVE_MS) return;
    this.#savedMs = nowMs;
    this.#collected.save();
  }

  /** Cancels what runs, and hands the windows to the state store. */
  async close(): Promise<void> {
    this.#stopListing();
    this.#collected.save();
    await this.#trainer.close();
  }

  #collect(readings: readonly Reading[], inAlarm: readonly boolean[]): void {
    const nowMs = this.options.clock();
    const targets = new Set<string>();
    readings.forEach((reading, i) => {
      this.#collected.add(reading, inAlarm[i] === true || this.options.inAlarm(reading.device), nowMs);
      targets.add(this.#collected.targetOf(reading.device));
    });
    for (const target of targets) this.#trainIfDue(target, nowMs);
  }

  #trainIfDue(target: string, nowMs: number): void {
    if (!this.#collected.isDue(target, nowMs)) return;
    const { request, onCard, onError } = this.options;
    this.#trainTarget(target, request, false).then(onCard, (error: unknown) => {
      if (!isMlError(error, 'ABORTED')) onError(failureOf(request.name, { target, error }), target);
    });
  }

  async #trainTarget(target: string, plan: TrainingPlan, asked: boolean): Promise<ModelCard> {
    this.#collected.attempted(target, this.options.clock());
    const options = { plan, learnAlarms: asked };
    const card = await this.#trainer.train(target, () => this.#collected.tables(target), options);
    this.#collected.succeeded(target);
    return card;
  }

  async #trainCollected(device: string | undefined, order: Order): Promise<void> {
    const targets = device === undefined ? this.#collected.targets : [this.#collected.targetOf(device)];
    const known = targets.filter((target) => this.#collected.rows(target) > 0);
    if (known.length === 0) {
      const whose = device === undefined ? '' : ` from ${device}`;
      throw new MlError('TOO_FEW_ROWS', `No readings have been collected${whose} yet; send some first, then train.`);
    }
    await this.#settle(
      known.map((target) => [target, this.#trainTarget(target, order.plan, true)]),
      order,
    );
  }

  async #trainBatch(readings: readonly Reading[], order: Order): Promise<void> {
    if (readings.length === 0) throw new MlError('TOO_FEW_ROWS', 'The batch holds no readings.');
    const tables = toReadingTables(readings);
    const jobs = this.options.shared
      ? [{ target: SHARED_DEVICE, tables }]
      : tables.map((table) => ({ target: table.device, tables: [table] }));
    const trainings = jobs.map(({ target, tables }): [string, Promise<ModelCard>] => {
      const options = { plan: order.plan, learnAlarms: true, waitingNumbers: numbersOf(tables) };
      return [target, this.#trainer.train(target, () => tables, options)];
    });
    await this.#settle(trainings, order);
  }

  /** @throws MlError as `handle`; `ABORTED` when cancelled while the devices were listed */
  async #trainHistory({ device, range }: HistoryOrder, order: Order): Promise<void> {
    const { plan } = order;
    const { history, shared, windows, clock } = this.options;
    if (history === undefined) throw new MlError('PARAMETER', 'No database is chosen to read past readings from.');
    if (device === undefined || shared) this.#historySchedule.attempted(clock());
    const listing = new AbortController();
    this.#listing.add(listing);
    const { maxDevices } = windows;
    const jobs = await new HistoryJobs(history, { request: plan, shared, maxDevices })
      .jobs(device, range, listing.signal)
      .finally(() => this.#listing.delete(listing));
    await this.#settle(
      jobs.map(({ target, tables }) => [
        target,
        this.#trainer.train(target, tables, { plan, learnAlarms: true, reads: true }),
      ]),
      order,
    );
  }

  #trainHistoryByItself(nowMs: number): void {
    // The run before is not over: the next one comes when it is its time again.
    if (this.#trainer.trainings.length > 0) return;
    const range = this.options.history!.rangeOf({}, nowMs);
    const { request: plan, onCard, onError } = this.options;
    this.#trainHistory({ device: undefined, range }, { plan, onCard }).catch((error: unknown) => {
      if (isMlError(error, 'ABORTED')) return;
      // It names the devices that failed.
      onError(isMlError(error) ? error : failureOf(plan.name, { target: SHARED_DEVICE, error }), SHARED_DEVICE);
    });
  }

  #stopListing(): void {
    for (const listing of this.#listing) listing.abort();
  }

  /** Waits for all trainings and tells their cards in order; those that fail make one error together. */
  async #settle(trainings: readonly [string, Promise<ModelCard>][], { plan, onCard }: Order): Promise<void> {
    const failures: Failure[] = [];
    // All are watched from the start: one that fails while an earlier one is waited for must not go unhandled.
    const outcomes = trainings.map(([target, training]) =>
      training.catch((error: unknown) => {
        if (!isMlError(error, 'ABORTED')) failures.push({ target, error });
        return null;
      }),
    );
    for (const outcome of outcomes) {
      const card = await outcome;
      if (card !== null) onCard(card);
    }
    const [first] = failures;
    if (first === undefined) return;
    if (trainings.length === 1) throw failureOf(plan.name, first);
    throw failureOfAll(plan.name, failures, trainings.length);
  }
}

/** What is asked for, and who is told of it. */
interface Order {
  readonly plan: TrainingPlan;
  readonly onCard: (card: ModelCard) => void;
}

type HistoryOrder = Omit<Extract<Instruction, { kind: 'history' }>, 'kind'>;

function numbersOf(tables: readonly ReadingTable[]): number {
  return tables.reduce((sum, { data, timestampsMs }) => sum + data.length + timestampsMs.length, 0);
}
