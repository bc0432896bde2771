import { withCard, type Artifact } from '../core/artifact';
import { encodeArtifact } from '../core/codec';
import { isMlError, MlError } from '../core/errors';
import { identifier, type SqlSession } from '../postgres/sql';
import { databaseKey } from './database-names';
import { describe, newManifest, type Manifest } from './manifest';
import type { ModelKey, VersionSummary } from './store';
import type { StoredModel } from './stored-model';
import type { VersionRows } from './version-rows';

type ManifestRow = Pick<Manifest, 'active' | 'pinned' | 'threshold' | 'newest'>;

/** One model in a database: its row in `ml_model_manifests`, which whoever changes the model locks, and those in `ml_models`. */
export class ModelRows implements StoredModel {
  readonly #id: readonly [string, string];
  readonly #manifests: string;
  readonly #models: string;

  /** @throws MlError `PARAMETER` for a name that a database cannot hold */
  constructor(
    private readonly session: SqlSession,
    schema: string,
    readonly key: ModelKey,
    private readonly rows: VersionRows,
  ) {
    this.#id = databaseKey(key);
    this.#manifests = identifier(schema, 'ml_model_manifests');
    this.#models = identifier(schema, 'ml_models');
  }

  manifest(): Promise<Manifest | null> {
    return this.#select('');
  }

  async existingManifest(): Promise<Manifest> {
    return (await this.manifest()) ?? this.#missing();
  }

  /**
   * The manifest, locked until the transaction ends.
   * @param create - makes it where it is not there
   * @throws MlError `NOT_FOUND`
   */
  async lock(create: boolean): Promise<Manifest> {
    let manifest = await this.#select('FOR UPDATE');
    // Somebody may delete the model between the two statements: a person does so, and stops.
    while (manifest === null && create) {
      await this.session.query(
        `INSERT INTO ${this.#manifests} (name, device) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
        this.#id,
      );
      manifest = await this.#select('FOR UPDATE');
    }
    return manifest ?? this.#missing();
  }

  async write({ active, pinned, threshold, newest }: Manifest): Promise<void> {
    await this.session.query(
      `UPDATE ${this.#manifests} SET active = $3, pinned = $4, threshold = $5, newest = $6, updated_at = now()
       WHERE name = $1 AND device = $2`,
      [...this.#id, active, pinned, threshold, newest],
    );
  }

  async versions(): Promise<readonly number[]> {
    const rows = await this.session.query<{ version: number }>(
      `SELECT version FROM ${this.#models} WHERE name = $1 AND device = $2 ORDER BY version`,
      this.#id,
    );
    return rows.map(({ version }) => version);
  }

  read(version: number): Promise<Artifact> {
    return this.rows.read(this.session, this.key, version);
  }

  readSealed(version: number): Promise<string> {
    return this.rows.readSealed(this.session, this.key, version);
  }

  async summary(version: number): Promise<VersionSummary | null> {
    const [found] = await this.rows.summaries(this.session, { ...this.key, version });
    return found?.summary ?? null;
  }

  async newestReadable(limit: number): Promise<number | null> {
    for (const version of (await this.versions()).toReversed()) {
      if (version < limit && (await this.#isReadable(version))) return version;
    }
    return null;
  }

  async add(artifact: Artifact, newest: number): Promise<Artifact> {
    const version = Math.max(newest, ...(await this.versions())) + 1;
    const numbered: Artifact = { ...withCard(artifact, { version }), version };
    const sealed = encodeArtifact(numbered);
    await this.session.query(
      `INSERT INTO ${this.#models} (name, device, version, created_at, algorithm, kind, bytes, artifact)
       VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000), $5, $6, $7, $8)`,
      [...this.#id, version, artifact.createdMs, artifact.algorithm.id, artifact.kind, sealed.length, sealed],
    );
    return numbered;
  }

  async remove(version: number): Promise<void> {
    const which = [...this.#id, version];
    await this.session.query(`DELETE FROM ${this.#models} WHERE name = $1 AND device = $2 AND version = $3`, which);
  }

  async keepNewest(keep: number, { active }: Manifest): Promise<number> {
    const doomed = (await this.versions()).slice(0, -keep).filter((version) => version !== active);
    for (const version of doomed) await this.remove(version);
    return doomed.length;
  }

  async removeAll(): Promise<void> {
    for (const table of [this.#models, this.#manifests]) {
      await this.session.query(`DELETE FROM ${table} WHERE name = $1 AND device = $2`, this.#id);
    }
  }

  async #select(locking: 'FOR UPDATE' | ''): Promise<Manifest | null> {
    const [row] = await this.session.query<ManifestRow>(
      `SELECT active, pinned, threshold, newest FROM ${this.#manifests} WHERE name = $1 AND device = $2 ${locking}`,
      this.#id,
    );
    return row === undefined ? null : { ...newManifest(this.key), ...row };
  }

  async #isReadable(version: number): Promise<boolean> {
    try {
      await this.read(version);
      return true;
    } catch (error) {
      if (isMlError(error, 'DATABASE')) throw error;
      return false;
    }
  }

  #missing(): never {
    throw new MlError('NOT_FOUND', `There is no model ${describe(this.key)}.`);
  }
}
