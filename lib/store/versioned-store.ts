import { withCard, type Artifact } from '../core/artifact';
import { MlError, show } from '../core/errors';
import { exportModels, importModels } from './exchange';
import { describe, settled, type Manifest } from './manifest';
import type { ActiveModel, ImportReport, ModelKey, ModelStore, ModelSummary, StoreListener } from './store';
import { type Change, type StoredModel, summaryOf } from './stored-model';
import type { Timers } from './timers';

/** Versions kept of each model. */
export const DEFAULT_KEEP = 5;

/** What all stores do alike. Where models are, and how one of them is changed alone, is left to each kind of store. */
export abstract class VersionedStore implements ModelStore {
  readonly #listeners = new Set<StoreListener>();
  #keep: number;

  constructor(
    keep: number,
    protected readonly timers: Timers,
  ) {
    this.#keep = checkKeep(keep);
  }

  /** Versions kept of each model, whenever one is saved. */
  get keep(): number {
    return this.#keep;
  }

  set keep(keep: number) {
    this.#keep = checkKeep(keep);
  }

  abstract keys(filter?: Partial<ModelKey>): Promise<readonly ModelKey[]>;
  abstract list(filter?: Partial<ModelKey>): Promise<readonly ModelSummary[]>;

  /** A model, be it there or not. */
  protected abstract of(key: ModelKey): StoredModel;
  /** Those that have a version, sorted by name and device. */
  protected abstract all(filter?: Partial<ModelKey>): Promise<readonly StoredModel[]>;
  /** Called before it is looked which version is in use: changes after that must be told. */
  protected abstract watch(model: StoredModel): Promise<void>;
  /** Runs `task` alone, in this process and among processes. @param create - the model may be new */
  protected abstract exclusively<T>(key: ModelKey, task: Change<T>, create: boolean): Promise<T>;
  /** Runs any access: what it throws becomes an `MlError`. */
  protected abstract guard<T>(task: () => Promise<T>): Promise<T>;
  /** The first listener has come, or the last has gone. */
  protected abstract listening(on: boolean): void;

  get(key: ModelKey, version?: number): Promise<Artifact> {
    return this.guard(async () => {
      const model = this.of(key);
      const manifest = await model.existingManifest();
      const wanted = version ?? manifest.active;
      if (wanted === null) {
        throw new MlError('NOT_FOUND', `No version of ${describe(key)} is active; activate one, or name a version.`);
      }
      return asOfNow(await model.read(wanted), manifest);
    });
  }

  active(key: ModelKey): Promise<ActiveModel | null> {
    return this.guard(async () => {
      const model = this.of(key);
      await this.watch(model);
      const manifest = await model.manifest();
      if (manifest?.active == null) return null;
      return { artifact: asOfNow(await model.read(manifest.active), manifest), threshold: manifest.threshold };
    });
  }

  save(artifact: Artifact, activate: boolean): Promise<Artifact> {
    return this.#add(artifact, async (model, manifest, write) => {
      const takesOver = activate && !manifest.pinned;
      const pinned = `Version ${manifest.active} is pinned since a rollback; activate this version to use it.`;
      const activeReason = activate && manifest.pinned ? pinned : artifact.card.activeReason;
      const stored = await model.add(withCard(artifact, { active: takesOver, activeReason }), manifest.newest);
      const { version } = stored;
      const after = { ...manifest, newest: version, active: takesOver ? version : manifest.active };
      await write(after);
      await model.keepNewest(this.keep, after, this.timers.nowMs());
      return stored;
    });
  }

  activate(key: ModelKey, version: number): Promise<ModelSummary> {
    return this.#revise(key, async (model, manifest) => {
      await model.read(version);
      return { ...settled(manifest), active: version, pinned: false };
    });
  }

  rollback(key: ModelKey, version?: number): Promise<ModelSummary> {
    return this.#revise(key, async (model, manifest) => {
      if (version !== undefined) await model.read(version);
      const target = version ?? (await model.newestReadable(manifest.active ?? Infinity));
      if (target === null) {
        const before = manifest.active === null ? '' : ` before version ${manifest.active}`;
        throw new MlError('NOT_FOUND', `There is no readable version of ${describe(key)}${before} to go back to.`);
      }
      return { ...settled(manifest), active: target, pinned: true };
    });
  }

  setThreshold(key: ModelKey, threshold: number | null): Promise<ModelSummary> {
    return this.#revise(key, async (model, manifest) => {
      if (threshold !== null && !(threshold >= 0 && threshold <= 1)) {
        throw new MlError('PARAMETER', `A threshold must be a score from 0 to 1, got ${show(threshold)}.`);
      }
      if (threshold !== null) await refuseForecaster(model, manifest);
      return { ...settled(manifest), threshold };
    });
  }

  async delete(key: ModelKey, version?: number): Promise<void> {
    await this.#change(key, async (model, manifest) => {
      if (version === undefined) return model.removeAll();
      await model.readSealed(version); // says so where it is not there
      if (version === manifest.active) {
        const hint = 'activate another one first, or delete the whole model';
        throw new MlError('CONFLICT', `Version ${version} of ${describe(key)} is the active one: ${hint}.`);
      }
      return model.remove(version);
    });
    if (version === undefined) this.announce(key);
  }

  export(filter: Partial<ModelKey> = {}, version?: number): Promise<string> {
    return this.guard(async () => {
      const models = await this.all(filter);
      if (models.length === 0 && Object.keys(filter).length > 0) {
        throw new MlError('NOT_FOUND', `There is no model ${describe(filter)}.`);
      }
      return exportModels(models, version);
    });
  }

  import(bundle: string): Promise<ImportReport> {
    return this.guard(() =>
      importModels(bundle, {
        add: (artifact) =>
          this.#add(artifact, async (model, manifest, write) => {
            const stored = await model.add(artifact, manifest.newest);
            await write({ ...manifest, newest: stored.version });
            return stored;
          }),
        finish: (key, update) =>
          this.#change(key, async (model, manifest, write) => {
            const after = update(manifest);
            await write(after);
            await model.keepNewest(this.keep, after, this.timers.nowMs());
          }),
      }),
    );
  }

  async prune(keep: number, filter?: Partial<ModelKey>): Promise<number> {
    checkKeep(keep);
    let gone = 0;
    for (const key of await this.keys(filter)) {
      gone += await this.#change(key, (model, manifest) => model.keepNewest(keep, manifest, this.timers.nowMs()));
    }
    return gone;
  }

  onChange(listener: StoreListener): () => void {
    const own: StoreListener = (key) => listener(key);
    this.#listeners.add(own);
    this.listening(true);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.listening(false);
    };
  }

  protected announce({ name, device }: ModelKey): void {
    for (const listener of [...this.#listeners]) listener({ name, device });
  }

  /** Replaces a manifest and returns the model as it is then. */
  #revise(key: ModelKey, task: (model: StoredModel, manifest: Manifest) => Promise<Manifest>): Promise<ModelSummary> {
    return this.#change(key, async (model, manifest, write) => {
      const after = await task(model, manifest);
      await write(after);
      return summaryOf(model, after);
    });
  }

  /** Stores a version by `task`, in a model that may be new, and returns it as it is then. */
  #add(artifact: Artifact, task: Change<Artifact>): Promise<Artifact> {
    return this.#change(artifact, task, true);
  }

  /** Says so to the listeners where what is in use has changed. */
  async #change<T>(key: ModelKey, task: Change<T>, create = false): Promise<T> {
    let changed = false;
    const run: Change<T> = (model, manifest, write) =>
      task(model, manifest, async (after) => {
        await write(after);
        changed ||= isOtherInUse(manifest, after);
      });
    const result = await this.guard(() => this.exclusively(key, run, create));
    if (changed) this.announce(key);
    return result;
  }
}

/** True where users of the model must look again. */
export function isOtherInUse(before: Manifest, after: Manifest): boolean {
  return after.active !== before.active || after.threshold !== before.threshold;
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
async function refuseForecaster(model: StoredModel, { active }: Manifest): Promise<void> {
  const version = active ?? (await model.newestReadable(Infinity));
  const summary = version === null ? null : await model.summary(version);
  if (summary?.kind !== 'forecaster') return;
  const hint = 'give limits to ml-forecast instead';
  throw new MlError('CONFLICT', `${describe(model.key)} forecasts, so that it has no threshold: ${hint}.`);
}

function checkKeep(keep: number): number {
  if (Number.isSafeInteger(keep) && keep >= 1) return keep;
  throw new MlError(
    'PARAMETER',
    `The number of versions to keep must be a whole number of at least 1, got ${show(keep)}.`,
  );
}
