import type { NodeAPI } from 'node-red';
import type { InputMessage, Send } from '../shared/on-input';

/**
 * Sends a text in pieces, one message each, as the core nodes do: `msg.parts` lets `join` put it together, and `file`
 * close what it has written; `msg.complete` says that it was the last.
 * @returns how many there were
 */
export async function sendPieces(
  RED: NodeAPI,
  message: InputMessage,
  pieces: AsyncIterable<string>,
  send: Send,
): Promise<number> {
  const { parts: outer } = message;
  const parts = {
    id: RED.util.generateId(),
    type: 'string',
    ch: '',
    ...(outer !== undefined && { parts: outer }),
  };
  message.payload = '';
  const sendOne = (payload: string, index: number, isLast: boolean): void => {
    const own = RED.util.cloneMessage(message);
    own.payload = payload;
    own.parts = isLast ? { ...parts, index, count: index + 1 } : { ...parts, index };
    if (isLast) own.complete = true;
    send(own);
  };
  let held: string | undefined;
  let index = 0;
  for await (const piece of pieces) {
    if (held !== undefined) sendOne(held, index++, false);
    held = piece;
  }
  sendOne(held ?? '', index, true);
  return index + 1;
}
