import type { Node, NodeAPI } from 'node-red';
import { explained, onInput, statusText } from './on-input';
import { showFailure } from './status';

/**
 * Runs what a node does when it is created. Settings that make no sense end in the node's status and in the error of
 * each message instead of a crash.
 * @param start - throws before it takes any input
 */
export function startNode(RED: NodeAPI, node: Node, start: () => void): void {
  try {
    start();
  } catch (error) {
    const { message } = explained(node, error);
    showFailure(node, statusText(RED, error));
    node.error(message);
    onInput(RED, node, () => {
      throw error;
    });
  }
}
