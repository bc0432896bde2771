import { SHARED_DEVICE } from '../core/artifact';
import { MlError, show } from '../core/errors';
import type { ReadingTable } from '../core/readings';
import type { HistoryReader } from '../postgres/history/source';
import type { RangeMessage, TimeRange } from '../readings/time-range';
import { neededFields } from './needed-fields';
import type { TrainingPlan } from './request';
import { count, isoTime, listed } from './words';

/** Numbers that the tables of a model that all devices share may hold together: 200 MB. */
const MAX_NUMBERS = 25_000_000;

/** Past readings to train on. */
export interface TrainingHistory extends Pick<HistoryReader, 'devices' | 'read'> {
  /** The stretch of time a message asks for; without a word of it, the usual one up to now. */
  rangeOf(message: RangeMessage, nowMs: number): TimeRange;
}

/** One model to train, and the way to its readings: called when its turn has come. */
export interface HistoryJob {
  /** Whose model it is, or `*`. */
  readonly target: string;
  readonly tables: (signal: AbortSignal) => Promise<readonly ReadingTable[]>;
}

export interface HistoryJobsOptions {
  readonly request: TrainingPlan;
  /** True: one model for all devices. */
  readonly shared: boolean;
  /** Devices that are trained at most. */
  readonly maxDevices: number;
}

/** Finds out what is to be trained from past readings: lists the devices, and reads each of them when its turn has come. */
export class HistoryJobs {
  readonly #fields: readonly string[];

  constructor(
    private readonly history: TrainingHistory,
    private readonly options: HistoryJobsOptions,
  ) {
    this.#fields = neededFields(options.request);
  }

  /**
   * @param device - undefined: all there are; where all share one model, it is always trained on all
   * @throws MlError what `HistoryReader.devices` throws, `NOT_FOUND` where there are none, `LIMIT` where there are too many
   */
  async jobs(device: string | undefined, range: TimeRange, signal: AbortSignal): Promise<readonly HistoryJob[]> {
    if (this.options.shared) {
      return [{ target: SHARED_DEVICE, tables: (stop) => this.#readAll(range, stop) }];
    }
    const devices = device === undefined ? await this.#devices(signal) : [device];
    return devices.map((target) => ({ target, tables: async (stop) => [await this.#readOne(target, range, stop)] }));
  }

  async #devices(signal: AbortSignal): Promise<readonly string[]> {
    const { maxDevices } = this.options;
    const devices = await unlessAborted(this.history.devices(signal), signal);
    if (devices.length === 0) {
      throw new MlError(
        'NOT_FOUND',
        'No devices are in the database yet: check the table, and which devices are asked for.',
      );
    }
    if (devices.length <= maxDevices) return devices;
    throw new MlError(
      'LIMIT',
      `${count(devices.length, 'device')} are in the database, more than the ${count(maxDevices)} that are allowed. ` +
        'Raise the limit of devices if these are real ones, or name one in msg.device.',
    );
  }

  async #readOne(device: string, range: TimeRange, signal: AbortSignal): Promise<ReadingTable> {
    const table = await this.#read(device, range, signal);
    if (table.timestampsMs.length > 0) return table;
    const [named, names] = this.#fields.length === 0 ? ['', 'name'] : [` of ${listed(this.#fields)}`, 'names'];
    throw new MlError(
      'TOO_FEW_ROWS',
      `No readings${named} are in the database ${between(range)}: check the ${names} and the time.`,
    );
  }

  #read(device: string, range: TimeRange, signal: AbortSignal): Promise<ReadingTable> {
    return unlessAborted(this.history.read({ device, ...range, fields: this.#fields }, signal), signal);
  }

  /** Devices without readings in that time are passed over. */
  async #readAll(range: TimeRange, signal: AbortSignal): Promise<readonly ReadingTable[]> {
    const tables: ReadingTable[] = [];
    let numbers = 0;
    for (const device of await this.#devices(signal)) {
      const table = await this.#read(device, range, signal);
      if (table.timestampsMs.length === 0) continue;
      numbers += table.data.length + table.timestampsMs.length;
      if (numbers > MAX_NUMBERS) {
        throw new MlError(
          'LIMIT',
          `All devices together have more than ${count(MAX_NUMBERS, 'number')} ${between(range)}, up to ${show(device)}: ` +
            'ask for fewer hours, name the fields that matter, or have readings averaged.',
        );
      }
      tables.push(table);
    }
    if (tables.length > 0) return tables;
    throw new MlError('TOO_FEW_ROWS', `No readings are in the database ${between(range)}: check the time.`);
  }
}

/** The database may take its time to notice that nobody waits any more. @throws MlError `ABORTED` */
async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new MlError('ABORTED', 'The training was cancelled.'));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function between({ fromMs, toMs }: TimeRange): string {
  return `from ${isoTime(fromMs)} to ${isoTime(toMs)}`;
}
