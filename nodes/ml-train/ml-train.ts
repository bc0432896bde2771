import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { ModelCard } from '../../lib/core/artifact';
import { messageOf } from '../../lib/core/errors';
import { inAlarm } from '../../lib/detection/alarm-notes';
import type { DetectorAlgorithm, ForecasterAlgorithm } from '../../lib/core/algorithm';
import { detectors, forecasters } from '../../lib/registry';
import { TrainingDesk } from '../../lib/training/desk';
import { Intake, type Instruction } from '../../lib/training/intake';
import type { TrainingProgress } from '../../lib/training/model-trainer';
import { storeOf } from '../ml-store/store-of';
import { historyOf } from '../shared/history';
import { historySpecs } from '../shared/history-config';
import { migrateConfig } from '../shared/migrate';
import { onInput, type InputMessage, type Send } from '../shared/on-input';
import { readingSpecs, readMessages } from '../shared/read-messages';
import { startNode } from '../shared/start';
import { askedPlan } from './asked-plan';
import { ML_TRAIN_DEFAULTS, type MlTrainConfig } from './config';
import { optionalSpecs, settingSpecs } from './numbers';
import { settingsOf } from './settings';
import { TrainStatus } from './train-status';

/** How often schedules, unfinished sequences and windows are looked after; more often where a schedule is shorter. */
const TICK_MS = 60_000;

/** Trains models on batches, sequences, collected readings or past ones in a database; see `TrainingDesk`. */
export = (RED: NodeAPI): void => {
  function start(node: Node, config: MlTrainConfig): void {
    const settings = settingsOf(config);
    const read = readMessages(RED, node, config);
    const store = storeOf(RED, node, config.store);
    const status = new TrainStatus(RED, node);
    const history = settings.source === 'history' ? historyOf(RED, node, config, config.aggregation) : undefined;
    const intake = new Intake(settings.source, history?.rangeOf);
    const { name } = settings.request;
    let closed = false;

    const desk = new TrainingDesk({
      ...settings,
      windows: { ...settings.windows, onLimit: (sentence) => node.warn(sentence) },
      store: store.models,
      states: store.states,
      history,
      clock: Date.now,
      inAlarm: (device) => inAlarm(name, device),
      onProgress,
      onCard: (card) => {
        if (closed) return;
        status.trained(card);
        node.send([cardMessage({}, card), null]);
      },
      onError: (error, device) => node.error(error.message, { device, model: name }),
    });
    const ready = desk.restore().catch((error: unknown) => {
      node.warn(`What was collected before the restart cannot be used: ${messageOf(error)}`);
    });

    function onProgress(progress: TrainingProgress): void {
      if (closed) return;
      status.training(desk.trainings);
      if (progress.state === 'failed') status.failed();
      node.send([null, { topic: progress.device, payload: progress }]);
    }

    async function perform(instruction: Instruction, message: InputMessage, send: Send): Promise<void> {
      await ready;
      if (closed) return;
      const onCard = (card: ModelCard): void => {
        status.trained(card);
        send([cardMessage(RED.util.cloneMessage(withoutWork(message)), card), null]);
      };
      await desk.handle(instruction, onCard, askedPlan(message.training, settings.request));
      const latest = instruction.kind === 'collect' ? instruction.readings.at(-1) : undefined;
      if (latest !== undefined) status.collected(desk.collectedRows(latest.device), settings.schedule.afterRows);
    }

    onInput(RED, node, (message, send) => {
      const command = intake.commandOf(message, Date.now());
      if (command !== undefined) return perform(command, message, send);
      if (intake.endsSequence(message)) return perform(intake.take(message, [], Date.now()), message, send);
      return read(message, (readings) => {
        for (const { values } of readings) store.fields.record(name, values.keys());
        return perform(intake.take(message, readings, Date.now()), message, send);
      });
    });

    const timer = setInterval(
      () => {
        desk.tick();
        for (const { id, received, count } of intake.expire(Date.now())) {
          node.warn(
            `The sequence ${id} was given up: ${received} of ${count ?? 'an unknown number of'} messages had come.`,
          );
        }
      },
      Math.min(TICK_MS, (settings.schedule.everyMs ?? TICK_MS) / 4),
    );

    node.on('close', (done: () => void) => {
      closed = true;
      clearInterval(timer);
      status.close();
      ready
        .then(() => desk.close())
        .then(() => store.release())
        .then(done, (error: unknown) => {
          node.warn(messageOf(error));
          done();
        });
    });
  }

  function MlTrain(this: Node, config: MlTrainConfig): void {
    RED.nodes.createNode(this, config);
    startNode(RED, this, () => {
      start(this, migrateConfig<MlTrainConfig>(config, ML_TRAIN_DEFAULTS));
    });
  }

  RED.nodes.registerType('ml-train', MlTrain, {
    settings: {
      mlTrainAlgorithms: { value: [...detectors, ...forecasters].map(describe), exportable: true },
      mlTrainNumbers: {
        value: { ...readingSpecs, ...settingSpecs, ...optionalSpecs, ...historySpecs },
        exportable: true,
      },
    },
  });
};

/** What the editor must know of an algorithm to make its form. */
function describe(algorithm: DetectorAlgorithm | ForecasterAlgorithm): object {
  const { id, kind, title, summary, reference, traits } = algorithm;
  const params = algorithm.params as object;
  return { id, kind, title, summary, reference, params, warmStart: traits.warmStart === true };
}

/** What was trained on, and what asked for it, end here: the next node would take them for its own. */
const ENDS_HERE = ['payload', 'parts', 'complete', 'action', 'anomaly', 'from', 'to', 'hours', 'training'];

function withoutWork(message: InputMessage): InputMessage {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !ENDS_HERE.includes(name)));
}

function cardMessage(message: InputMessage, card: ModelCard): NodeMessage {
  return { ...message, payload: card, device: card.device, model: card.name };
}
