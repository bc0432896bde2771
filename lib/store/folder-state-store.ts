import { join, resolve } from 'node:path';
import { messageOf } from '../core/errors';
import type { JsonObject } from '../core/json';
import { encodeName } from './names';
import { StateFile } from './state-file';
import { StateGroup } from './state-group';
import type { StateKey, StateStore } from './state-store';
import { systemTimers, type Timers } from './timers';

export interface FolderStateStoreOptions {
  /** Told, in one sentence, what was damaged, dropped or could not be written. */
  readonly report: (problem: string) => void;
  readonly timers?: Timers;
}

/**
 * Running state in `state/MODEL/KIND.jsonl`, one file for all devices of a model and kind.
 *
 * Where 1,000 devices report, nearly all of their states change every minute: one file is one rename and one fsync a
 * minute, where a file a device would be a thousand. Where few change, the file is written whole for those few; that
 * is the price, and `StateGroup` bounds how often it is paid.
 */
export class FolderStateStore implements StateStore {
  readonly #folder: string;
  readonly #report: (problem: string) => void;
  readonly #timers: Timers;
  readonly #groups = new Map<string, StateGroup>();

  constructor(folder: string, { report, timers = systemTimers }: FolderStateStoreOptions) {
    this.#folder = resolve(folder);
    this.#report = report;
    this.#timers = timers;
  }

  async load(key: StateKey): Promise<JsonObject | null> {
    try {
      return await this.#group(key).load(key.device);
    } catch (error) {
      this.#report(`The state of ${key.device} cannot be loaded and starts anew: ${messageOf(error)}`);
      return null;
    }
  }

  async devices(model: string, kind: string): Promise<readonly string[]> {
    try {
      return await this.#group({ model, kind }).devices();
    } catch (error) {
      this.#report(`The devices of ${model} whose state is kept cannot be listed: ${messageOf(error)}`);
      return [];
    }
  }

  put(key: StateKey, snapshot: () => JsonObject): void {
    this.#group(key).put(key.device, snapshot);
  }

  delete(key: StateKey): void {
    this.#group(key).delete(key.device);
  }

  async flush(): Promise<void> {
    for (const group of this.#groups.values()) await group.flush();
  }

  #group({ model, kind }: Pick<StateKey, 'model' | 'kind'>): StateGroup {
    const path = join(this.#folder, 'state', encodeName(model), `${encodeName(kind)}.jsonl`);
    let group = this.#groups.get(path);
    if (group === undefined) {
      const file = new StateFile(path, join(this.#folder, 'tmp'), this.#report);
      this.#groups.set(path, (group = new StateGroup(path, file, this.#report, this.#timers)));
    }
    return group;
  }
}
