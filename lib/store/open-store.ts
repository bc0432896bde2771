import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { processWide } from '../core/process-wide';
import { FolderStateStore } from './folder-state-store';
import { FolderStore } from './folder-store';
import { SeenFields } from './seen-fields';
import type { StateStore } from './state-store';
import type { ModelStore } from './store';
import { DEFAULT_KEEP } from './versioned-store';

export interface OpenOptions {
  /** Versions kept of each model; where several users differ, the largest holds. */
  readonly keep?: number;
  /** Told, in one sentence, what was damaged, dropped or could not be written. */
  readonly report: (problem: string) => void;
}

/** A store as a node uses it. */
export interface OpenStore {
  readonly folder: string;
  /** Versions kept of each model. */
  readonly keep: number;
  readonly models: ModelStore;
  readonly states: StateStore;
  readonly fields: SeenFields;
  /** To be called once, when the user goes; resolves when the states are on disk. */
  release(): Promise<void>;
}

/** What all users of one folder share. */
interface SharedStore {
  readonly models: FolderStore;
  readonly states: FolderStateStore;
  readonly fields: SeenFields;
  /** The users' `report`s; the first one is told. */
  readonly users: Set<{ readonly report: (problem: string) => void }>;
}

/**
 * The store in a folder: one for all who open it in this process, so that each sees at once what another has changed.
 * Copies of the package whose shared objects differ ('/1' below) do not share, and get on as two processes do.
 */
export function openStore(folder: string, { keep = DEFAULT_KEEP, report }: OpenOptions): OpenStore {
  const stores = openStores();
  const path = realPath(resolve(folder));
  const shared = stores.get(path) ?? makeShared(path, keep);
  stores.set(path, shared);
  shared.models.keep = Math.max(shared.models.keep, keep);
  const user = { report };
  shared.users.add(user);
  return {
    folder: path,
    keep: shared.models.keep,
    models: shared.models,
    states: shared.states,
    fields: shared.fields,
    release: async () => {
      await shared.states.flush();
      shared.users.delete(user);
      if (shared.users.size === 0 && stores.get(path) === shared) stores.delete(path);
    },
  };
}

/** The store in a folder for a look, without becoming one of its users. */
export function lookInto(folder: string): Pick<OpenStore, 'models' | 'fields'> {
  const path = realPath(resolve(folder));
  return openStores().get(path) ?? makeShared(path, DEFAULT_KEEP);
}

function openStores(): Map<string, SharedStore> {
  return processWide('stores/1', () => new Map<string, SharedStore>());
}

function makeShared(path: string, keep: number): SharedStore {
  const users: SharedStore['users'] = new Set();
  const report = (problem: string): void => {
    for (const user of users) return user.report(problem);
  };
  return {
    models: new FolderStore(path, { keep }),
    states: new FolderStateStore(path, { report }),
    fields: new SeenFields(),
    users,
  };
}

/** The path without symbolic links, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
