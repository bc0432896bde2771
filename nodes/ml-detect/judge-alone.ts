import type { Node, NodeAPI } from 'node-red';
import { MlError, messageOf, show } from '../../lib/core/errors';
import type { Anomaly } from '../../lib/detection/anomaly';
import { BatchJudge, type BatchRequest } from '../../lib/detection/batch-judge';
import { storeOf } from '../ml-store/store-of';
import { holdsRows, isCommand, modelNamed } from '../shared/commands';
import { onInput, type InputMessage, type Send } from '../shared/on-input';
import { readMessages } from '../shared/read-messages';
import type { MlDetectConfig } from './config';
import { DetectResults } from './detect-results';
import { showVerdicts } from './detect-status';
import { judgePast } from './judge-past';
import { settingsOf } from './settings';

/** Judges the readings of each message, or past ones, by themselves, and leaves no trace in a device's live stream. */
export function judgeAlone(RED: NodeAPI, node: Node, config: MlDetectConfig): void {
  const settings = settingsOf(config);
  const read = readMessages(RED, node, config);
  const results = new DetectResults(RED, node, config);
  const store = storeOf(RED, node, config.store);
  const judge = new BatchJudge(store.models, settings, (problem) => node.warn(problem));
  const past = config.source === 'history' ? judgePast(RED, node, config, judge) : null;

  /** The way back to who sent the message, with the verdicts. */
  function answer(message: InputMessage, send: Send): (anomalies: readonly Anomaly[], isBatch: boolean) => void {
    const arrivedMs = performance.now();
    return (anomalies, isBatch) => {
      results.verdicts(anomalies, arrivedMs);
      message.anomaly = isBatch ? anomalies : anomalies[0];
      showVerdicts(RED, node, anomalies.length, anomalies.filter(({ isAnomaly }) => isAnomaly).length);
      send(message);
    };
  }

  onInput(RED, node, (message, send) => {
    if (isCommand(message)) {
      throw new MlError(
        'PARAMETER',
        `ml-detect: there are no alarms where readings are judged by themselves, so nothing can be done for ` +
          `msg.action ${show(message.action)}.`,
      );
    }
    const request = requestOf(message);
    const conclude = answer(message, send);
    if (past !== null) return past(message, request).then((anomalies) => conclude(anomalies, true));
    return read(message, async (readings) => {
      results.readings(readings);
      const anomalies = await judge.judge(readings, request);
      conclude(anomalies, anomalies.length !== 1 || holdsRows(message.payload));
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
