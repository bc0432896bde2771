import type { Json } from '../core/json';
import { IN_ALARM_LABEL, type Reading, type ReadingTable } from '../core/readings';
import { ReadingWindow, type WindowLimits } from './window';

/** Numbers that all windows of one collector hold together: 200 MB. */
const MAX_NUMBERS = 25_000_000;

export interface CollectorOptions extends WindowLimits {
  readonly maxDevices: number;
  /** Told once when a bound is reached: what happens from now on, in one sentence. */
  readonly onLimit: (sentence: string) => void;
  /** Told when a device's window was dropped to make room for another's. */
  readonly onForgotten: (device: string) => void;
}

/** Rolling windows of readings, one a device. */
export class Collector {
  /** In order of use, the least recent first. */
  readonly #windows = new Map<string, ReadingWindow>();
  readonly #told = new Set<string>();

  constructor(private readonly options: CollectorOptions) {}

  /** @param inAlarm - an alarm is on for the device: an automatic training will leave the reading out */
  add(reading: Reading, inAlarm: boolean): void {
    const label = reading.label ?? (inAlarm ? IN_ALARM_LABEL : undefined);
    this.#windowOf(reading.device).add(reading.timestampMs, reading.values, label);
  }

  has(device: string): boolean {
    return this.#windows.has(device);
  }

  get devices(): readonly string[] {
    return [...this.#windows.keys()];
  }

  /** Rows collected from one device, or from all. */
  rows(device?: string): number {
    if (device !== undefined) return this.#windows.get(device)?.rows ?? 0;
    let sum = 0;
    for (const window of this.#windows.values()) sum += window.rows;
    return sum;
  }

  /** A copy of one device's window in time order. */
  table(device: string): ReadingTable | undefined {
    return this.#windows.get(device)?.table(device);
  }

  /** @param maxNumbers - of a larger window the newest rows are kept */
  snapshot(device: string, maxNumbers: number): Json {
    return this.#windows.get(device)?.snapshot(maxNumbers) ?? null;
  }

  restore(device: string, snapshot: Json): void {
    this.#windowOf(device).restore(snapshot);
  }

  #windowOf(device: string): ReadingWindow {
    const known = this.#windows.get(device);
    if (known !== undefined) {
      this.#windows.delete(device);
      this.#windows.set(device, known);
      return known;
    }
    if (this.#windows.size >= this.options.maxDevices) {
      const [oldest] = this.#windows.keys();
      this.#windows.delete(oldest!);
      this.options.onForgotten(oldest!);
      this.#tell(
        `More than ${this.options.maxDevices} devices send readings: those silent longest are forgotten (see "max. devices").`,
      );
    }
    const window = new ReadingWindow(this.options, (numbers) => this.#mayGrow(numbers));
    this.#windows.set(device, window);
    return window;
  }

  #mayGrow(numbers: number): boolean {
    let sum = numbers;
    for (const window of this.#windows.values()) sum += window.size;
    if (sum <= MAX_NUMBERS) return true;
    this.#tell('The collected readings fill the memory set aside for them: the windows keep fewer rows than set.');
    return false;
  }

  #tell(sentence: string): void {
    if (this.#told.has(sentence)) return;
    this.#told.add(sentence);
    this.options.onLimit(sentence);
  }
}
