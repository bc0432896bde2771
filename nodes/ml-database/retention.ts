import { isMlError, messageOf } from '../../lib/core/errors';
import type { Database } from '../../lib/postgres/database';
import { isConnectionLost } from '../../lib/postgres/database-error';
import { deleteOldResults } from '../../lib/postgres/results/retention';
import { systemTimers, type Timers } from '../../lib/store/timers';
import { deleteUnusedVersions } from '../../lib/store/unused-versions';

export interface RetentionOptions {
  readonly database: Database;
  readonly schema: string;
  /** How long readings and what was found in them are kept; 0: for ever. */
  readonly keepDays: number;
  /** How long versions of models that are not in use are kept; 0: for ever. */
  readonly keepModelDays: number;
  /** Told what was deleted, where anything was. */
  readonly log: (rows: number, versions: number) => void;
  /** Told once that it cannot be done, until it could be done again. */
  readonly warn: (problem: string) => void;
  readonly timers?: Timers;
}

const HOUR_MS = 3_600_000;

/** Deletes what is older than it is to be kept, once the database is there and then each hour. Returns the way to stop it. */
export function startRetention({
  database,
  schema,
  keepDays,
  keepModelDays,
  log,
  warn,
  timers = systemTimers,
}: RetentionOptions): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  let cancel: () => void = () => undefined;
  let hasWarned = false;

  const run = async (): Promise<void> => {
    try {
      await database.whenConnected(signal);
      const rows = keepDays === 0 ? 0 : await deleteOldResults(database, schema, keepDays, signal);
      const versions = keepModelDays === 0 ? 0 : await deleteUnusedVersions(database, schema, keepModelDays);
      if (rows + versions > 0) log(rows, versions);
      hasWarned = false;
    } catch (error) {
      // A database that is away has been told of already.
      if (!hasWarned && !isMlError(error, 'ABORTED') && !isConnectionLost(error)) {
        hasWarned = true;
        warn(messageOf(error));
      }
    }
    if (!signal.aborted) cancel = timers.after(HOUR_MS, start);
  };
  const start = (): void => {
    run().catch(() => undefined);
  };
  start();
  return () => {
    stopping.abort();
    cancel();
  };
}
