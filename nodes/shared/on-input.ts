import type { Node, NodeAPI } from 'node-red';
import { isMlError, messageOf } from '../../lib/core/errors';
import { endFailure, showFailure } from './status';
import { sharedWords } from './words';

/** A message as it arrives: anything may be in it. */
export type InputMessage = Record<string, unknown>;

/** Sends on; one message, or one an output (null: none). */
export type Send = (message: object | readonly (object | null)[]) => void;

export type InputHandler = (message: InputMessage, send: Send) => void | Promise<void>;

/**
 * Handles a node's messages. `done` is called once a message, when the handler's work is finished, with the error where
 * it failed; a failure shows as a red ring until the next success. Nothing that the handler throws escapes, and after
 * the node has closed nothing is sent or shown. A handler that returns no promise is finished when it returns.
 */
export function onInput(RED: NodeAPI, node: Node, handler: InputHandler): void {
  let closed = false;
  node.on('close', () => {
    closed = true;
  });
  node.on('input', (message, send, done) => {
    const succeed = (): void => {
      if (!closed) endFailure(node);
      done();
    };
    const fail = (thrown: unknown): void => {
      if (closed || isMlError(thrown, 'ABORTED')) {
        done();
        return;
      }
      showFailure(node, statusText(RED, thrown));
      done(explained(node, thrown));
    };
    const sendWhileOpen: Send = (sent) => {
      if (!closed) (send as Send)(sent);
    };
    let finished: void | Promise<void>;
    try {
      finished = handler(message, sendWhileOpen);
    } catch (error) {
      fail(error);
      return;
    }
    if (finished === undefined) succeed();
    else finished.then(succeed, fail);
  });
}

/** The few characters that stand beside the node. */
export function statusText(RED: NodeAPI, thrown: unknown): string {
  return sharedWords(RED, `status.${isMlError(thrown) ? thrown.code : 'unexpected'}`);
}

/** The error as a person can use it: the core's own sentences stay as they are. */
export function explained(node: Node, thrown: unknown): Error {
  if (isMlError(thrown)) return thrown;
  return new Error(
    `${node.type} met something unexpected with this message and goes on with the next one: ${messageOf(thrown)}. ` +
      'Please report it, with the message.',
    { cause: thrown },
  );
}
