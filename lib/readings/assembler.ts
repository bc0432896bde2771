import { MlError, show } from '../core/errors';
import type { Reading } from '../core/readings';
import { CLOCK_PUT_BACK_ROWS, MAX_FIELDS } from './limits';

/** When an assembled reading is complete: with each message, at each step, or when the leading field comes. */
export const ASSEMBLE_MODES = ['change', 'step', 'leading'] as const;
export type AssembleMode = (typeof ASSEMBLE_MODES)[number];

export interface AssemblerSettings {
  readonly assemble: AssembleMode;
  /** For `step`. */
  readonly assembleStepMs: number;
  /** For `leading`. */
  readonly leadingField: string;
  /** For how long a field's last value is held. */
  readonly maxAgeMs: number;
  /** Devices whose values are held; beyond, the least recent one is forgotten. */
  readonly maxDevices: number;
  readonly onEvicted: (device: string) => void;
}

/** Values as they come for one device: not all of its fields. NaN takes a field's held value away. */
export interface PartialReading {
  readonly device: string;
  readonly timestampMs: number;
  readonly values: ReadonlyMap<string, number>;
  readonly label: string | undefined;
}

interface Held {
  /** The value stands until another comes or it is too old; NaN: known to be missing. */
  readonly value: number;
  readonly timestampMs: number;
}

interface DeviceState {
  readonly held: Map<string, Held>;
  newestMs: number;
  /** Step that is open, for `step`. */
  cell: number;
  label: string | undefined;
  /** Messages in a row that were older than everything held. */
  outdated: number;
}

/** Most steps that are made up for at once when a device was silent. */
const MAX_STEPS = 1000;

/** Makes whole readings of values that come one by one, by holding each field's last value up to an age. */
export class Assembler {
  readonly #settings: AssemblerSettings;
  /** In order of use, the least recent first. */
  readonly #devices = new Map<string, DeviceState>();

  constructor(settings: AssemblerSettings) {
    this.#settings = settings;
  }

  /**
   * Takes values in.
   * @returns the readings that they complete, in time order; more than one only where steps went by without a message
   * @throws MlError `LIMIT` for a device with too many fields
   */
  take(partial: PartialReading): Reading[] {
    const { assemble, leadingField, maxAgeMs } = this.#settings;
    const { device, timestampMs, label } = partial;
    let state = this.#stateOf(device, timestampMs);
    if (timestampMs < state.newestMs - maxAgeMs) {
      if (++state.outdated < CLOCK_PUT_BACK_ROWS) return [];
      this.#devices.delete(device);
      state = this.#stateOf(device, timestampMs);
    }
    state.outdated = 0;
    const readings = assemble === 'step' ? this.#endedSteps(device, state, timestampMs) : [];
    state.newestMs = Math.max(state.newestMs, timestampMs);
    const taken = this.#hold(device, state, partial);
    state.label = label;
    const isComplete =
      assemble === 'change' ? taken.length > 0 : assemble === 'leading' && taken.includes(leadingField);
    if (isComplete) readings.push(this.#readingAt(device, state, state.newestMs));
    return readings;
  }

  #stateOf(device: string, timestampMs: number): DeviceState {
    let state = this.#devices.get(device);
    if (state === undefined) {
      if (this.#devices.size >= this.#settings.maxDevices) {
        const [oldest] = this.#devices.keys();
        this.#devices.delete(oldest!);
        this.#settings.onEvicted(oldest!);
      }
      const cell = Math.floor(timestampMs / this.#settings.assembleStepMs);
      state = { held: new Map(), newestMs: timestampMs, cell, label: undefined, outdated: 0 };
    } else {
      this.#devices.delete(device);
    }
    this.#devices.set(device, state);
    return state;
  }

  /**
   * Holds what is not older than what is held; text of a field that was never a number says nothing.
   * @returns the fields that were taken
   */
  #hold(device: string, state: DeviceState, { timestampMs, values }: PartialReading): string[] {
    const { held } = state;
    const taken: string[] = [];
    for (const [field, value] of values) {
      const before = held.get(field);
      if (before === undefined ? Number.isNaN(value) : timestampMs < before.timestampMs) continue;
      if (before === undefined && held.size >= MAX_FIELDS) this.#makeRoom(device, state, field);
      held.set(field, { value, timestampMs });
      taken.push(field);
    }
    return taken;
  }

  #makeRoom(device: string, { held, newestMs }: DeviceState, field: string): void {
    for (const [name, { timestampMs }] of held) {
      if (newestMs - timestampMs > this.#settings.maxAgeMs) held.delete(name);
    }
    if (held.size < MAX_FIELDS) return;
    throw new MlError(
      'LIMIT',
      `The device ${show(device)} has more than ${MAX_FIELDS} fields; ${show(field)} is one too many. ` +
        'Narrow the topics that are subscribed to, or check the topic pattern.',
    );
  }

  /** One reading for each step that has ended, as of its end, for as long as values are held. */
  #endedSteps(device: string, state: DeviceState, timestampMs: number): Reading[] {
    const { assembleStepMs } = this.#settings;
    const cell = Math.floor(timestampMs / assembleStepMs);
    const readings: Reading[] = [];
    for (let next = Math.max(state.cell + 1, cell - MAX_STEPS + 1); next <= cell; next++) {
      const reading = this.#readingAt(device, state, next * assembleStepMs);
      if (reading.values.size === 0) break;
      readings.push(reading);
    }
    state.cell = Math.max(state.cell, cell);
    return readings;
  }

  #readingAt(device: string, { held, label }: DeviceState, timestampMs: number): Reading {
    const values = new Map<string, number>();
    for (const [field, { value, timestampMs: heldSinceMs }] of held) {
      if (timestampMs - heldSinceMs <= this.#settings.maxAgeMs && !Number.isNaN(value)) values.set(field, value);
    }
    return label === undefined ? { device, timestampMs, values } : { device, timestampMs, values, label };
  }
}
