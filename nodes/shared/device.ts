import type { Node, NodeAPI } from 'node-red';
import { MlError, messageOf, show } from '../../lib/core/errors';
import type { ReadingConfig } from './config';
import type { InputMessage } from './on-input';

/** What a device setting gives for a message: blank where it has nothing to say. */
export type DeviceOf = (message: InputMessage) => unknown;

/** Property names that need no parser. */
const SIMPLE = /^[A-Za-z_$][\w$]*$/;

/**
 * Makes the typed input for the device ready to be asked with each message; it answers with a promise only for context
 * and JSONata. Blank: `msg.device`.
 * @throws MlError `PARAMETER` for a JSONata expression that cannot be read, or an unknown type
 */
export function deviceSetting(RED: NodeAPI, node: Node, config: Partial<ReadingConfig>): DeviceOf {
  const type = config.deviceType ?? 'msg';
  const value = (config.device ?? '').trim() || (type === 'msg' ? 'device' : '');
  switch (type) {
    case 'msg':
      return SIMPLE.test(value) ? (message) => message[value] : (message) => nested(RED, message, value);
    case 'str':
      return () => value;
    case 'env': {
      const found: unknown = RED.util.evaluateNodeProperty(value, type, node, {});
      return () => found;
    }
    case 'flow':
    case 'global':
      return (message) =>
        new Promise((resolve, reject) => {
          RED.util.evaluateNodeProperty(value, type, node, message, settle(node, resolve, reject));
        });
    case 'jsonata':
      return jsonata(RED, node, value);
    default:
      throw new MlError('PARAMETER', `${node.type}: the device cannot be taken from ${show(type)}.`);
  }
}

/** A property that is not there, or below one that is not there, is blank. */
function nested(RED: NodeAPI, message: InputMessage, path: string): unknown {
  try {
    return RED.util.getMessageProperty(message, path);
  } catch {
    return undefined;
  }
}

function jsonata(RED: NodeAPI, node: Node, text: string): DeviceOf {
  let expression: ReturnType<typeof RED.util.prepareJSONataExpression>;
  try {
    expression = RED.util.prepareJSONataExpression(text, node);
  } catch (error) {
    throw new MlError('PARAMETER', `${node.type}: the device's expression cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return (message) =>
    new Promise((resolve, reject) => {
      RED.util.evaluateJSONataExpression(expression, message, settle(node, resolve, reject));
    });
}

function settle(node: Node, resolve: (found: unknown) => void, reject: (error: MlError) => void) {
  return (error: unknown, found?: unknown): void => {
    if (error === null || error === undefined) resolve(found);
    else reject(new MlError('DATA', `${node.type}: the device could not be found: ${messageOf(error)}`));
  };
}
