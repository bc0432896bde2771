import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MlError, messageOf } from '../core/errors';
import type { JsonObject } from '../core/json';
import { seal, unseal, type SealedFormat } from '../core/sealed';
import { makeFolder, readText, replaceFile } from './files';

/** Bounds of one file; the devices longest not put go first. */
export const MAX_DEVICES = 20_000;
const MAX_LENGTH = 64 * 2 ** 20;
/** Bound of one device's state. */
const MAX_STATE_LENGTH = 4 * 2 ** 20;

const FORMAT: SealedFormat = { format: 'flowsight-ml-state', version: 1, what: 'state' };
/** Between a device's name (as JSON, which never holds one) and its sealed state. */
const SEPARATOR = '\t';

/**
 * The states of all devices in one file, one line a device: its name and its state with a checksum. A damaged line
 * costs one device its state. Lines are kept as text, which is small, and parsed when a device asks.
 */
export class StateFile {
  /** Device → sealed state, the one longest not put first. */
  readonly #lines = new Map<string, string>();
  readonly #deleted = new Set<string>();
  #length = 0;
  #seen = 'none';
  #saidFull = false;

  constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly report: (problem: string) => void,
  ) {}

  /** Length of what would be written. */
  get length(): number {
    return this.#length;
  }

  /** Reads what is on disk, without touching what is already held: another process may have written other devices. */
  async read(): Promise<void> {
    try {
      const signature = await this.#signature();
      if (signature === this.#seen) return;
      this.#seen = signature;
      for (const line of ((await readText(this.path, 3 * MAX_LENGTH)) ?? '').split('\n')) this.#take(line);
    } catch (error) {
      this.report(`${this.path} cannot be read (${messageOf(error)}); its devices start anew.`);
    }
  }

  /** The devices that have a state, the one longest not put first. */
  devices(): readonly string[] {
    return [...this.#lines.keys()];
  }

  /** A device's state; null where there is none or it is damaged. */
  get(device: string): JsonObject | null {
    const sealed = this.#lines.get(device);
    if (sealed === undefined) return null;
    try {
      return unseal(FORMAT, sealed).body;
    } catch (error) {
      this.report(`The state of ${device} in ${this.path} is damaged and starts anew: ${messageOf(error)}`);
      this.delete(device);
      return null;
    }
  }

  /** @throws MlError where the state is not plain JSON, or too large */
  put(device: string, state: JsonObject): void {
    const sealed = seal(FORMAT, state);
    if (sealed.length > MAX_STATE_LENGTH) {
      throw new MlError('LIMIT', `It has ${sealed.length} characters; at most ${MAX_STATE_LENGTH} are allowed.`);
    }
    this.#set(device, sealed);
    while (this.#lines.size > MAX_DEVICES || this.#length > MAX_LENGTH) this.#dropOldest();
  }

  delete(device: string): void {
    this.#remove(device);
    this.#deleted.add(device);
  }

  /** Writes all devices, whole or not at all. */
  async write(): Promise<void> {
    await this.read();
    await makeFolder(dirname(this.path));
    await replaceFile(this.temporary, this.path, this.#text());
    this.#seen = await this.#signature();
    this.#deleted.clear();
  }

  *#text(): Generator<string> {
    for (const [device, sealed] of [...this.#lines]) yield `${JSON.stringify(device)}${SEPARATOR}${sealed}\n`;
  }

  #take(line: string): void {
    if (line === '') return;
    const end = line.indexOf(SEPARATOR);
    try {
      const device = JSON.parse(line.slice(0, end)) as unknown;
      if (typeof device !== 'string') throw new MlError('ARTIFACT', 'a line has no device');
      if (!this.#lines.has(device) && !this.#deleted.has(device)) this.#set(device, line.slice(end + 1));
    } catch {
      this.report(`A line of ${this.path} is damaged; the device it belonged to starts anew.`);
    }
  }

  #set(device: string, sealed: string): void {
    this.#remove(device);
    this.#deleted.delete(device);
    this.#lines.set(device, sealed);
    this.#length += sealed.length + device.length + 4;
  }

  #remove(device: string): void {
    const sealed = this.#lines.get(device);
    if (sealed === undefined) return;
    this.#lines.delete(device);
    this.#length -= sealed.length + device.length + 4;
  }

  #dropOldest(): void {
    const device = this.#lines.keys().next().value!;
    this.#remove(device);
    if (this.#saidFull) return;
    this.#saidFull = true;
    this.report(`${this.path} is full: devices whose state has not changed for longest, first ${device}, lose it.`);
  }

  async #signature(): Promise<string> {
    try {
      const { ino, size, mtimeMs } = await stat(this.path);
      return `${ino} ${size} ${mtimeMs}`;
    } catch {
      return 'none';
    }
  }
}
