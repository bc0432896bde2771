import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import type { Anomaly } from '../../lib/detection/anomaly';
import type { BatchJudge, BatchRequest } from '../../lib/detection/batch-judge';
import { readingsOf } from '../../lib/readings/reading-tables';
import { deviceNamed } from '../shared/commands';
import { deviceSetting } from '../shared/device';
import { historyOf } from '../shared/history';
import type { InputMessage } from '../shared/on-input';
import type { MlDetectConfig } from './config';

/** Verdicts on the past readings that a message asks for. */
export type JudgePast = (message: InputMessage, request: BatchRequest) => Promise<readonly Anomaly[]>;

/**
 * Judges a device's past readings in the database, those that came before them included as far as its model looks back.
 * @throws MlError as `historyOf`; what is returned rejects with `PARAMETER` where the message names no device,
 * `NOT_FOUND` where it has no trained model, `TOO_FEW_ROWS` where it has no readings in that time, and as `HistoryReader`
 */
export function judgePast(RED: NodeAPI, node: Node, config: MlDetectConfig, judge: BatchJudge): JudgePast {
  const history = historyOf(RED, node, config);
  const deviceOf = deviceSetting(RED, node, config);
  return async (message, request) => {
    const device = deviceNamed('ml-detect', await deviceOf(message));
    if (device === null) {
      throw new MlError('PARAMETER', 'ml-detect: msg.device must say whose past readings are to be judged.');
    }
    const { fromMs, toMs } = history.rangeOf(message, Date.now());
    const { fields, reachMs } = await judge.needs(device, request);
    const table = await history.read({ device, fromMs: fromMs - reachMs, toMs, fields });
    const anomalies = await judge.judge([...readingsOf(table)], request);
    const asked = anomalies.filter(({ timestamp }) => Date.parse(timestamp) >= fromMs);
    if (asked.length > 0) return asked;
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    throw new MlError('TOO_FEW_ROWS', `${device} has no readings from ${from} to ${to}: ask for another time.`);
  };
}
