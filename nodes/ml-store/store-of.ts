import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import { DEFAULT_KEEP } from '../../lib/store/versioned-store';
import { openStore, type OpenStore } from '../../lib/store/open-store';
import { patientStore } from '../../lib/store/patient-store';
import { databaseOf } from '../ml-database/database-of';
import { showConnection } from '../shared/connection';

/** What the `ml-store` config node offers the nodes that use it. */
export interface MlStoreNode extends Node {
  /** Id of the `ml-database` that models live in; null: they live in the folder. */
  readonly database: string | null;
  /** Of the running state, and of the models where they live in no database. */
  readonly folder: string;
  readonly keep: number | undefined;
}

/** A store's folder: below Node-RED's user directory where it is relative, `flowsight-ml` there where it is empty. */
export function storeFolder(RED: NodeAPI, folder: string): string {
  const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
  return resolve(userDir, folder.trim() === '' ? 'flowsight-ml' : folder.trim());
}

/** The `ml-store` config node of that id, or null where there is none that works. */
export function storeNode(RED: NodeAPI, id: string): MlStoreNode | null {
  const found = RED.nodes.getNode(id) as MlStoreNode | null | undefined;
  return found?.type === 'ml-store' ? found : null;
}

/**
 * The store a node uses: that of its `ml-store` config node, or the default folder. The node calls `release` when it
 * is closed, after it has put its last states. Where models live in a database, the node shows its connection.
 * @param node - warned of what is found damaged
 * @throws MlError `STORE` where the config node is missing, `DATABASE` where its database is
 */
export function storeOf(RED: NodeAPI, node: Node, id: string | undefined): OpenStore {
  const report = (problem: string): void => node.warn(problem);
  if (id === undefined || id === '') return openStore(storeFolder(RED, ''), { report });
  const chosen = storeNode(RED, id);
  if (chosen === null) {
    throw new MlError(
      'STORE',
      'The store this node uses is missing or switched off; choose another one in its settings.',
    );
  }
  const { folder, keep, database } = chosen;
  if (database !== null) return inDatabase(RED, node, chosen, database);
  return openStore(folder, keep === undefined ? { report } : { report, keep });
}

function inDatabase(RED: NodeAPI, node: Node, { folder, keep = DEFAULT_KEEP }: MlStoreNode, id: string): OpenStore {
  const used = databaseOf(RED, id);
  // Where several stores in one database differ, the largest number holds, as with a folder.
  used.models.keep = Math.max(used.models.keep, keep);
  const files = openStore(folder, { report: (problem) => node.warn(problem) });
  const closing = new AbortController();
  const stopShowing = showConnection(RED, node, used);
  const letGo = used.hold();
  // Called before the node's own listener, which waits for what is being saved: that must not wait for a database.
  node.on('close', () => {
    stopShowing();
    closing.abort();
  });
  return {
    ...files,
    keep: used.models.keep,
    models: patientStore(used.models, () => used.database.whenConnected(closing.signal)),
    release: async () => {
      await files.release();
      letGo();
    },
  };
}
