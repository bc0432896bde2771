import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { MonitorStatus } from '../../lib/detection/monitor';
import { setStatus } from '../shared/status';

/** The worst there is to say, in the few characters that stand beside the node. */
export function showDetection(RED: NodeAPI, node: Node, now: MonitorStatus): void {
  const text = (key: string, values?: Record<string, number>): string => RED._(`ml-detect.status.${key}`, values);
  setStatus(node, statusOf(now, text));
}

/** What came of the last message whose readings were judged by themselves. */
export function showVerdicts(RED: NodeAPI, node: Node, rows: number, anomalies: number): void {
  const text = RED._('ml-detect.status.verdicts', { anomalies, rows });
  setStatus(node, { fill: anomalies > 0 ? 'yellow' : 'green', shape: 'dot', text });
}

function statusOf(
  { devices, alarms, critical, silent, model, learning }: MonitorStatus,
  text: (key: string, values?: Record<string, number>) => string,
): NodeStatus {
  if (alarms > 0) {
    const fill = critical > 0 ? 'red' : 'yellow';
    return { fill, shape: 'dot', text: alarms === 1 ? text('alarm') : text('alarms', { alarms }) };
  }
  if (silent > 0) return { fill: 'yellow', shape: 'ring', text: text('silent', { silent }) };
  if (learning !== null) return { fill: 'blue', shape: 'ring', text: text('learning', { ...learning }) };
  if (model !== null) return { fill: 'green', shape: 'dot', text: text('normal') };
  return { fill: 'yellow', shape: 'ring', text: text(devices === 0 ? 'waiting' : 'noModel') };
}
