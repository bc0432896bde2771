import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import type { Database, DatabaseState } from '../../lib/postgres/database';
import type { ResultsWriter } from '../../lib/postgres/results/results-writer';
import type { PostgresStore } from '../../lib/store/postgres-store';

/** What the `ml-database` config node offers the nodes that use it. */
export interface OfferedDatabase {
  /** Comes back by itself when it was away. */
  readonly database: Database;
  /** Schema of this package's tables; made by `migrate`. */
  readonly schema: string;
  /** The database in messages; holds no credentials. */
  readonly where: string;
  /** The model store in it, which all users share. */
  readonly models: PostgresStore;
  /** Writes results into it, for all users. */
  readonly results: ResultsWriter;
  /** Calls back with the state as it is, and with each change; returns the way to stop it. */
  onState(listener: (state: DatabaseState) => void): () => void;
  /**
   * Keeps the database open while a node closes, until the returned function is called: both are closed at the same
   * time, and a node may have something left to write.
   */
  hold(): () => void;
}

export type MlDatabaseNode = Node & OfferedDatabase;

/**
 * The `ml-database` config node of that id.
 * @throws MlError `DATABASE` where it is missing or its settings make no sense
 */
export function databaseOf(RED: NodeAPI, id: string | undefined): MlDatabaseNode {
  const found = RED.nodes.getNode(id ?? '') as Partial<MlDatabaseNode> | null | undefined;
  if (found?.type === 'ml-database' && found.database !== undefined) return found as MlDatabaseNode;
  const problem =
    found?.type === 'ml-database'
      ? 'has wrong settings; correct them'
      : 'is missing or switched off; choose another one';
  throw new MlError('DATABASE', `The database this node uses ${problem}.`);
}
