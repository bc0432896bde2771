import { join, resolve } from 'node:path';
import { cleanTemporary, asStoreError } from './files';
import { Turns } from './lock';
import { ManifestWatch } from './manifest-watch';
import type { ModelFolder } from './model-folder';
import { ModelFolders } from './model-folders';
import type { ModelKey, ModelSummary } from './store';
import type { Change } from './stored-model';
import { systemTimers, type Timers } from './timers';
import { DEFAULT_KEEP, VersionedStore } from './versioned-store';

export interface FolderStoreOptions {
  readonly keep?: number;
  readonly timers?: Timers;
}

/**
 * A store in a folder: `models/NAME/DEVICE/` holds `manifest.json` and the version files; see `ModelFolder`. Files are
 * for their owner only, written whole or not at all; several processes may use one folder.
 */
export class FolderStore extends VersionedStore {
  readonly folder: string;
  readonly #temporary: string;
  readonly #folders: ModelFolders;
  readonly #watch: ManifestWatch;
  readonly #turns = new Turns();
  #cleaned: Promise<void> | null = null;

  /** @param folder - made when the first version is saved */
  constructor(folder: string, { keep = DEFAULT_KEEP, timers = systemTimers }: FolderStoreOptions = {}) {
    super(keep, timers);
    this.folder = resolve(folder);
    this.#temporary = join(this.folder, 'tmp');
    this.#folders = new ModelFolders(this.folder, this.#temporary);
    this.#watch = new ManifestWatch(timers, (key) => this.announce(key));
  }

  keys(filter?: Partial<ModelKey>): Promise<readonly ModelKey[]> {
    return this.guard(async () => (await this.#folders.all(filter)).map(({ key }) => key));
  }

  list(filter?: Partial<ModelKey>): Promise<readonly ModelSummary[]> {
    return this.guard(async () => {
      const summaries: ModelSummary[] = [];
      for (const folder of await this.#folders.all(filter)) summaries.push(await this.#folders.summarize(folder));
      return summaries;
    });
  }

  protected of(key: ModelKey): ModelFolder {
    return this.#folders.of(key);
  }

  protected all(filter?: Partial<ModelKey>): Promise<readonly ModelFolder[]> {
    return this.#folders.all(filter);
  }

  protected watch({ key }: ModelFolder): Promise<void> {
    return this.#watch.saw(key, this.of(key).manifestPath);
  }

  protected listening(on: boolean): void {
    if (on) this.#watch.start();
    else this.#watch.stop();
  }

  protected exclusively<T>(key: ModelKey, task: Change<T>, create: boolean): Promise<T> {
    const folder = this.of(key);
    return this.#turns.take(folder.path, async () => {
      if (create) {
        await (this.#cleaned ??= cleanTemporary(this.#temporary, this.timers.nowMs()).catch(() => undefined));
        await folder.create();
      }
      return folder.change((manifest, write) =>
        task(folder, manifest, async (after) => {
          await write(after);
          await this.#watch.saw(folder.key, folder.manifestPath);
        }),
      );
    });
  }

  protected async guard<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw asStoreError(error, this.folder);
    }
  }
}
