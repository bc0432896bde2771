import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { messageOf } from '../core/errors';
import type { JsonObject } from '../core/json';
import { MAX_DEVICES, type StateFile } from './state-file';
import type { Timers } from './timers';

/** Flash wears out: no file is written more often than this … */
const INTERVAL_MS = 60_000;
/** … nor, when it is large, at more than this on average: 3 MiB are written every three minutes. */
const LENGTH_PER_INTERVAL = 2 ** 20;
/** Devices sealed before other work gets its turn. */
const SLICE = 50;

/** The devices of one file: what has changed in memory, and when it is written. */
export class StateGroup {
  /** Changed since they were last sealed. */
  readonly #changed = new Map<string, () => JsonObject>();
  #unwritten = false;
  #read: Promise<void> | null = null;
  #writing: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  readonly #said = { seal: '', write: '', full: '' };

  constructor(
    private readonly path: string,
    private readonly file: StateFile,
    private readonly report: (problem: string) => void,
    private readonly timers: Timers,
  ) {}

  async load(device: string): Promise<JsonObject | null> {
    await (this.#read ??= this.file.read());
    const snapshot = this.#changed.get(device);
    // Through JSON, as if it had been written: whoever loads must not share an object with whoever put.
    return snapshot === undefined ? this.file.get(device) : (JSON.parse(JSON.stringify(snapshot())) as JsonObject);
  }

  async devices(): Promise<readonly string[]> {
    await (this.#read ??= this.file.read());
    return [...new Set([...this.file.devices(), ...this.#changed.keys()])];
  }

  put(device: string, snapshot: () => JsonObject): void {
    this.#changed.set(device, snapshot);
    if (this.#changed.size > MAX_DEVICES) {
      this.#changed.delete(this.#changed.keys().next().value!);
      this.#say(
        'full',
        `More than ${MAX_DEVICES} devices change at once in ${this.path}: not all of them can be kept.`,
      );
    }
    this.#schedule();
  }

  delete(device: string): void {
    this.#changed.delete(device);
    this.file.delete(device);
    this.#unwritten = true;
    this.#schedule();
  }

  /** Writes until nothing is left to write, or writing fails. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    while (this.#writing !== null) await this.#writing;
    if (this.#changed.size === 0 && !this.#unwritten) return;
    await (this.#writing = this.#write());
  }

  #schedule(): void {
    if (this.#cancelTimer !== null) return;
    const delayMs = INTERVAL_MS * Math.max(1, this.file.length / LENGTH_PER_INTERVAL);
    this.#cancelTimer = this.timers.after(delayMs, () => {
      this.flush().catch((error: unknown) => this.report(messageOf(error)));
    });
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    try {
      await (this.#read ??= this.file.read());
      this.#unwritten = true;
      this.#say('seal', await this.#seal());
      await this.file.write();
      this.#unwritten = false;
      this.#say('write', '');
    } catch (error) {
      this.#say(
        'write',
        `The running state in ${this.path} could not be written and is tried again: ${messageOf(error)}`,
      );
      this.#schedule();
    } finally {
      this.#writing = null;
    }
  }

  /** Takes the snapshots of what has changed. Returns what went wrong, or nothing. */
  async #seal(): Promise<string> {
    const failed: string[] = [];
    let reason = '';
    let sealed = 0;
    for (const [device, snapshot] of [...this.#changed]) {
      if (this.#changed.get(device) === snapshot) this.#changed.delete(device);
      try {
        this.file.put(device, snapshot());
      } catch (error) {
        failed.push(device);
        reason ||= messageOf(error);
      }
      if (++sealed % SLICE === 0) await yieldToOthers();
    }
    if (failed.length === 0) return '';
    const others = failed.length === 1 ? '' : ` and of ${failed.length - 1} more devices`;
    return `The state of ${failed[0]!}${others} in ${this.path} cannot be kept: ${reason}`;
  }

  /** Reports a problem of each kind once, not every minute; nothing ends it. */
  #say(kind: 'seal' | 'write' | 'full', problem: string): void {
    if (problem !== '' && problem !== this.#said[kind]) this.report(problem);
    this.#said[kind] = problem;
  }
}
