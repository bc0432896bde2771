import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { Forecast } from '../../lib/forecasting/forecast';
import type { ForecastStatus } from '../../lib/forecasting/forecast-monitor';
import { durationText } from '../../lib/readings/plain-words';
import { setStatus } from '../shared/status';

/** What is coming is shown so far ahead, or as far as the forecast reaches. */
const AHEAD_MS = 3_600_000;
const ARROWS = { rising: '↗', falling: '↘', steady: '→' } as const;
const SIGNS = { above: '>', below: '<' } as const;

type Text = (key: string, values?: Record<string, number | string>) => string;

/** The worst there is to say, in the few characters that stand beside the node. */
export function showForecast(RED: NodeAPI, node: Node, now: ForecastStatus): void {
  setStatus(
    node,
    statusOf(now, (key, values) => RED._(`ml-forecast.status.${key}`, values)),
  );
}

function statusOf({ isWaiting, expected, model, learning, latest }: ForecastStatus, text: Text): NodeStatus {
  const [nearest] = expected;
  if (nearest !== undefined) {
    const { direction, value, inMs } = nearest;
    const one = { sign: SIGNS[direction], limit: short(value), time: durationText(inMs) };
    const breaches = expected.length;
    if (breaches > 1) return { fill: 'red', shape: 'dot', text: text('breaches', { breaches }) };
    return { fill: 'red', shape: 'dot', text: text(inMs > 0 ? 'breach' : 'breachNow', one) };
  }
  if (learning !== null) return { fill: 'blue', shape: 'ring', text: text('learning', { ...learning }) };
  if (latest !== null) return { fill: 'green', shape: 'dot', text: text('forecast', essence(latest)) };
  if (model !== null) return { fill: 'green', shape: 'dot', text: text('ready') };
  return { fill: 'yellow', shape: 'ring', text: text(isWaiting ? 'waiting' : 'noModel') };
}

/** "↗ 71.3 in 1 h" */
function essence({ points, stepMs, nextHour, trend }: Forecast): Record<string, string> {
  const steps = Math.min(points.length, Math.max(1, Math.floor(AHEAD_MS / stepMs)));
  const direction = nextHour?.trend ?? trend?.direction ?? 'steady';
  return { arrow: ARROWS[direction], value: short(points[steps - 1]!.value), time: durationText(steps * stepMs) };
}

/** At most four digits that matter. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
