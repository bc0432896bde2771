import { SHARED_DEVICE } from '../core/artifact';
import type { Reading, ReadingTable } from '../core/readings';
import type { StateKey, StateStore } from '../store/state-store';
import { Collector, type CollectorOptions } from './collector';
import { Schedule, type ScheduleSettings } from './schedule';

const KIND = 'collected';
/** Numbers that are kept over a restart, of all windows and of one: 32 MB of text, and 3 MB. Of a larger window the newest rows. */
const MAX_SAVED_NUMBERS = 3_000_000;
const MAX_STATE_NUMBERS = 300_000;

export interface CollectedOptions {
  /** Name of the model. */
  readonly model: string;
  /** True: one model for all devices. */
  readonly shared: boolean;
  readonly windows: Omit<CollectorOptions, 'onForgotten'>;
  readonly schedule: ScheduleSettings;
}

/**
 * The readings that one model collects until it is trained, its rolling windows and its schedule, which together
 * survive a restart. A *target* is what one training makes a model for: a device, or `*` where all share one.
 */
export class Collected {
  readonly #windows: Collector;
  readonly #schedule: Schedule;
  /** Devices and targets whose windows or schedules have changed since they were last put into the state store. */
  readonly #changed = new Set<string>();

  constructor(
    private readonly options: CollectedOptions,
    private readonly states: StateStore,
  ) {
    this.#schedule = new Schedule(options.schedule);
    this.#windows = new Collector({
      ...options.windows,
      onForgotten: (device) => {
        this.#changed.delete(device);
        this.#schedule.forget(device);
        states.delete(this.#key(device));
      },
    });
  }

  add(reading: Reading, inAlarm: boolean, nowMs: number): void {
    this.#windows.add(reading, inAlarm);
    this.#schedule.collected(this.targetOf(reading.device), nowMs);
    this.#changed.add(reading.device);
    this.#changed.add(this.targetOf(reading.device));
  }

  targetOf(device: string): string {
    return this.options.shared ? SHARED_DEVICE : device;
  }

  /** All that a model could be trained for now. */
  get targets(): readonly string[] {
    if (!this.options.shared) return this.#windows.devices;
    return this.#windows.devices.length > 0 ? [SHARED_DEVICE] : [];
  }

  rows(target: string): number {
    return this.options.shared ? this.#windows.rows() : this.#windows.rows(target);
  }

  isDue(target: string, nowMs: number): boolean {
    return this.#schedule.isDue(target, this.rows(target), nowMs);
  }

  /** A training is under way: the next one is not due before something new has come. */
  attempted(target: string, nowMs: number): void {
    this.#schedule.attempted(target, nowMs);
    this.#changed.add(target);
  }

  /** A copy of the windows that a training of `target` works on. */
  tables(target: string): readonly ReadingTable[] {
    const devices = this.options.shared ? this.#windows.devices : [target];
    return devices.flatMap((device) => this.#windows.table(device) ?? []);
  }

  succeeded(target: string): void {
    this.#schedule.succeeded(target);
    this.#changed.add(target);
  }

  /** Takes up what was collected before a restart. */
  async restore(nowMs: number): Promise<void> {
    const devices = await this.states.devices(this.options.model, KIND);
    for (const device of devices.slice(-this.options.windows.maxDevices - 1)) {
      const state = await this.states.load(this.#key(device));
      if (state === null) continue;
      if (device !== SHARED_DEVICE) this.#windows.restore(device, state.window ?? null);
      this.#schedule.restore(device, state.schedule ?? null, nowMs);
    }
  }

  /** Hands what has changed to the state store. Windows are large: called every now and then and on close, not for each reading. */
  save(): void {
    const share = Math.min(MAX_STATE_NUMBERS, Math.floor(MAX_SAVED_NUMBERS / this.#windows.devices.length));
    for (const device of this.#changed) {
      this.states.put(this.#key(device), () => ({
        window: this.#windows.snapshot(device, share),
        schedule: this.#schedule.snapshot(device),
      }));
    }
    this.#changed.clear();
  }

  /** The schedule of a model that all devices share is kept under the shared name. */
  #key(device: string): StateKey {
    return { model: this.options.model, device, kind: KIND };
  }
}
