import type { Artifact } from '../core/artifact';
import type { BoundedMap } from '../core/bounded-map';
import { decodeArtifact } from '../core/codec';
import { isMlError, messageOf, MlError } from '../core/errors';
import { identifier, type SqlSession } from '../postgres/sql';
import { databaseName, nameFromDatabase } from './database-names';
import { describe } from './manifest';
import type { ModelKey, VersionSummary } from './store';

/** What was found of a version, good as long as its row carries this mark. */
export interface KnownRow {
  readonly mark: string;
  readonly summary: VersionSummary;
}

interface Row {
  readonly name: string;
  readonly device: string;
  readonly version: number;
  readonly createdMs: number;
  readonly kind: VersionSummary['kind'];
  readonly algorithm: string;
  readonly bytes: number;
  /** Of the transaction that wrote the row last. */
  readonly mark: string;
}

/** Versions whose checksums are compared in one statement. */
const BATCH = 200;

/**
 * True where the checksum in a sealed text is that of its body, compared by the server so that no artifact has to travel
 * for a list. A text laid out in another way counts as false, and is then read and judged here.
 */
const INTACT = `encode(sha256(convert_to(substr(artifact, strpos(artifact, '"body":') + 7,
  greatest(length(artifact) - strpos(artifact, '"body":') - 7, 0)), 'UTF8')), 'hex')
  = substr(artifact, strpos(artifact, '"sha256":"') + 10, 64)`;

/** The versions in the table `ml_models`, as `list` shows them. */
export class VersionRows {
  readonly #table: string;

  constructor(
    schema: string,
    private readonly known: BoundedMap<string, KnownRow>,
  ) {
    this.#table = identifier(schema, 'ml_models');
  }

  /** Those of the models that match, rising within each model. */
  async summaries(
    session: SqlSession,
    { name, device, version }: Partial<ModelKey> & { readonly version?: number },
  ): Promise<readonly (ModelKey & { readonly summary: VersionSummary })[]> {
    const rows = await session.query<Row>(
      `SELECT name, device, version, round(extract(epoch FROM created_at) * 1000)::float8 AS "createdMs", kind, algorithm,
         bytes, xmin::text AS mark
       FROM ${this.#table}
       WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR device = $2) AND ($3::int IS NULL OR version = $3)
       ORDER BY name, device, version`,
      [
        name === undefined ? null : databaseName(name),
        device === undefined ? null : databaseName(device),
        version ?? null,
      ],
    );
    const unknown = rows.filter((row) => this.known.get(idOf(row))?.mark !== row.mark);
    for (let i = 0; i < unknown.length; i += BATCH) await this.#check(session, unknown.slice(i, i + BATCH));
    return rows.map((row) => ({
      name: nameFromDatabase(row.name),
      device: nameFromDatabase(row.device),
      summary: this.known.get(idOf(row))?.summary ?? summaryOf(row),
    }));
  }

  /** @throws MlError `NOT_FOUND` where it is not there, naming those that are; `ARTIFACT` or `LIMIT` where it is damaged */
  async read(session: SqlSession, key: ModelKey, version: number): Promise<Artifact> {
    const sealed = await this.readSealed(session, key, version);
    try {
      return decodeArtifact(sealed);
    } catch (error) {
      const message = `Version ${version} of ${describe(key)} cannot be used: ${messageOf(error)}`;
      throw new MlError(isMlError(error) ? error.code : 'ARTIFACT', message, { cause: error });
    }
  }

  /** @throws MlError `NOT_FOUND` */
  async readSealed(session: SqlSession, key: ModelKey, version: number): Promise<string> {
    const rows = await session.query<{ version: number; artifact: string | null }>(
      `SELECT version, CASE WHEN version = $3 THEN artifact END AS artifact FROM ${this.#table}
       WHERE name = $1 AND device = $2 ORDER BY version`,
      // Any number may be asked for; one that fits into no row is not there.
      [databaseName(key.name), databaseName(key.device), version >= 1 && version < 2 ** 31 ? Math.floor(version) : 0],
    );
    const found = rows.find((row) => row.version === version)?.artifact;
    if (typeof found === 'string') return found;
    const there = rows.map((row) => row.version).join(', ') || 'none';
    throw new MlError('NOT_FOUND', `There is no version ${version} of ${describe(key)}; there are: ${there}.`);
  }

  async #check(session: SqlSession, rows: readonly Row[]): Promise<void> {
    const intact = await session.query<{ name: string; device: string; version: number }>(
      `SELECT name, device, version FROM ${this.#table}
       JOIN unnest($1::text[], $2::text[], $3::int[]) AS wanted (name, device, version) USING (name, device, version)
       WHERE ${INTACT}`,
      [rows.map(({ name }) => name), rows.map(({ device }) => device), rows.map(({ version }) => version)],
    );
    const sound = new Set(intact.map(idOf));
    for (const row of rows) {
      const summary = sound.has(idOf(row)) ? summaryOf(row) : await this.#judge(session, row);
      this.known.set(idOf(row), { mark: row.mark, summary });
    }
  }

  async #judge(session: SqlSession, row: Row): Promise<VersionSummary> {
    try {
      const key = { name: nameFromDatabase(row.name), device: nameFromDatabase(row.device) };
      await this.read(session, key, row.version);
      return summaryOf(row);
    } catch (error) {
      if (isMlError(error, 'DATABASE')) throw error;
      return { ...summaryOf(row), kind: 'unknown', algorithm: 'unknown', broken: messageOf(error) };
    }
  }
}

function summaryOf({ version, createdMs, kind, algorithm, bytes }: Row): VersionSummary {
  return { version, createdMs, kind, algorithm, bytes };
}

function idOf({ name, device, version }: Pick<Row, 'name' | 'device' | 'version'>): string {
  return JSON.stringify([name, device, version]);
}
