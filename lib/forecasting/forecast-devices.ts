import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { SHARED_DEVICE } from '../core/artifact';
import { messageOf, MlError } from '../core/errors';
import type { StateKey, StateStore } from '../store/state-store';
import { ForecastDevice, type ForecastDeviceSettings } from './forecast-device';
import type { ForecastSource } from './forecast-source';
import type { SourceMaker } from './source-maker';

export interface ForecastDevicesSettings extends ForecastDeviceSettings {
  /** Devices that are forecast at the same time; beyond, the one longest not heard is put aside. */
  readonly maxDevices: number;
}

/** After a model could not be read, it is looked for again. */
const LOOK_AGAIN_MS = 60_000;
/** Devices restored before other work gets its turn. */
const SLICE = 20;
/** The kinds of state: what a device's forecasts go on from, and how good they were. */
const FORECAST = 'forecast';
const ACCURACY = 'accuracy';

/** The devices that are forecast: takes them in with their state, and puts the least recent ones aside. */
export class ForecastDevices implements Iterable<ForecastDevice> {
  /** The device heard last is the last one. */
  readonly #devices = new Map<string, ForecastDevice>();
  #latest: ForecastDevice | null = null;
  #evicted = 0;

  /** @param report - told, in one sentence, what is damaged or put aside */
  constructor(
    private readonly sources: SourceMaker,
    private readonly states: StateStore,
    private readonly settings: ForecastDevicesSettings,
    private readonly report: (problem: string) => void,
  ) {}

  /** The device heard last. */
  get latest(): ForecastDevice | null {
    return this.#latest;
  }

  [Symbol.iterator](): Iterator<ForecastDevice> {
    return this.#devices.values();
  }

  get(name: string): ForecastDevice | undefined {
    return this.#devices.get(name);
  }

  /** The device, if it can take a reading at once. */
  ready(name: string, nowMs: number): ForecastDevice | null {
    const device = this.#devices.get(name);
    const isReady = device?.source != null && !device.isStale && nowMs < device.lookAgainMs;
    return isReady ? device : null;
  }

  /** The device, with what is to forecast it now. */
  async prepare(name: string, nowMs: number): Promise<ForecastDevice> {
    const device = this.#devices.get(name) ?? (await this.#enter(name));
    // While a model is read it may change again.
    while (this.ready(name, nowMs) === null) {
      device.isStale = false;
      const { source, failed } = await this.sources.appoint(name, device.source, device.saved);
      device.source = source;
      device.saved = null;
      device.lookAgainMs = failed ? nowMs + LOOK_AGAIN_MS : Infinity;
    }
    return device;
  }

  /**
   * A device that was heard before, even if long ago, or one with a trained model, which can go on from what it learned.
   * @throws MlError `NOT_FOUND`
   */
  async known(name: string, nowMs: number): Promise<ForecastDevice> {
    const wasHeard = this.#devices.has(name) || (await this.states.load(this.#key(name, FORECAST))) !== null;
    const device = await this.prepare(name, nowMs);
    if (wasHeard || device.source?.predictor != null) return device;
    this.#devices.delete(name);
    throw new MlError('NOT_FOUND', `No device ${JSON.stringify(name)} has been heard here: check msg.device.`);
  }

  /** What would forecast a device, whether it was heard before or not. */
  async sourceOf(name: string, nowMs: number): Promise<ForecastSource | null> {
    const isNew = !this.#devices.has(name);
    const { source } = await this.prepare(name, nowMs);
    // To look at a device is not to hear it.
    if (isNew && source?.predictor == null) this.#devices.delete(name);
    return source;
  }

  /** Lets a device go on as if nothing had come from it yet. */
  async startAnew(name: string, nowMs: number): Promise<void> {
    const device = await this.prepare(name, nowMs);
    device.source = this.sources.fresh(device.source);
  }

  /** Names of all devices that were heard before, even if long ago. */
  async names(): Promise<readonly string[]> {
    const kept = await this.states.devices(this.settings.model, FORECAST);
    return [...new Set([...kept, ...this.#devices.keys()])];
  }

  /** Takes in the devices that were heard before a restart: their predictions are open still. */
  async restore(nowMs: number): Promise<void> {
    const names = await this.states.devices(this.settings.model, FORECAST);
    for (const [i, name] of names.slice(-this.settings.maxDevices).entries()) {
      if (i % SLICE === SLICE - 1) await yieldToOthers();
      await this.prepare(name, nowMs);
    }
  }

  /** The device was heard: it is the last one to be put aside. */
  touch(device: ForecastDevice): void {
    if (device === this.#latest) return;
    this.#devices.delete(device.name);
    this.#devices.set(device.name, device);
    this.#latest = device;
  }

  /** Hands over what has changed of a device to be kept. */
  keep(device: ForecastDevice): void {
    this.states.put(this.#key(device.name, FORECAST), () => device.snapshot());
    if (device.latest?.accuracy != null) {
      this.states.put(this.#key(device.name, ACCURACY), () => device.accuracySnapshot());
    }
  }

  /** Forgets a device and its states. */
  delete(device: ForecastDevice): void {
    this.#devices.delete(device.name);
    if (device === this.#latest) this.#latest = null;
    for (const kind of [FORECAST, ACCURACY]) this.states.delete(this.#key(device.name, kind));
    this.sources.delete(device.name);
  }

  /** The model of a device (or `*`) has changed. */
  modelChanged(changed: string): void {
    this.sources.forget(changed);
    for (const device of this.#devices.values()) {
      if (changed === SHARED_DEVICE || changed === device.name) device.isStale = true;
    }
  }

  /** Takes a device in, with the state that it was put aside with. */
  async #enter(name: string): Promise<ForecastDevice> {
    const device = new ForecastDevice(name, this.settings);
    const state = await this.states.load(this.#key(name, FORECAST));
    if (state !== null) {
      device.saved = state;
      try {
        device.limits.restore(state.limits ?? null);
      } catch (error) {
        this.report(`What was expected of ${name} is damaged and starts anew: ${messageOf(error)}`);
      }
    }
    this.#devices.set(name, device);
    if (this.#devices.size > this.settings.maxDevices) this.#evict();
    return device;
  }

  #evict(): void {
    const device = this.#devices.values().next().value!;
    this.#devices.delete(device.name);
    this.keep(device);
    this.#evicted++;
    // The first, the tenth, the hundredth …
    if (!Number.isInteger(Math.log10(this.#evicted))) return;
    const name = JSON.stringify(device.name);
    this.report(
      `More than ${this.settings.maxDevices} devices send: ${name}, not heard for longest, is put aside until it sends ` +
        'again. Raise the limit of devices if these are real ones.',
    );
  }

  #key(device: string, kind: string): StateKey {
    return { model: this.settings.model, device, kind };
  }
}
