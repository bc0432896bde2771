import type { Node, NodeAPI } from 'node-red';
import { MlError, messageOf, show } from '../../lib/core/errors';
import { BatchJudge, type BatchRequest } from '../../lib/detection/batch-judge';
import { storeOf } from '../ml-store/store-of';
import { holdsRows, isCommand, modelNamed } from '../shared/commands';
import { onInput, type InputMessage } from '../shared/on-input';
import { readMessages } from '../shared/read-messages';
import type { MlDetectConfig } from './config';
import { DetectResults } from './detect-results';
import { showVerdicts } from './detect-status';
import { settingsOf } from './settings';

/** Judges each message by itself, and leaves no trace in a device's live stream; see `BatchJudge`. */
export function judgeAlone(RED: NodeAPI, node: Node, config: MlDetectConfig): void {
  const settings = settingsOf(config);
  const read = readMessages(RED, node, config);
  const results = new DetectResults(RED, node, config);
  const store = storeOf(RED, node, config.store);
  const judge = new BatchJudge(store.models, settings, (problem) => node.warn(problem));

  onInput(RED, node, (message, send) => {
    if (isCommand(message)) {
      throw new MlError(
        'PARAMETER',
        `ml-detect: there are no alarms where each message is judged by itself, so nothing can be done for ` +
          `msg.action ${show(message.action)}.`,
      );
    }
    const request = requestOf(message);
    const arrivedMs = performance.now();
    return read(message, async (readings) => {
      results.readings(readings);
      const anomalies = await judge.judge(readings, request);
      results.verdicts(anomalies, arrivedMs);
      const isBatch = anomalies.length !== 1 || holdsRows(message.payload);
      message.anomaly = isBatch ? anomalies : anomalies[0];
      showVerdicts(RED, node, anomalies.length, anomalies.filter(({ isAnomaly }) => isAnomaly).length);
      send(message);
    });
  });

  node.on('close', (done: () => void) => {
    judge.close();
    const released = store.release().finally(() => results.release());
    released.then(done, (error: unknown) => {
      node.warn(messageOf(error));
      done();
    });
  });
}

/** @throws MlError `PARAMETER` naming the property */
function requestOf({ model, threshold }: InputMessage): BatchRequest {
  const name = modelNamed('ml-detect', model);
  const score = thresholdIn(threshold);
  return { ...(name !== null && { model: name }), ...(score !== null && { threshold: score }) };
}

function thresholdIn(given: unknown): number | null {
  if (given === undefined || given === null || given === '') return null;
  const score = typeof given === 'string' ? Number(given) : given;
  if (typeof score === 'number' && score > 0 && score <= 1) return score;
  throw new MlError('PARAMETER', `ml-detect: msg.threshold must be above 0 and at most 1, got ${show(given)}.`);
}
