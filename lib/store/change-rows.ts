import { createHash } from 'node:crypto';
import { identifier, type SqlClient, type SqlSession } from '../postgres/sql';
import { databaseKey, nameFromDatabase } from './database-names';
import type { ModelKey } from './store';

/** Rows of deleted models are of no use any more when every instance has had so long to see them. */
const KEEP_DELETED = '7 days';

/** The channel on which changes in a schema are told. */
export function channelOf(schema: string): string {
  return `flowsight_${createHash('sha256').update(schema).digest('hex').slice(0, 16)}`;
}

/**
 * The numbered changes in the table `ml_model_changes`. A change has its number before it is seen, and numbers become
 * visible in their order, so that whoever has seen one has seen all before it.
 */
export class ChangeRows {
  readonly #table: string;
  readonly #manifests: string;
  readonly #lock: string;

  constructor(private readonly schema: string) {
    this.#table = identifier(schema, 'ml_model_changes');
    this.#manifests = identifier(schema, 'ml_model_manifests');
    this.#lock = `flowsight changes ${schema}`;
  }

  /** The number of the last change; 0 where there was none. */
  async last(client: SqlClient): Promise<number> {
    const [row] = await client.query<{ last: number | null }>(`SELECT max(change)::float8 AS last FROM ${this.#table}`);
    return row?.last ?? 0;
  }

  /** The models that have changed since, and the number of each one's last change. */
  async since(
    client: SqlClient,
    last: number,
  ): Promise<readonly { readonly key: ModelKey; readonly change: number }[]> {
    const rows = await client.query<{ name: string; device: string; change: number }>(
      `SELECT name, device, change::float8 AS change FROM ${this.#table} WHERE change > $1 ORDER BY change`,
      [last],
    );
    return rows.map(({ name, device, change }) => ({
      key: { name: nameFromDatabase(name), device: nameFromDatabase(device) },
      change,
    }));
  }

  /** Says at the end of a transaction that a model has changed; returns the change's number. */
  async add(session: SqlSession, key: ModelKey): Promise<number> {
    // Held until the commit: otherwise a higher number could be seen before a lower one.
    await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [this.#lock]);
    const [row] = await session.query<{ change: number }>(
      `INSERT INTO ${this.#table} AS known (name, device, change)
       SELECT $1, $2, coalesce(max(change), 0) + 1 FROM ${this.#table}
       ON CONFLICT (name, device) DO UPDATE SET change = EXCLUDED.change, changed_at = now()
       RETURNING change::float8 AS change`,
      databaseKey(key),
    );
    await session.query(
      `DELETE FROM ${this.#table} AS known
       WHERE changed_at < now() - $1::interval AND change < (SELECT max(change) FROM ${this.#table})
         AND NOT EXISTS (SELECT FROM ${this.#manifests} AS manifest
                         WHERE manifest.name = known.name AND manifest.device = known.device)`,
      [KEEP_DELETED],
    );
    await session.query("SELECT pg_notify($1, '')", [channelOf(this.schema)]);
    return row!.change;
  }
}
