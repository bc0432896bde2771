import { join } from 'node:path';
import { BoundedMap } from '../core/bounded-map';
import { decodeArtifact } from '../core/codec';
import { messageOf } from '../core/errors';
import { MAX_SEALED_LENGTH } from '../core/sealed';
import { namesIn, readText } from './files';
import { decodeManifest, newManifest } from './manifest';
import { ModelFolder, type KnownSummary } from './model-folder';
import { compareKeys, decodeName, encodeName } from './names';
import type { ModelKey, ModelSummary } from './store';
import { summaryOf } from './stored-model';

const MOST_KNOWN = 20_000;

/** All models of a store: `models/NAME/DEVICE/` in its folder. */
export class ModelFolders {
  readonly #models: string;
  readonly #known = new BoundedMap<string, KnownSummary>(MOST_KNOWN);

  constructor(
    folder: string,
    private readonly temporary: string,
  ) {
    this.#models = join(folder, 'models');
  }

  /** The folder of a model, be it there or not. */
  of({ name, device }: ModelKey): ModelFolder {
    const path = join(this.#models, encodeName(name), encodeName(device));
    return new ModelFolder({ name, device }, path, this.temporary, this.#known);
  }

  /** Those that have a version, sorted by name and device. */
  async all({ name, device }: Partial<ModelKey> = {}): Promise<readonly ModelFolder[]> {
    const folders: ModelFolder[] = [];
    for (const nameFolder of name === undefined ? await namesIn(this.#models) : [encodeName(name)]) {
      const inside = join(this.#models, nameFolder);
      for (const deviceFolder of device === undefined ? await namesIn(inside) : [encodeName(device)]) {
        const key = await this.#keyOf(nameFolder, deviceFolder);
        const folder = key === null ? null : this.of(key);
        if (folder !== null && (await folder.versions()).length > 0) folders.push(folder);
      }
    }
    return folders.sort((a, b) => compareKeys(a.key, b.key));
  }

  /** Never rejects: what cannot be read is said in the summary. */
  async summarize(folder: ModelFolder): Promise<ModelSummary> {
    try {
      const manifest = (await folder.manifest()) ?? newManifest(folder.key);
      return summaryOf(folder, manifest);
    } catch (error) {
      return { ...(await summaryOf(folder, newManifest(folder.key), [])), problem: messageOf(error) };
    }
  }

  /** The model a folder is of; null where the folder is none of a store's. */
  async #keyOf(nameFolder: string, deviceFolder: string): Promise<ModelKey | null> {
    const name = decodeName(nameFolder);
    const device = decodeName(deviceFolder);
    if (name === undefined || device === undefined) return null;
    if (name !== null && device !== null) return { name, device };
    // Too long to be written out in the folder's name: the files inside say it.
    const stored = await keyInside(join(this.#models, nameFolder, deviceFolder));
    if (stored === null || encodeName(stored.name) !== nameFolder || encodeName(stored.device) !== deviceFolder) {
      return null;
    }
    return stored;
  }
}

async function keyInside(path: string): Promise<ModelKey | null> {
  const files = (await namesIn(path)).filter((file) => file.endsWith('.json')).sort();
  for (const file of files) {
    try {
      const sealed = (await readText(join(path, file), MAX_SEALED_LENGTH)) ?? '';
      const { name, device } = file.startsWith('manifest') ? decodeManifest(sealed) : decodeArtifact(sealed);
      return { name, device };
    } catch {
      // Damaged: another file may still say it.
    }
  }
  return null;
}
