import type { Artifact } from '../core/artifact';

/** Names one model: the user's name for it and the device it belongs to (`*`: shared by all). */
export interface ModelKey {
  readonly name: string;
  readonly device: string;
}

/** One stored version, without its content. */
export interface VersionSummary {
  readonly version: number;
  readonly createdMs: number;
  /** Like the algorithm `unknown` where the version cannot be read. */
  readonly kind: Artifact['kind'] | 'unknown';
  readonly algorithm: string;
  readonly bytes: number;
  /** Set where the version cannot be read: what is wrong with it. */
  readonly broken?: string;
}

/** A model as `list` shows it: what its manifest says and the versions that exist. */
export interface ModelSummary extends ModelKey {
  /** The version in use; null when none has been activated. */
  readonly active: number | null;
  /** True after a rollback: newly trained versions do not become active by themselves. */
  readonly pinned: boolean;
  /** The user's threshold (score 0…1), where it replaces the one that training chose. */
  readonly threshold: number | null;
  readonly versions: readonly VersionSummary[];
  /** Set where the manifest could not be read and was made anew from the versions: what was lost, until the next change. */
  readonly problem?: string;
}

/** What changed, for caches: the model's active version or threshold. */
export type StoreListener = (key: ModelKey) => void;

/** What is in use now: the active version with the user's threshold, if any. */
export interface ActiveModel {
  readonly artifact: Artifact;
  readonly threshold: number | null;
}

export interface ImportReport {
  readonly imported: readonly (ModelKey & { readonly version: number })[];
  readonly failed: readonly { readonly what: string; readonly reason: string }[];
  /** What the checks can and cannot promise, in one sentence. */
  readonly note: string;
}

/**
 * Where models live. Folder and database implement it and pass the same tests.
 * Every method rejects with an `MlError`: `PARAMETER`, `NOT_FOUND`, `CONFLICT`, `ARTIFACT` (damaged), `LIMIT`,
 * `STORE` (the disk) or `DATABASE`.
 */
export interface ModelStore {
  /** All models, or those of one name, sorted by name and device. A broken file is reported in its summary, never thrown. */
  list(filter?: Partial<ModelKey>): Promise<readonly ModelSummary[]>;
  /** The names of all models, or of those that match, sorted by name and device; quick, since no version is read. */
  keys(filter?: Partial<ModelKey>): Promise<readonly ModelKey[]>;
  /** One version, by default the active one. */
  get(key: ModelKey, version?: number): Promise<Artifact>;
  /** The active version, or null where there is none; what `ml-detect` asks on a cache miss. */
  active(key: ModelKey): Promise<ActiveModel | null>;
  /**
   * Stores a new version under the next free number and returns it as stored, number and `card.active` filled in.
   * @param activate - make it the active one, unless the model is pinned
   */
  save(artifact: Artifact, activate: boolean): Promise<Artifact>;
  /** Makes a version the active one and ends a pin. */
  activate(key: ModelKey, version: number): Promise<ModelSummary>;
  /** Goes back to the version before the active one (or to the given one) and pins it. */
  rollback(key: ModelKey, version?: number): Promise<ModelSummary>;
  /** Deletes one version (not the active one), or the whole model. */
  delete(key: ModelKey, version?: number): Promise<void>;
  /** Replaces the threshold that training chose; null gives it back. Rejects with `CONFLICT` for a forecaster, which has none. */
  setThreshold(key: ModelKey, threshold: number | null): Promise<ModelSummary>;
  /**
   * The store's text form of everything, or of the models that match: all versions, or the one given, and manifests.
   * Rejects with `NOT_FOUND` where a filter matches nothing.
   */
  export(filter?: Partial<ModelKey>, version?: number): Promise<string>;
  /** Adds what `export` gave; versions get new numbers here, what was active there becomes active here. */
  import(text: string): Promise<ImportReport>;
  /** Deletes all but the newest `keep` versions of each model that matches, never the active one; returns how many went. */
  prune(keep: number, filter?: Partial<ModelKey>): Promise<number>;
  /** Calls back at once when a model's active version or threshold has changed; returns the way to stop it. */
  onChange(listener: StoreListener): () => void;
}
