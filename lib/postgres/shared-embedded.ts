import { processWide } from '../core/process-wide';
import { openEmbedded } from './pglite-client';
import type { SqlClient } from './sql';

interface Shared {
  readonly opening: Promise<SqlClient>;
  users: number;
}

/**
 * The embedded database in a folder: one for all who open it in this process, since two on one folder would destroy it.
 * Whoever opens it closes it; the last one closes it in truth.
 * @param installedIn - as in `openEmbedded`
 * @throws MlError `DATABASE` as `openEmbedded`
 */
export async function openSharedEmbedded(folder: string, installedIn: string): Promise<SqlClient> {
  const databases = processWide('embedded-databases/1', () => new Map<string, Shared>());
  const closing = processWide('embedded-databases-closing/1', () => new Map<string, Promise<unknown>>());
  await closing.get(folder);
  const shared = databases.get(folder) ?? { opening: openEmbedded(folder, installedIn), users: 0 };
  databases.set(folder, shared);
  shared.users += 1;
  const leave = async (): Promise<void> => {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (databases.get(folder) === shared) databases.delete(folder);
    const ended = shared.opening.then((client) => client.close()).catch(() => undefined);
    closing.set(folder, ended);
    await ended;
    if (closing.get(folder) === ended) closing.delete(folder);
  };
  try {
    const client = await shared.opening;
    return {
      query: (text, values) => client.query(text, values),
      transaction: (work, readOnly) => client.transaction(work, readOnly),
      listen: (channel, onNotice) => client.listen(channel, onNotice),
      close: leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
