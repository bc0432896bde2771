import type { Node, NodeAPI, NodeStatus } from 'node-red';
import helper from 'node-red-node-test-helper';
import { translate } from './catalogue';

export type NodeModule = (RED: NodeAPI) => void;

/** A node of a test's flow, as it stands in a flow file. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly wires?: readonly (readonly string[])[];
  readonly [property: string]: unknown;
}

/** A message as it comes out of a node. */
export type Message = Record<string, unknown>;

/** What became of one message that was given to a node. */
export interface Outcome {
  /** What the node sent for it, in order. */
  readonly sent: readonly unknown[];
  readonly error?: Error;
}

helper.init(require.resolve('node-red'));

/** The helper gives keys back as they are; here nodes get the texts of their locales. */
function withTexts(module: NodeModule): NodeModule {
  return (RED) => module(Object.assign(Object.create(RED) as NodeAPI, { _: translate }));
}

/** Starts a flow in a real Node-RED runtime without editor and disk. End it by `unloadFlow`. */
export async function loadFlow(
  modules: readonly NodeModule[],
  flow: readonly FlowNode[],
  settings: object = {},
  credentials: Readonly<Record<string, object>> = {},
): Promise<void> {
  helper.settings(settings);
  await helper.load(modules.map(withTexts), [...flow], { ...credentials });
}

export async function unloadFlow(): Promise<void> {
  await helper.unload();
}

/** A running node. @throws when there is none of that id */
export function runningNode(id: string): Node {
  const node = helper.getNode(id) as Node | null;
  if (node === null) throw new Error(`There is no node ${id}.`);
  return node;
}

/**
 * Gives a node a message and waits until it is done with it.
 * Rejects when the node says twice that it is done, or lets an error escape.
 */
export function give(node: Node, message: Message): Promise<Outcome> {
  // Node-RED calls the listener just so; what the node sends and how it is done is seen here instead of in a flow.
  type Listener = (this: Node, message: Message, send: (sent: unknown) => void, done: (error?: Error) => void) => void;
  const { _inputCallback: listener } = node as unknown as { readonly _inputCallback: Listener };
  return new Promise((resolve, reject) => {
    const sent: unknown[] = [];
    let calls = 0;
    listener.call(
      node,
      message,
      (out) => sent.push(out),
      (error) => {
        calls += 1;
        if (calls > 1) reject(new Error('done was called twice'));
        // Whatever wrongly follows `done` gets the chance to.
        else setImmediate(() => resolve(error === undefined ? { sent } : { sent, error }));
      },
    );
  });
}

/** The next messages that arrive at a node of type `helper`. */
export function arrivals(id: string, count: number): Promise<Message[]> {
  return new Promise((resolve) => {
    const messages: Message[] = [];
    runningNode(id).on('input', (message) => {
      messages.push(message);
      if (messages.length === count) resolve(messages);
    });
  });
}

/** The next status of a node for which `wanted` holds. */
export function nextStatus(node: Node, wanted: (status: NodeStatus) => boolean): Promise<NodeStatus> {
  return new Promise((resolve) => {
    const listener = (call: { args: [NodeStatus] }): void => {
      if (!wanted(call.args[0])) return;
      node.removeListener('call:status', listener);
      resolve(call.args[0]);
    };
    (node as unknown as NodeJS.EventEmitter).on('call:status', listener);
  });
}
