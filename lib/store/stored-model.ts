import type { Artifact } from '../core/artifact';
import type { Manifest } from './manifest';
import type { ModelKey, ModelSummary, VersionSummary } from './store';

/** One model where it is stored, be it there or not: a folder, or rows of a database. Implements no rules of its own. */
export interface StoredModel {
  readonly key: ModelKey;
  /** Numbers of the versions that are there, rising. */
  versions(): Promise<readonly number[]>;
  /** @throws MlError `NOT_FOUND`, `ARTIFACT` or `LIMIT` */
  read(version: number): Promise<Artifact>;
  /** A version as it is stored, unchecked. @throws MlError `NOT_FOUND` */
  readSealed(version: number): Promise<string>;
  /** What `list` shows of a version; null where it has just gone. */
  summary(version: number): Promise<VersionSummary | null>;
  /** Null where there is no such model. */
  manifest(): Promise<Manifest | null>;
  /** @throws MlError `NOT_FOUND` where there is no such model */
  existingManifest(): Promise<Manifest>;
  /** The newest version below `limit` that can be read, or null. */
  newestReadable(limit: number): Promise<number | null>;
  /** Stores a version under the next free number and returns it with the number filled in. */
  add(artifact: Artifact, newest: number): Promise<Artifact>;
  remove(version: number): Promise<void>;
  /** Deletes all but the newest `keep` versions and the active one; returns how many went. */
  keepNewest(keep: number, manifest: Manifest, nowMs: number): Promise<number>;
  /** Takes the whole model away. */
  removeAll(): Promise<void>;
}

/** Lets whoever changes a model alone replace its manifest. */
export type WriteManifest = (manifest: Manifest) => Promise<void>;

/** A change to one model, made while nobody else changes it. */
export type Change<T> = (model: StoredModel, manifest: Manifest, write: WriteManifest) => Promise<T>;

/** A model as `list` shows it. */
export async function summaryOf(
  model: StoredModel,
  { active, pinned, threshold, problem }: Manifest,
  numbers?: readonly number[],
): Promise<ModelSummary> {
  const versions: VersionSummary[] = [];
  for (const version of numbers ?? (await model.versions())) {
    const summary = await model.summary(version);
    if (summary !== null) versions.push(summary);
  }
  const summary = { ...model.key, active, pinned, threshold, versions };
  return problem === undefined ? summary : { ...summary, problem };
}
