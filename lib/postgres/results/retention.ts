import { setTimeout } from 'node:timers/promises';
import { identifier, type SqlClient } from '../sql';
import { existingTables } from '../tables';

/** Tables that grow with each reading, and the column by which a row is old. */
const GROWING: ReadonlyMap<string, string> = new Map([
  ['anomaly_scores', 'timestamp'],
  ['anomaly_detections', 'timestamp'],
  ['events', 'created_at'],
  ['metric_forecasts', 'timestamp'],
  ['metrics_history', 'timestamp'],
]);

/** Rows that one statement deletes: few enough to hold no lock for long, nor an embedded database's thread. */
const BATCH = 2000;
/** Between two batches, for those who write and read. */
const PAUSE_MS = 20;

/**
 * Deletes what the nodes wrote about times more than `days` ago, in small batches, from those tables that are there.
 * Several may call it at once: one of them does the work, the others find nothing to do.
 * @param days - at least 1
 * @param signal - stops it after the batch at work
 * @returns the rows that this call deleted
 * @throws MlError `DATABASE`
 */
export async function deleteOldResults(
  client: SqlClient,
  schema: string,
  days: number,
  signal?: AbortSignal,
): Promise<number> {
  let gone = 0;
  for (const name of await existingTables(client, schema, [...GROWING.keys()])) {
    let deleted = BATCH;
    while (deleted === BATCH && signal?.aborted !== true) {
      deleted = await deleteBatch(client, schema, name, days);
      gone += deleted;
      if (deleted === BATCH) await setTimeout(PAUSE_MS, undefined, { ref: false });
    }
  }
  return gone;
}

/** The rows deleted; 0 also where somebody else is at it. */
function deleteBatch(client: SqlClient, schema: string, name: string, days: number): Promise<number> {
  const table = identifier(schema, name);
  const time = identifier(GROWING.get(name)!);
  return client.transaction(async (session) => {
    const lock = `flowsight retention ${schema}`.replaceAll('\0', '');
    const [turn] = await session.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine',
      [lock],
    );
    if (turn?.mine !== true) return 0;
    const [row] = await session.query<{ deleted: number }>(
      `WITH gone AS (
         DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table} WHERE ${time} < now() - make_interval(days => $1::int) LIMIT ${BATCH}
         )) RETURNING 1
       ) SELECT count(*)::int AS deleted FROM gone`,
      [days],
    );
    return row?.deleted ?? 0;
  });
}
