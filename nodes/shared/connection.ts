import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { DatabaseState } from '../../lib/postgres/database';
import { connectionStatus } from './status';
import { sharedWords } from './words';

const LOOKS: Readonly<Record<DatabaseState, NodeStatus>> = {
  connecting: { fill: 'yellow', shape: 'ring' },
  connected: { fill: 'green', shape: 'dot' },
  disconnected: { fill: 'red', shape: 'ring' },
};

/**
 * Shows a database's connection in a node's status, as the core MQTT nodes do: while it is not connected before all
 * else, while it is where the node has nothing of its own to say. Returns the way to stop it.
 */
export function showConnection(
  RED: NodeAPI,
  node: Node,
  used: { onState(listener: (state: DatabaseState) => void): () => void },
): () => void {
  return used.onState((state) => {
    connectionStatus(node, used, { ...LOOKS[state], text: sharedWords(RED, `status.${state}`) }, state === 'connected');
  });
}
