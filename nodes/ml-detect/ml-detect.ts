import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { MlError, messageOf, show } from '../../lib/core/errors';
import type { DetectionEvent } from '../../lib/detection/events';
import { Monitor } from '../../lib/detection/monitor';
import type { Findings } from '../../lib/detection/watched-device';
import { storeOf } from '../ml-store/store-of';
import { deviceNamed, holdsRows, isCommand } from '../shared/commands';
import { historySpecs } from '../shared/history-config';
import { migrateConfig } from '../shared/migrate';
import { onInput, type InputMessage, type Send } from '../shared/on-input';
import { readingSpecs, readMessages } from '../shared/read-messages';
import { startNode } from '../shared/start';
import { ML_DETECT_DEFAULTS, type MlDetectConfig } from './config';
import { showDetection } from './detect-status';
import { DetectResults } from './detect-results';
import { judgeAlone } from './judge-alone';
import { optionalSpecs, settingSpecs, settingsOf } from './settings';

/** How often the status is renewed; silence is looked for at least so often, too. */
const TICK_MS = 500;

/** Judges readings, of any number of devices: as they come (see `Monitor`), or each message by itself. */
export = (RED: NodeAPI): void => {
  function watch(node: Node, config: MlDetectConfig): void {
    const settings = settingsOf(config);
    const read = readMessages(RED, node, config);
    const results = new DetectResults(RED, node, config);
    const store = storeOf(RED, node, config.store);
    const monitor = new Monitor(store.models, store.states, settings, Date.now(), (problem) => node.warn(problem));

    async function obey({ action, device }: InputMessage, send: Send): Promise<void> {
      const events = await perform(action, deviceNamed('ml-detect', device));
      results.events(events);
      if (events.length > 0) send([null, events.map(eventMessage)]);
    }

    function perform(action: unknown, device: string | null): Promise<readonly DetectionEvent[]> {
      if (action === 'acknowledge') return monitor.acknowledge(device, Date.now());
      if (action === 'reset') return monitor.reset(device, Date.now());
      throw new MlError('PARAMETER', `ml-detect: msg.action must be "acknowledge" or "reset", got ${show(action)}.`);
    }

    onInput(RED, node, (message, send) => {
      if (isCommand(message)) return obey(message, send);
      const arrivedMs = performance.now();
      return read(message, (readings) => {
        results.readings(readings);
        for (const { values } of readings) store.fields.record(settings.model, values.keys());
        const isBatch = readings.length > 1 || holdsRows(message.payload);
        const found = monitor.judge(readings, Date.now());
        const conclude = (findings: Findings): void => {
          results.verdicts(findings.anomalies, arrivedMs);
          results.events(findings.events);
          deliver(message, findings, isBatch, send);
        };
        return found instanceof Promise ? found.then(conclude) : conclude(found);
      });
    });

    const tick = (): void => {
      const events = monitor.checkSilence(Date.now());
      results.events(events);
      if (events.length > 0) node.send([null, events.map(eventMessage)]);
      showDetection(RED, node, monitor.status());
    };
    const timer = setInterval(tick, TICK_MS).unref();
    showDetection(RED, node, monitor.status());

    node.on('close', (done: () => void) => {
      clearInterval(timer);
      monitor
        .close()
        .then(() => store.release())
        .finally(() => results.release())
        .then(done, (error: unknown) => {
          node.warn(messageOf(error));
          done();
        });
    });
  }

  function MlDetect(this: Node, config: MlDetectConfig): void {
    RED.nodes.createNode(this, config);
    startNode(RED, this, () => {
      const own = migrateConfig<MlDetectConfig>(config, ML_DETECT_DEFAULTS);
      if (own.source === 'live') watch(this, own);
      else judgeAlone(RED, this, own);
    });
  }

  RED.nodes.registerType('ml-detect', MlDetect, {
    settings: {
      mlDetectNumbers: {
        value: { ...readingSpecs, ...settingSpecs, ...optionalSpecs, ...historySpecs },
        exportable: true,
      },
    },
  });
};

/** The message goes on as it came, with its verdict; without one where it completes no reading. Events go beside it. */
function deliver(message: InputMessage, { anomalies, events }: Findings, isBatch: boolean, send: Send): void {
  if (anomalies.length > 0) message.anomaly = isBatch || anomalies.length > 1 ? anomalies : anomalies[0];
  send(events.length > 0 ? [message, events.map(eventMessage)] : message);
}

function eventMessage(event: DetectionEvent): NodeMessage {
  return { topic: event.device, payload: event };
}
