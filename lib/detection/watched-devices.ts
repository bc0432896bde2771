import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { SHARED_DEVICE } from '../core/artifact';
import { messageOf, MlError } from '../core/errors';
import type { StateKey, StateStore } from '../store/state-store';
import type { JudgeMaker } from './judge-maker';
import { WatchedDevice, type WatchSettings } from './watched-device';

export interface WatchedDevicesSettings extends WatchSettings {
  /** Devices that are watched at the same time; beyond, the one longest not heard is put aside. */
  readonly maxDevices: number;
}

/** A learning detector and windows change with each reading: they are handed over to be kept this seldom. */
const KEEP_EVERY_MS = 1000;
/** After a model could not be read, it is looked for again. */
const LOOK_AGAIN_MS = 60_000;
/** Devices restored before other work gets its turn. */
const SLICE = 100;
/** What is remembered of the last readings is large and may be lost: it is handed over this seldom. */
const KEEP_RECENT_EVERY_MS = 600_000;
/** The kinds of state that every device has. */
const ALARM = 'alarm';
const RECENT = 'recent';

/** The devices that a monitor watches: takes them in with their state, and puts the least recent ones aside. */
export class WatchedDevices implements Iterable<WatchedDevice> {
  /** The device heard last is the last one. */
  readonly #devices = new Map<string, WatchedDevice>();
  #latest: WatchedDevice | null = null;
  #evicted = 0;

  /** @param report - told, in one sentence, what is damaged or put aside */
  constructor(
    private readonly judges: JudgeMaker,
    private readonly states: StateStore,
    private readonly settings: WatchedDevicesSettings,
    private readonly report: (problem: string) => void,
  ) {}

  /** The device heard last. */
  get latest(): WatchedDevice | null {
    return this.#latest;
  }

  [Symbol.iterator](): Iterator<WatchedDevice> {
    return this.#devices.values();
  }

  get(name: string): WatchedDevice | undefined {
    return this.#devices.get(name);
  }

  /** The device, if it can judge at once. */
  ready(name: string, nowMs: number): WatchedDevice | null {
    const device = this.#devices.get(name);
    const isReady = device?.judge != null && !device.isStale && nowMs < device.lookAgainMs;
    return isReady ? device : null;
  }

  /** The device, with who is to judge it now. */
  async prepare(name: string, nowMs: number): Promise<WatchedDevice> {
    const device = this.#devices.get(name) ?? (await this.#enter(name, nowMs));
    // While a model is read it may change again.
    while (this.ready(name, nowMs) === null) {
      device.isStale = false;
      if (device.judge !== null) this.judges.keep(name, device.judge);
      const { judge, failed } = await this.judges.appoint(name, device.judge);
      device.judge = judge;
      device.lookAgainMs = failed ? nowMs + LOOK_AGAIN_MS : Infinity;
    }
    return device;
  }

  /**
   * A device that was heard before, even if long ago.
   * @throws MlError `NOT_FOUND`
   */
  async known(name: string, nowMs: number): Promise<WatchedDevice> {
    const device = this.#devices.get(name);
    if (device !== undefined) return device;
    if ((await this.states.load(this.#key(name))) !== null) return this.#enter(name, nowMs);
    throw new MlError('NOT_FOUND', `No device ${JSON.stringify(name)} has been heard here: check msg.device.`);
  }

  /** Names of all devices that were heard before, even if long ago. */
  async names(): Promise<readonly string[]> {
    const kept = await this.states.devices(this.settings.model, ALARM);
    return [...new Set([...kept, ...this.#devices.keys()])];
  }

  /** Takes in the devices that were heard before a restart: their alarms are open still, and their silence counts. */
  async restore(nowMs: number): Promise<void> {
    const names = await this.states.devices(this.settings.model, ALARM);
    for (const [i, name] of names.slice(-this.settings.maxDevices).entries()) {
      if (i % SLICE === SLICE - 1) await yieldToOthers();
      await this.#enter(name, nowMs);
    }
  }

  /** The device was heard: it is the last one to be put aside. */
  touch(device: WatchedDevice): void {
    if (device === this.#latest) return;
    this.#devices.delete(device.name);
    this.#devices.set(device.name, device);
    this.#latest = device;
  }

  /** Hands over what has changed of a device to be kept. */
  keep(device: WatchedDevice, nowMs: number): void {
    this.#keepAlarm(device);
    if (device.judge === null || nowMs - device.keptMs < KEEP_EVERY_MS) return;
    device.keptMs = nowMs;
    this.judges.keep(device.name, device.judge);
    if (nowMs - device.recentKeptMs < KEEP_RECENT_EVERY_MS) return;
    device.recentKeptMs = nowMs;
    this.#keepRecent(device);
  }

  /** Forgets a device and its states. */
  delete(device: WatchedDevice): void {
    this.#devices.delete(device.name);
    if (device === this.#latest) this.#latest = null;
    for (const kind of [ALARM, RECENT]) this.states.delete(this.#key(device.name, kind));
    this.judges.delete(device.name);
  }

  /** The model of a device (or `*`) has changed. */
  modelChanged(changed: string): void {
    this.judges.forget(changed);
    for (const device of this.#devices.values()) {
      if (changed === SHARED_DEVICE || changed === device.name) device.isStale = true;
    }
  }

  /** Hands over the states of all devices to be kept. */
  close(): void {
    for (const device of this.#devices.values()) this.#putAside(device);
  }

  /** Takes a device in, with the state that it was put aside with. */
  async #enter(name: string, nowMs: number): Promise<WatchedDevice> {
    const device = new WatchedDevice(name, this.settings);
    const state = await this.states.load(this.#key(name));
    try {
      if (state !== null) device.restore(state, nowMs);
      const recent = await this.states.load(this.#key(name, RECENT));
      if (recent !== null) device.restoreRecent(recent);
    } catch (error) {
      this.report(`The alarm state of ${name} is damaged and starts anew: ${messageOf(error)}`);
    }
    this.#devices.set(name, device);
    if (this.#devices.size > this.settings.maxDevices) this.#evict();
    return device;
  }

  #evict(): void {
    const device = this.#devices.values().next().value!;
    this.#devices.delete(device.name);
    this.#putAside(device);
    this.#evicted++;
    // The first, the tenth, the hundredth …
    if (!Number.isInteger(Math.log10(this.#evicted))) return;
    const name = JSON.stringify(device.name);
    this.report(
      `More than ${this.settings.maxDevices} devices send: ${name}, not heard for longest, is put aside until it sends ` +
        'again. Raise the limit of devices if these are real ones.',
    );
  }

  #putAside(device: WatchedDevice): void {
    this.#keepAlarm(device);
    this.#keepRecent(device);
    if (device.judge !== null) this.judges.keep(device.name, device.judge);
    device.note(false);
  }

  #keepAlarm(device: WatchedDevice): void {
    if (!device.isChanged) return;
    device.isChanged = false;
    this.states.put(this.#key(device.name), () => device.snapshot());
  }

  #keepRecent(device: WatchedDevice): void {
    this.states.put(this.#key(device.name, RECENT), () => device.snapshotRecent());
  }

  #key(device: string, kind = ALARM): StateKey {
    return { model: this.settings.model, device, kind };
  }
}
