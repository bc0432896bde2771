import type { Reading, ReadingTable } from '../core/readings';

export interface ReadingWindowSettings {
  /** Rows kept of each device. */
  readonly maxRows: number;
  /** Age, against the device's newest reading, up to which rows are kept; absent: any. */
  readonly maxAgeMs?: number;
  readonly maxDevices: number;
  /** Called when the least recent device is forgotten because there are too many. */
  readonly onEvicted?: (device: string) => void;
}

/** The newest readings of each device, in time order: what `ml-train` collects. Bounded in rows, age, devices and fields. */
export class ReadingWindow {
  readonly #settings: ReadingWindowSettings;

  constructor(settings: ReadingWindowSettings) {
    this.#settings = settings;
  }

  /** A reading with the time of one that is there replaces it; a late one is put in its place. */
  add(reading: Reading): void {
    void reading;
    void this.#settings;
  }

  /** Devices, the least recent first. */
  devices(): readonly string[] {
    return [];
  }

  /** Rows kept of a device. */
  rows(device: string): number {
    void device;
    return 0;
  }

  /** A copy of a device's rows; undefined where it has none. */
  table(device: string): ReadingTable | undefined {
    void device;
    return undefined;
  }

  delete(device: string): void {
    void device;
  }
}
