import type { Node, NodeStatus } from 'node-red';

/** Longest text that has room beside a node on the canvas. */
const MAX_TEXT = 19;

interface Line {
  /** What the node itself last said. */
  own: NodeStatus;
  /** Set while the node's work fails. */
  failure: NodeStatus | null;
  /** Of what it uses, such as databases; what it came to use last comes last. */
  readonly connections: Map<object, { readonly status: NodeStatus; readonly isUp: boolean }>;
  shown: NodeStatus;
}

const lines = new WeakMap<Node, Line>();

function lineOf(node: Node): Line {
  let line = lines.get(node);
  if (line === undefined) lines.set(node, (line = { own: {}, failure: null, connections: new Map(), shown: {} }));
  return line;
}

function isSame(one: NodeStatus, other: NodeStatus): boolean {
  return one.fill === other.fill && one.shape === other.shape && one.text === other.text;
}

/** A connection that is down comes before all else; one that is up is said where there is nothing else to say. */
function show(node: Node, line: Line): void {
  const { own, failure } = line;
  const connections = [...line.connections.values()];
  const down = connections.filter(({ isUp }) => !isUp).at(-1);
  const isSilent = Object.keys(failure ?? own).length === 0;
  const status = down?.status ?? (isSilent ? connections[0]?.status : undefined) ?? failure ?? own;
  if (isSame(status, line.shown)) return;
  line.shown = status;
  node.status(status);
}

function short(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/**
 * Shows a node's status, its text cut to what the canvas has room for; `{}` clears it. The same again costs nothing and
 * hides no failure, so that it may be called with each message and every second.
 */
export function setStatus(node: Node, status: NodeStatus): void {
  const line = lineOf(node);
  const own = status.text === undefined ? status : { ...status, text: short(status.text) };
  if (isSame(own, line.own)) return;
  line.own = own;
  line.failure = null;
  show(node, line);
}

/** Shows a red ring until the node says something else or `endFailure` is called. */
export function showFailure(node: Node, text: string): void {
  const line = lineOf(node);
  line.failure = { fill: 'red', shape: 'ring', text: short(text) };
  show(node, line);
}

/** After a failure, shows again what the node itself last said. */
export function endFailure(node: Node): void {
  const line = lines.get(node);
  if (line === undefined || line.failure === null) return;
  line.failure = null;
  show(node, line);
}

/**
 * Says how something that a node uses, such as a database, is connected.
 * @param used - tells it from others that the node uses
 */
export function connectionStatus(node: Node, used: object, status: NodeStatus, isUp: boolean): void {
  const line = lineOf(node);
  // What failed while it was away most likely failed for that.
  if (isUp && line.connections.get(used)?.isUp === false) line.failure = null;
  line.connections.set(used, {
    status: status.text === undefined ? status : { ...status, text: short(status.text) },
    isUp,
  });
  show(node, line);
}
