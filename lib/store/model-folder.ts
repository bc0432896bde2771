import { randomUUID } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withCard, type Artifact } from '../core/artifact';
import type { BoundedMap } from '../core/bounded-map';
import { decodeArtifact, encodeArtifact } from '../core/codec';
import { MlError, messageOf } from '../core/errors';
import { isNewer, MAX_SEALED_LENGTH } from '../core/sealed';
import { hasCode, makeFolder, moveInto, namesIn, readText, replaceFile } from './files';
import { withLock } from './lock';
import { decodeManifest, describe, encodeManifest, newManifest, type Manifest } from './manifest';
import type { ModelKey, VersionSummary } from './store';
import type { StoredModel, WriteManifest } from './stored-model';

const MANIFEST = 'manifest.json';
const VERSION_FILE = /^v([1-9][0-9]{0,14})\.json$/;
/** A number that was claimed and not used for so long was left by a crash. */
const STALE_CLAIM_MS = 3_600_000;

/** What reading a version file gave, good as long as the file has this size and age. */
export interface KnownSummary {
  readonly mtimeMs: number;
  readonly summary: VersionSummary;
}

/**
 * One model's folder: `manifest.json` and version files `v1.json`, `v2.json` … that never change.
 *
 * A number is claimed by creating its file exclusively, empty; the version then takes the empty file's place in one
 * rename. An empty file is therefore no version, but its number is taken.
 */
export class ModelFolder implements StoredModel {
  constructor(
    readonly key: ModelKey,
    readonly path: string,
    private readonly temporary: string,
    private readonly known: BoundedMap<string, KnownSummary>,
  ) {}

  get manifestPath(): string {
    return join(this.path, MANIFEST);
  }

  /** Numbers of the versions that are there, rising. */
  async versions(): Promise<readonly number[]> {
    const files = await this.#versionFiles();
    return files.filter(({ bytes }) => bytes > 0).map(({ version }) => version);
  }

  /** @throws MlError `NOT_FOUND`, `ARTIFACT` or `LIMIT` */
  async read(version: number): Promise<Artifact> {
    return this.#decode(version, await this.readSealed(version));
  }

  /** A version as its file holds it, unchecked. */
  async readSealed(version: number): Promise<string> {
    const sealed = await readText(this.#versionPath(version), MAX_SEALED_LENGTH);
    if (sealed !== null && sealed !== '') return sealed;
    const there = (await this.versions()).join(', ') || 'none';
    throw new MlError('NOT_FOUND', `There is no version ${version} of ${describe(this.key)}; there are: ${there}.`);
  }

  /** What `list` shows of a version; reads the file where that has not been done yet. Null where it has just gone. */
  async summary(version: number): Promise<VersionSummary | null> {
    const path = this.#versionPath(version);
    const found = await stat(path).catch(() => null);
    if (found === null) return null;
    const { size: bytes, mtimeMs } = found;
    const known = this.known.get(path);
    if (known?.mtimeMs === mtimeMs && known.summary.bytes === bytes) return known.summary;
    const summary = await this.#summarize(version, bytes, mtimeMs);
    this.known.set(path, { mtimeMs, summary });
    return summary;
  }

  /** Null where there is no such model. A damaged or lost manifest is made anew from the versions. */
  async manifest(): Promise<Manifest | null> {
    let damage = 'The manifest was lost.';
    try {
      const sealed = await readText(this.manifestPath, MAX_SEALED_LENGTH);
      if (sealed !== null) return await this.#withVersion(decodeManifest(sealed));
      if ((await this.versions()).length === 0) return null;
    } catch (error) {
      if (!(error instanceof MlError) || isNewer(error)) throw error;
      damage = error.message;
    }
    return this.#standIn(newManifest(this.key), `${damage} A pin and a threshold of your own are lost.`);
  }

  /** @throws MlError `NOT_FOUND` where there is no such model */
  async existingManifest(): Promise<Manifest> {
    const manifest = await this.manifest();
    if (manifest === null) throw new MlError('NOT_FOUND', `There is no model ${describe(this.key)}.`);
    return manifest;
  }

  /** Makes folder and manifest where they are not there yet: a first version never stands there without a manifest. */
  async create(): Promise<void> {
    if ((await this.manifest()) !== null) return;
    await makeFolder(this.path);
    await this.#withLock(async () => {
      if ((await this.manifest()) === null) await this.#write(newManifest(this.key));
    });
  }

  /**
   * Runs `task` while nobody else, in no process, changes the manifest.
   * @throws MlError `NOT_FOUND` where there is no such model
   */
  async change<T>(task: (manifest: Manifest, write: WriteManifest) => Promise<T>): Promise<T> {
    await this.existingManifest();
    return this.#withLock(async () => task(await this.existingManifest(), (manifest) => this.#write(manifest)));
  }

  /** The newest version below `limit` that can be read, or null. */
  async newestReadable(limit: number): Promise<number | null> {
    for (const version of (await this.versions()).toReversed()) {
      if (version < limit && (await this.#readable(version)) !== null) return version;
    }
    return null;
  }

  /** Stores a version under the next free number and returns it with the number filled in. */
  async add(artifact: Artifact, newest: number): Promise<Artifact> {
    const taken = (await this.#versionFiles()).map(({ version }) => version);
    let version = Math.max(newest, 0, ...taken) + 1;
    while (!(await this.#claim(version))) version++;
    try {
      const numbered: Artifact = { ...withCard(artifact, { version }), version };
      await replaceFile(this.temporary, this.#versionPath(version), encodeArtifact(numbered));
      return numbered;
    } catch (error) {
      await this.remove(version);
      throw error;
    }
  }

  async remove(version: number): Promise<void> {
    const path = this.#versionPath(version);
    await rm(path, { force: true });
    this.known.delete(path);
  }

  /** Deletes all but the newest `keep` versions and the active one; to be called within `change`. Returns how many went. */
  async keepNewest(keep: number, { active }: Manifest, nowMs: number): Promise<number> {
    const files = await this.#versionFiles();
    const versions = files.filter(({ bytes }) => bytes > 0).map(({ version }) => version);
    const newest = versions.at(-1) ?? 0;
    // Below the newest version no number is ever claimed again, so that nothing can be lost by freeing one.
    const abandoned = files.filter(
      ({ bytes, version, mtimeMs }) => bytes === 0 && version < newest && nowMs - mtimeMs > STALE_CLAIM_MS,
    );
    for (const { version } of abandoned) await this.remove(version);
    const doomed = versions.slice(0, -keep).filter((version) => version !== active);
    for (const version of doomed) await this.remove(version);
    return doomed.length;
  }

  /** Takes the whole model away in one step; to be called within `change`. */
  async removeAll(): Promise<void> {
    const aside = join(this.temporary, randomUUID());
    await makeFolder(this.temporary);
    await moveInto(this.path, aside);
    await rm(aside, { recursive: true, force: true });
  }

  #versionPath(version: number): string {
    return join(this.path, `v${version}.json`);
  }

  async #versionFiles(): Promise<readonly { version: number; bytes: number; mtimeMs: number }[]> {
    const files = [];
    for (const name of await namesIn(this.path)) {
      const version = Number(VERSION_FILE.exec(name)?.[1]);
      if (!Number.isSafeInteger(version)) continue;
      const found = await stat(join(this.path, name)).catch(() => null);
      if (found?.isFile()) files.push({ version, bytes: found.size, mtimeMs: found.mtimeMs });
    }
    return files.sort((a, b) => a.version - b.version);
  }

  #decode(version: number, sealed: string): Artifact {
    try {
      return decodeArtifact(sealed);
    } catch (error) {
      const message = `Version ${version} of ${describe(this.key)} cannot be used: ${messageOf(error)}`;
      throw new MlError(error instanceof MlError ? error.code : 'ARTIFACT', message, { cause: error });
    }
  }

  async #summarize(version: number, bytes: number, mtimeMs: number): Promise<VersionSummary> {
    try {
      const { createdMs, kind, algorithm } = await this.read(version);
      return { version, createdMs, kind, algorithm: algorithm.id, bytes };
    } catch (error) {
      const unknown = { kind: 'unknown', algorithm: 'unknown' } as const;
      return { version, createdMs: mtimeMs, ...unknown, bytes, broken: messageOf(error) };
    }
  }

  /** A copy that was made while versions were saved may lack the active one. */
  async #withVersion(manifest: Manifest): Promise<Manifest> {
    const { active, newest } = manifest;
    if (active === null || (await this.versions()).includes(active)) return manifest;
    const standIn = await this.#standIn(manifest, `Version ${active}, the active one, is not there.`);
    return { ...standIn, newest };
  }

  /** The newest readable version that was active when it was stored becomes the active one, else the newest readable. */
  async #standIn(manifest: Manifest, damage: string): Promise<Manifest> {
    const versions = await this.versions();
    let active: number | null = null;
    for (const version of versions.toReversed()) {
      if ((await this.#readable(version))?.card.active !== true) continue;
      active = version;
      break;
    }
    active ??= await this.newestReadable(Infinity);
    const now = active === null ? 'No version can be read.' : `Version ${active} is taken as the active one.`;
    return { ...manifest, active, pinned: false, newest: versions.at(-1) ?? 0, problem: `${damage} ${now}` };
  }

  async #readable(version: number): Promise<Artifact | null> {
    try {
      return await this.read(version);
    } catch {
      return null;
    }
  }

  async #claim(version: number): Promise<boolean> {
    try {
      const file = await open(this.#versionPath(version), 'wx', 0o600);
      await file.close();
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
  }

  #withLock<T>(task: () => Promise<T>): Promise<T> {
    return withLock(join(this.path, 'manifest.lock'), task);
  }

  #write(manifest: Manifest): Promise<void> {
    return replaceFile(this.temporary, this.manifestPath, encodeManifest(manifest));
  }
}
