import { SHARED_DEVICE } from '../core/artifact';
import type { Json } from '../core/json';
import type { Reading, ReadingTable } from '../core/readings';
import type { StateKey, StateStore } from '../store/state-store';
import { Collector, type CollectorOptions } from './collector';
import { Schedule, type ScheduleSettings } from './schedule';

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
    const index = await this.states.load(this.#indexKey);
    const devices: Json = index?.devices ?? [];
    if (!Array.isArray(devices)) return;
    for (const device of devices.slice(-this.options.windows.maxDevices)) {
      if (typeof device !== 'string') continue;
      const state = await this.states.load(this.#key(device));
      if (state === null) continue;
      this.#windows.restore(device, state.window ?? null);
      this.#schedule.restore(device, state.schedule ?? null, nowMs);
    }
    this.#schedule.restore(SHARED_DEVICE, index?.schedule ?? null, nowMs);
  }

  /** Hands what has changed to the state store. Windows are large: called every now and then and on close, not for each reading. */
  save(): void {
    if (this.#changed.size === 0) return;
    for (const device of this.#changed) {
      if (!this.#windows.has(device)) continue;
      this.states.put(this.#key(device), () => ({
        window: this.#windows.snapshot(device),
        schedule: this.#schedule.snapshot(device),
      }));
    }
    this.#changed.clear();
    this.states.put(this.#indexKey, () => ({
      devices: this.#windows.devices,
      schedule: this.#schedule.snapshot(SHARED_DEVICE),
    }));
  }

  #key(device: string): StateKey {
    return { model: this.options.model, device, kind: 'collected' };
  }

  /** A device cannot bear the shared name, so the list of all devices can. */
  get #indexKey(): StateKey {
    return { model: this.options.model, device: SHARED_DEVICE, kind: 'collected-devices' };
  }
}
