import { MlError, show } from '../../lib/core/errors';
import { NORMAL_LABEL } from '../../lib/core/readings';
import { type InjectOptions, SyntheticDevice } from '../../lib/synthetic/generator';
import { flatRow } from '../../lib/synthetic/rows';
import { findScenario } from '../../lib/synthetic/scenario';
import type { InputMessage } from '../shared/on-input';
import type { SyntheticSettings } from './settings';

/** What a live reading is sent as. */
export type LiveMessage = Readonly<{ topic: string; device: string; payload: Record<string, number | string> }>;

/** The devices of one node in live mode. */
export class LiveDevices {
  readonly #devices: readonly SyntheticDevice[];
  /** The machines' own time: runs on evenly, `speed` times as fast as the clock should. */
  #machineMs: number;

  constructor(
    private readonly settings: SyntheticSettings,
    nowMs: number,
  ) {
    this.#devices = settings.devices.map((device) => new SyntheticDevice(settings.profile, device, settings.seed));
    this.#machineMs = nowMs;
  }

  /** The next reading of each device, stamped with the clock's time. */
  readings(nowMs: number): LiveMessage[] {
    const { profile, rateMs, speed } = this.settings;
    const messages = this.#devices.map((synthetic) => {
      const reading = synthetic.next(this.#machineMs);
      const { device, ...payload } = flatRow({ ...reading, timestampMs: nowMs });
      return { topic: `${profile.id}/${device}`, device: reading.device, payload };
    });
    this.#machineMs += rateMs * speed;
    return messages;
  }

  /** The scenarios that were on in the latest readings, one an affected device. */
  running(): string[] {
    return this.#devices.map(({ label }) => label).filter((label) => label !== NORMAL_LABEL);
  }

  /**
   * Carries out `inject` or `clear`, on one device or, where none is named, on all.
   * @throws MlError `PARAMETER` or `NOT_FOUND` saying what can be asked
   */
  command({ action, scenario, device, duration, field }: InputMessage): void {
    const devices = this.#named(device);
    switch (action) {
      case 'inject': {
        const { id } = findScenario(this.settings.profile, scenario);
        const options = this.#injectOptions(duration, field);
        for (const synthetic of devices) synthetic.inject(id, options);
        break;
      }
      case 'clear':
        for (const synthetic of devices) synthetic.clear();
        break;
      default:
        throw new MlError(
          'PARAMETER',
          `ml-synthetic in live mode takes msg.action "inject" (with msg.scenario) or "clear"; got ${show(action)}.`,
        );
    }
  }

  #named(device: unknown): readonly SyntheticDevice[] {
    if (device === undefined || device === null || device === '') return this.#devices;
    const found = this.#devices.filter((synthetic) => synthetic.device === device);
    if (found.length > 0) return found;
    const names = `${this.settings.devices.slice(0, 10).join(', ')}${this.#devices.length > 10 ? ' …' : ''}`;
    throw new MlError('NOT_FOUND', `msg.device must be one of this node's devices (${names}), got ${show(device)}.`);
  }

  #injectOptions(duration: unknown, field: unknown): InjectOptions {
    return {
      ...(duration === undefined ? {} : { durationMs: secondsOf(duration) * 1000 * this.settings.speed }),
      ...(field === undefined ? {} : { field: typeof field === 'string' ? field : show(field) }),
    };
  }
}

function secondsOf(duration: unknown): number {
  const seconds = typeof duration === 'string' ? Number(duration) : duration;
  if (typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new MlError('PARAMETER', `msg.duration must be a number of seconds above 0, got ${show(duration)}.`);
}
