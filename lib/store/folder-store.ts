import { join, resolve } from 'node:path';
import { withCard, type Artifact } from '../core/artifact';
import { MlError, show } from '../core/errors';
import { exportModels, importModels } from './exchange';
import { asStoreError, cleanTemporary } from './files';
import { Turns } from './lock';
import { describe, settled, type Manifest } from './manifest';
import { ManifestWatch } from './manifest-watch';
import type { ModelFolder, WriteManifest } from './model-folder';
import { ModelFolders, summaryOf } from './model-folders';
import type { ActiveModel, ImportReport, ModelKey, ModelStore, ModelSummary, StoreListener } from './store';
import { systemTimers, type Timers } from './timers';

/** Versions kept of each model. */
export const DEFAULT_KEEP = 5;

export interface FolderStoreOptions {
  readonly keep?: number;
  readonly timers?: Timers;
}

/** A change to one model, made while nobody else changes it. */
type Change<T> = (folder: ModelFolder, manifest: Manifest, write: WriteManifest) => Promise<T>;

/**
 * A store in a folder: `models/NAME/DEVICE/` holds `manifest.json` and the version files; see `ModelFolder`. Files are
 * for their owner only, written whole or not at all; several processes may use one folder.
 */
export class FolderStore implements ModelStore {
  readonly folder: string;
  readonly #temporary: string;
  readonly #folders: ModelFolders;
  readonly #timers: Timers;
  readonly #watch: ManifestWatch;
  readonly #turns = new Turns();
  readonly #listeners = new Set<StoreListener>();
  #keep: number;
  #cleaned: Promise<void> | null = null;

  /** @param folder - made when the first version is saved */
  constructor(folder: string, { keep = DEFAULT_KEEP, timers = systemTimers }: FolderStoreOptions = {}) {
    this.folder = resolve(folder);
    this.#temporary = join(this.folder, 'tmp');
    this.#folders = new ModelFolders(this.folder, this.#temporary);
    this.#keep = checkKeep(keep);
    this.#timers = timers;
    this.#watch = new ManifestWatch(timers, (key) => this.#announce(key));
  }

  /** Versions kept of each model, whenever one is saved. */
  get keep(): number {
    return this.#keep;
  }

  set keep(keep: number) {
    this.#keep = checkKeep(keep);
  }

  keys(filter?: Partial<ModelKey>): Promise<readonly ModelKey[]> {
    return this.#guard(async () => (await this.#folders.all(filter)).map(({ key }) => key));
  }

  list(filter?: Partial<ModelKey>): Promise<readonly ModelSummary[]> {
    return this.#guard(async () => {
      const summaries: ModelSummary[] = [];
      for (const folder of await this.#folders.all(filter)) summaries.push(await this.#folders.summarize(folder));
      return summaries;
    });
  }

  get(key: ModelKey, version?: number): Promise<Artifact> {
    return this.#guard(async () => {
      const folder = this.#folders.of(key);
      const manifest = await folder.existingManifest();
      const wanted = version ?? manifest.active;
      if (wanted === null) {
        throw new MlError('NOT_FOUND', `No version of ${describe(key)} is active; activate one, or name a version.`);
      }
      return asOfNow(await folder.read(wanted), manifest);
    });
  }

  active(key: ModelKey): Promise<ActiveModel | null> {
    return this.#guard(async () => {
      const folder = this.#folders.of(key);
      await this.#watch.saw(folder.key, folder.manifestPath);
      const manifest = await folder.manifest();
      if (manifest?.active == null) return null;
      return { artifact: asOfNow(await folder.read(manifest.active), manifest), threshold: manifest.threshold };
    });
  }

  save(artifact: Artifact, activate: boolean): Promise<Artifact> {
    return this.#add(artifact, async (folder, manifest, write) => {
      const takesOver = activate && !manifest.pinned;
      const pinned = `Version ${manifest.active} is pinned since a rollback; activate this version to use it.`;
      const activeReason = activate && manifest.pinned ? pinned : artifact.card.activeReason;
      const stored = await folder.add(withCard(artifact, { active: takesOver, activeReason }), manifest.newest);
      const { version } = stored;
      const after = { ...manifest, newest: version, active: takesOver ? version : manifest.active };
      await write(after);
      await folder.keepNewest(this.keep, after, this.#timers.nowMs());
      return stored;
    });
  }

  activate(key: ModelKey, version: number): Promise<ModelSummary> {
    return this.#revise(key, async (folder, manifest) => {
      await folder.read(version);
      return { ...settled(manifest), active: version, pinned: false };
    });
  }

  rollback(key: ModelKey, version?: number): Promise<ModelSummary> {
    return this.#revise(key, async (folder, manifest) => {
      if (version !== undefined) await folder.read(version);
      const target = version ?? (await folder.newestReadable(manifest.active ?? Infinity));
      if (target === null) {
        const before = manifest.active === null ? '' : ` before version ${manifest.active}`;
        throw new MlError('NOT_FOUND', `There is no readable version of ${describe(key)}${before} to go back to.`);
      }
      return { ...settled(manifest), active: target, pinned: true };
    });
  }

  setThreshold(key: ModelKey, threshold: number | null): Promise<ModelSummary> {
    return this.#revise(key, async (folder, manifest) => {
      if (threshold !== null && !(threshold >= 0 && threshold <= 1)) {
        throw new MlError('PARAMETER', `A threshold must be a score from 0 to 1, got ${show(threshold)}.`);
      }
      if (threshold !== null) await refuseForecaster(folder, manifest);
      return { ...settled(manifest), threshold };
    });
  }

  async delete(key: ModelKey, version?: number): Promise<void> {
    await this.#change(key, async (folder, manifest) => {
      if (version === undefined) return folder.removeAll();
      await folder.readSealed(version); // says so where it is not there
      if (version === manifest.active) {
        const hint = 'activate another one first, or delete the whole model';
        throw new MlError('CONFLICT', `Version ${version} of ${describe(key)} is the active one: ${hint}.`);
      }
      return folder.remove(version);
    });
    if (version === undefined) this.#announce(key);
  }

  export(filter: Partial<ModelKey> = {}, version?: number): Promise<string> {
    return this.#guard(async () => {
      const folders = await this.#folders.all(filter);
      if (folders.length === 0 && Object.keys(filter).length > 0) {
        throw new MlError('NOT_FOUND', `There is no model ${describe(filter)}.`);
      }
      return exportModels(folders, version);
    });
  }

  import(bundle: string): Promise<ImportReport> {
    return this.#guard(() =>
      importModels(bundle, {
        add: (artifact) =>
          this.#add(artifact, async (folder, manifest, write) => {
            const stored = await folder.add(artifact, manifest.newest);
            await write({ ...manifest, newest: stored.version });
            return stored;
          }),
        finish: (key, update) =>
          this.#change(key, async (folder, manifest, write) => {
            const after = update(manifest);
            await write(after);
            await folder.keepNewest(this.keep, after, this.#timers.nowMs());
          }),
      }),
    );
  }

  async prune(keep: number, filter?: Partial<ModelKey>): Promise<number> {
    checkKeep(keep);
    let gone = 0;
    for (const key of await this.keys(filter)) {
      gone += await this.#change(key, (folder, manifest) => folder.keepNewest(keep, manifest, this.#timers.nowMs()));
    }
    return gone;
  }

  onChange(listener: StoreListener): () => void {
    const own: StoreListener = (key) => listener(key);
    this.#listeners.add(own);
    this.#watch.start();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#watch.stop();
    };
  }

  /** Replaces a manifest and returns the model as it is then. */
  #revise(key: ModelKey, task: (folder: ModelFolder, manifest: Manifest) => Promise<Manifest>): Promise<ModelSummary> {
    return this.#change(key, async (folder, manifest, write) => {
      const after = await task(folder, manifest);
      await write(after);
      return summaryOf(folder, after);
    });
  }

  /** Stores a version by `task`, in a model that may be new, and returns it as it is then. */
  #add(artifact: Artifact, task: Change<Artifact>): Promise<Artifact> {
    const create = async (folder: ModelFolder): Promise<void> => {
      await (this.#cleaned ??= cleanTemporary(this.#temporary, this.#timers.nowMs()).catch(() => undefined));
      await folder.create();
    };
    return this.#change(artifact, task, create);
  }

  /** Runs `task` alone, in this process and among processes; says so to the listeners where what is in use has changed. */
  async #change<T>(
    key: ModelKey,
    task: Change<T>,
    prepare: (folder: ModelFolder) => Promise<void> = () => Promise.resolve(),
  ): Promise<T> {
    let changed = false;
    const result = await this.#guard(() => {
      const folder = this.#folders.of(key);
      return this.#turns.take(folder.path, async () => {
        await prepare(folder);
        return folder.change((manifest, write) =>
          task(folder, manifest, async (after) => {
            await write(after);
            await this.#watch.saw(folder.key, folder.manifestPath);
            changed ||= after.active !== manifest.active || after.threshold !== manifest.threshold;
          }),
        );
      });
    });
    if (changed) this.#announce(key);
    return result;
  }

  #announce({ name, device }: ModelKey): void {
    for (const listener of [...this.#listeners]) listener({ name, device });
  }

  async #guard<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw asStoreError(error, this.folder);
    }
  }
}

/** A version as read, with what the manifest says of it now. */
function asOfNow(artifact: Artifact, { active }: Manifest): Artifact {
  const isActive = artifact.version === active;
  if (isActive === artifact.card.active) return artifact;
  const others = active === null ? 'No version is active.' : `Version ${active} is active.`;
  const activeReason = isActive ? 'It was made active later.' : others;
  return withCard(artifact, { active: isActive, activeReason });
}

/** @throws MlError `CONFLICT` where the version in use, or else the newest one, forecasts */
async function refuseForecaster(folder: ModelFolder, { active }: Manifest): Promise<void> {
  const version = active ?? (await folder.newestReadable(Infinity));
  const summary = version === null ? null : await folder.summary(version);
  if (summary?.kind !== 'forecaster') return;
  const hint = 'give limits to ml-forecast instead';
  throw new MlError('CONFLICT', `${describe(folder.key)} forecasts, so that it has no threshold: ${hint}.`);
}

function checkKeep(keep: number): number {
  if (Number.isSafeInteger(keep) && keep >= 1) return keep;
  throw new MlError(
    'PARAMETER',
    `The number of versions to keep must be a whole number of at least 1, got ${show(keep)}.`,
  );
}
