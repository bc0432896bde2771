import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import { openStore, type OpenStore } from '../../lib/store/open-store';

/** What the `ml-store` config node offers the nodes that use it. */
export interface MlStoreNode extends Node {
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
 * is closed, after it has put its last states.
 * @param node - warned of what is found damaged
 * @throws MlError `STORE` where the config node is missing
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
  const { folder, keep } = chosen;
  return openStore(folder, keep === undefined ? { report } : { report, keep });
}
