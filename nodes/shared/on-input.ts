import type { Node } from 'node-red';
import { isMlError, messageOf } from '../../lib/core/errors';

/** A message as it arrives: anything may be in it. */
export type InputMessage = Record<string, unknown>;

/** Sends on; one message, or one an output (null: none). */
export type Send = (message: object | readonly (object | null)[]) => void;

export type InputHandler = (message: InputMessage, send: Send) => void | Promise<void>;

/**
 * Handles a node's messages: `done` is called once a message, when the handler's work is finished, with the error where
 * it failed; nothing that the handler throws escapes. What a redeploy cancelled ends quietly.
 */
export function onInput(node: Node, handler: InputHandler): void {
  node.on('input', (message, send, done) => {
    const fail = (thrown: unknown): void => {
      if (isMlError(thrown, 'ABORTED')) done();
      else done(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    };
    const handle = async (): Promise<void> => handler(message as object as InputMessage, send as Send);
    handle().then(() => done(), fail);
  });
}
