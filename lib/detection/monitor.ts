import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { messageOf } from '../core/errors';
import type { ModelReference } from '../core/events';
import type { Reading } from '../core/readings';
import { Turns } from '../core/turns';
import type { StateStore } from '../store/state-store';
import type { ModelStore } from '../store/store';
import type { DetectionEvent } from './events';
import type { Progress } from './judge';
import { JudgeMaker, type JudgeSettings } from './judge-maker';
import type { Findings, WatchedDevice } from './watched-device';
import { WatchedDevices, type WatchedDevicesSettings } from './watched-devices';

export interface MonitorSettings extends JudgeSettings, WatchedDevicesSettings {}

/** Where things stand, for a status line. */
export interface MonitorStatus {
  readonly devices: number;
  /** Devices whose alarm is open; of these, critical ones. */
  readonly alarms: number;
  readonly critical: number;
  /** Devices of which no data comes. */
  readonly silent: number;
  /** What judges the device heard last; null: nothing has been heard, or there is no model. */
  readonly model: ModelReference | null;
  /** How far the warm-up of that device has come, while there is one. */
  readonly learning: Progress | null;
}

/** Readings that are judged before other work gets its turn. */
const SLICE = 100;
/** Jobs that may wait for a model to be read or a batch to be judged. */
const MAX_WAITING = 10_000;

/**
 * Watches the devices of one model's name: each reading is judged by the device's own model, else the shared one, else
 * by what was learned of the device; verdicts become alarms, silence becomes `no-data`. Changes in the store count at
 * once. States are kept, so that a second monitor goes on, bit for bit, where the first was closed.
 *
 * Jobs are done one after the other. Readings of known devices are judged at once, without a promise.
 */
export class Monitor {
  readonly #states: StateStore;
  readonly #devices: WatchedDevices;
  readonly #stopListening: () => void;
  readonly #turns = new Turns(MAX_WAITING, {
    full: `${MAX_WAITING} messages wait to be judged: send more slowly, or readings in batches.`,
    closed: 'The watch ended before this was judged.',
  });

  /**
   * @param nowMs - epoch ms
   * @param report - told, in one sentence, what cannot be used, is damaged or is put aside
   */
  constructor(
    models: ModelStore,
    states: StateStore,
    settings: MonitorSettings,
    nowMs: number,
    report: (problem: string) => void,
  ) {
    this.#states = states;
    this.#devices = new WatchedDevices(new JudgeMaker(models, states, settings, report), states, settings, report);
    this.#stopListening = models.onChange(({ name, device }) => {
      if (name === settings.model) this.#devices.modelChanged(device);
    });
    this.#turns
      .take(() => this.#devices.restore(nowMs))
      .catch((error: unknown) => {
        if (!this.#turns.isClosed) report(messageOf(error));
      });
  }

  /**
   * Judges readings in their order; those that only add to an open step have no verdict yet.
   * @param nowMs - when they came, epoch ms
   * @returns a promise only where a model has to be read first, other jobs wait, or there are many readings
   * @throws MlError `DATA` for a reading without a time, `LIMIT` where too much waits, `ABORTED` after `close`
   */
  judge(readings: readonly Reading[], nowMs: number): Findings | Promise<Findings> {
    const slowly = (): Promise<Findings> => this.#turns.take(() => this.#judgeSlowly(readings, nowMs));
    if (!this.#turns.isFree || readings.length > SLICE) return slowly();
    for (const { device } of readings) if (this.#devices.ready(device, nowMs) === null) return slowly();
    const findings: Findings = { anomalies: [], events: [] };
    for (const reading of readings) this.#judgeOne(this.#devices.get(reading.device)!, reading, nowMs, findings);
    return findings;
  }

  /**
   * A person has seen the alarm of a device, or those of all (null).
   * @throws MlError `NOT_FOUND` for a device that was never heard
   */
  acknowledge(name: string | null, nowMs: number): Promise<readonly DetectionEvent[]> {
    return this.#turns.take(async () => {
      const events: DetectionEvent[] = [];
      const devices = name === null ? [...this.#devices] : [await this.#devices.known(name, nowMs)];
      for (const device of devices) {
        device.acknowledge(events);
        this.#devices.keep(device, nowMs);
      }
      return events;
    });
  }

  /**
   * Forgets a device, or all (null): its alarm ends, its windows are emptied, and what was learned is learned anew.
   * @throws MlError `NOT_FOUND` for a device that was never heard
   */
  reset(name: string | null, nowMs: number): Promise<readonly DetectionEvent[]> {
    return this.#turns.take(async () => {
      const findings: Findings = { anomalies: [], events: [] };
      for (const each of name === null ? await this.#devices.names() : [name]) {
        const device = await this.#devices.known(each, nowMs);
        device.end(nowMs, findings);
        this.#devices.delete(device);
      }
      return findings.events;
    });
  }

  /** Looks which devices have fallen silent; to be called now and then. */
  checkSilence(nowMs: number): readonly DetectionEvent[] {
    const events: DetectionEvent[] = [];
    // What waits may be from the very devices that seem silent.
    if (!this.#turns.isFree) return events;
    for (const device of this.#devices) {
      device.checkSilence(nowMs, events);
      this.#devices.keep(device, nowMs);
    }
    return events;
  }

  /** True while an alarm of the device is open. */
  inAlarm(device: string): boolean {
    return this.#devices.get(device)?.alarm != null;
  }

  status(): MonitorStatus {
    const devices = [...this.#devices];
    const judge = this.#devices.latest?.judge;
    return {
      devices: devices.length,
      alarms: devices.filter(({ alarm }) => alarm !== null).length,
      critical: devices.filter(({ alarm }) => alarm === 'critical').length,
      silent: devices.filter(({ isSilent }) => isSilent).length,
      model: judge?.kind == null ? null : judge.model,
      learning: judge?.progress() ?? null,
    };
  }

  /** Ends the watch: what waits is refused, states are written. Never rejects. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#turns.close();
    this.#devices.close();
    await this.#states.flush();
  }

  async #judgeSlowly(readings: readonly Reading[], nowMs: number): Promise<Findings> {
    const findings: Findings = { anomalies: [], events: [] };
    for (const [i, reading] of readings.entries()) {
      if (i % SLICE === SLICE - 1) await yieldToOthers();
      this.#judgeOne(await this.#devices.prepare(reading.device, nowMs), reading, nowMs, findings);
    }
    return findings;
  }

  #judgeOne(device: WatchedDevice, reading: Reading, nowMs: number, findings: Findings): void {
    this.#devices.touch(device);
    device.hear(nowMs, findings);
    device.observe(reading, findings);
    this.#devices.keep(device, nowMs);
  }
}
