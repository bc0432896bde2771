import { identifier, type SqlClient } from '../postgres/sql';
import { existingTables } from '../postgres/tables';

/** Models that one transaction looks after. */
const BATCH = 100;

/**
 * Deletes from a database the versions that came into it more than `days` ago and that nobody will want again. Of each
 * model three stay, however old: the one in use, the one before it, to which a rollback goes, and the newest.
 * @param days - at least 1
 * @returns the versions deleted; 0 also where the tables are not there
 * @throws MlError `DATABASE`
 */
export async function deleteUnusedVersions(client: SqlClient, schema: string, days: number): Promise<number> {
  if ((await existingTables(client, schema, ['ml_models'])).length === 0) return 0;
  let gone = 0;
  for (;;) {
    const { models, versions } = await deleteBatch(client, schema, days);
    gone += versions;
    if (models < BATCH) return gone;
  }
}

/** Whoever changes a model locks its manifest: so does this, and leaves those that somebody has locked for the next time. */
function deleteBatch(
  client: SqlClient,
  schema: string,
  days: number,
): Promise<{ readonly models: number; readonly versions: number }> {
  const models = identifier(schema, 'ml_models');
  const manifests = identifier(schema, 'ml_model_manifests');
  const unused = `SELECT name, device, version FROM (
      SELECT name, device, version, stored_at, active, max(version) OVER model AS newest,
        max(version) FILTER (WHERE version < active) OVER model AS before
      FROM ${models} JOIN ${manifests} USING (name, device)
      WINDOW model AS (PARTITION BY name, device)
    ) AS known
    WHERE stored_at < now() - make_interval(days => $1::int)
      AND version <> newest AND version IS DISTINCT FROM active AND version IS DISTINCT FROM before`;
  return client.transaction(async (session) => {
    const locked = await session.query<{ name: string; device: string }>(
      `SELECT name, device FROM ${manifests} WHERE (name, device) IN (SELECT name, device FROM (${unused}) AS unused)
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      [days],
    );
    const [row] = await session.query<{ versions: number }>(
      `WITH gone AS (
         DELETE FROM ${models} WHERE (name, device, version) IN (${unused})
           AND (name, device) IN (SELECT * FROM unnest($2::text[], $3::text[])) RETURNING 1
       ) SELECT count(*)::int AS versions FROM gone`,
      [days, locked.map(({ name }) => name), locked.map(({ device }) => device)],
    );
    return { models: locked.length, versions: row?.versions ?? 0 };
  });
}
