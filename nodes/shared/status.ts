import type { Node, NodeStatus } from 'node-red';

/** Longest text that has room beside a node on the canvas. */
const MAX_TEXT = 19;

interface Line {
  /** What the node itself last said. */
  own: NodeStatus;
  failing: boolean;
  shown: NodeStatus;
}

const lines = new WeakMap<Node, Line>();

function lineOf(node: Node): Line {
  let line = lines.get(node);
  if (line === undefined) lines.set(node, (line = { own: {}, failing: false, shown: {} }));
  return line;
}

function isSame(one: NodeStatus, other: NodeStatus): boolean {
  return one.fill === other.fill && one.shape === other.shape && one.text === other.text;
}

function show(node: Node, line: Line, status: NodeStatus): void {
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
  line.failing = false;
  show(node, line, own);
}

/** Shows a red ring until the node says something else or `endFailure` is called. */
export function showFailure(node: Node, text: string): void {
  const line = lineOf(node);
  line.failing = true;
  show(node, line, { fill: 'red', shape: 'ring', text: short(text) });
}

/** After a failure, shows again what the node itself last said. */
export function endFailure(node: Node): void {
  const line = lines.get(node);
  if (line?.failing !== true) return;
  line.failing = false;
  show(node, line, line.own);
}
