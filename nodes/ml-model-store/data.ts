import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import { migrate } from '../../lib/postgres/migrations';
import { databaseOf, type OfferedDatabase } from '../ml-database/database-of';
import { historyOf, type NodeHistory } from '../shared/history';
import { readMessages, type ReadMessage } from '../shared/read-messages';
import type { DataAction, MlModelStoreConfig } from './config';

/** Where readings and results of a node are. */
export interface Data extends Pick<OfferedDatabase, 'database' | 'schema' | 'results'> {
  readonly history: NodeHistory;
  /** True where past readings are those that this package has written. */
  readonly isHistoryOwn: boolean;
  /** Has this package's tables made, where nothing has been written yet: then there is nothing to be found. */
  readonly ready: () => Promise<void>;
  /** Finds the readings in a message. */
  readonly read: ReadMessage;
  /** Aborted when the node closes. */
  readonly signal: AbortSignal;
}

/** The way to the readings and results in the database that is chosen in a node's form, if one is. */
export interface DataAccess {
  /** @throws MlError `PARAMETER` where none is chosen */
  readonly dataFor: (action: DataAction) => Data;
  /** Called when the node has closed: until then the database stays open, for what is still to be written. */
  readonly release: () => void;
}

/** @throws MlError `DATABASE`, `PARAMETER` for settings that make no sense */
export function dataOf(RED: NodeAPI, node: Node, config: MlModelStoreConfig): DataAccess {
  if (config.database === '') {
    return {
      dataFor: (action) => {
        throw new MlError('PARAMETER', `For the action ${action}, choose a database in the node's settings.`);
      },
      release: () => undefined,
    };
  }
  const used = databaseOf(RED, config.database);
  const { database, schema, results } = used;
  const closing = new AbortController();
  node.on('close', () => closing.abort());
  const data: Data = {
    database,
    schema,
    results,
    history: historyOf(RED, node, config),
    isHistoryOwn: config.historyLayout === 'written',
    ready: () => migrate(database, schema),
    read: readMessages(RED, node, {}),
    signal: closing.signal,
  };
  return { dataFor: () => data, release: used.hold() };
}
