import { connectAsync, type MqttClient } from 'mqtt';
import should from 'should';
import type { ModelCard } from '#lib/core/artifact';
import type { Anomaly } from '#lib/detection/anomaly';
import { TrainedJudge } from '#lib/detection/judge';
import { Scorer } from '#lib/detection/scorer';
import { FeatureStream } from '#lib/readings/feature-stream';
import { readingsOf } from '#lib/readings/reading-tables';
import { train } from '#lib/training/train';
import { ML_DETECT_DEFAULTS } from '#nodes/ml-detect/config';
import mlDetect from '#nodes/ml-detect/ml-detect';
import { settingsOf as detectSettingsOf } from '#nodes/ml-detect/settings';
import { ML_TRAIN_DEFAULTS } from '#nodes/ml-train/config';
import mlTrain from '#nodes/ml-train/ml-train';
import { settingsOf as trainSettingsOf } from '#nodes/ml-train/settings';
import { numbersOf, readCsv } from '../../bench/support/data';
import { arrivals, loadFlow, type NodeModule } from './flow';

/* eslint-disable @typescript-eslint/no-require-imports */
const mqttNodes = require('@node-red/nodes/core/network/10-mqtt.js') as NodeModule;
const changeNode = require('@node-red/nodes/core/function/15-change.js') as NodeModule;
/* eslint-enable @typescript-eslint/no-require-imports */

const TRAINING_ROWS = 400;
const LONGEST_WINDOW = 45;
const DEVICE = 'pump-01';
const NOT_SENSORS = ['datetime', 'anomaly', 'changepoint'];
const trainConfig = { model: 'skab', topicPattern: 'plant/{device}/train', trainAfterRows: String(TRAINING_ROWS) };
const detectConfig = { model: 'skab', topicPattern: 'plant/{device}/live', useShared: false, useLearning: false };

/** One reading as a plant publishes it. */
type Payload = Readonly<Record<string, number | string>>;

/** A recording of the SKAB pump as messages, in order. */
function payloadsOf(file: string): Payload[] {
  const csv = readCsv(file, ';');
  const sensors = csv.columns.filter((column) => !NOT_SENSORS.includes(column));
  const { data } = numbersOf(csv, sensors);
  return csv.rows.map(([time], row) => ({
    timestamp: `${time!.replace(' ', 'T')}Z`,
    ...Object.fromEntries(sensors.map((sensor, c) => [sensor, data[row * sensors.length + c]!])),
  }));
}

/** The verdicts that the library gives directly: trained on the first rows, asked for each of the others. */
async function libraryVerdicts(payloads: readonly Payload[]): Promise<Anomaly[]> {
  const fields = Object.keys(payloads[0]!).filter((field) => field !== 'timestamp');
  const tableOf = (rows: readonly Payload[]): Parameters<typeof readingsOf>[0] => ({
    device: DEVICE,
    fields,
    timestampsMs: Float64Array.from(rows, ({ timestamp }) => Date.parse(String(timestamp))),
    data: Float64Array.from(rows.flatMap((row) => fields.map((field) => Number(row[field])))),
  });
  const { request } = trainSettingsOf({ ...ML_TRAIN_DEFAULTS, ...trainConfig } as never);
  if (request.task !== 'detection') throw new Error('A detector is replayed.');
  const tables = [tableOf(payloads.slice(0, TRAINING_ROWS))];
  const artifact = await train({ ...request, device: DEVICE, learnAlarms: false, tables });
  const settings = detectSettingsOf({ ...ML_DETECT_DEFAULTS, ...detectConfig } as never);
  const scorer = new Scorer({ artifact: { ...artifact, version: 1 }, threshold: null }, settings);
  const judge = new TrainedJudge(scorer, new FeatureStream(artifact.pipeline));
  return [...readingsOf(tableOf(payloads.slice(TRAINING_ROWS)))].flatMap(
    (reading) => judge.judge(reading)?.anomaly ?? [],
  );
}

const flow = (broker: URL): Parameters<typeof loadFlow>[1] => {
  const input = { type: 'mqtt in', qos: '1', datatype: 'json', broker: 'broker', nl: false, inputs: 0 };
  const output = { type: 'mqtt out', topic: '', qos: '1', retain: 'false', broker: 'broker' };
  const set = (p: string, to: string, tot: string): object => ({ t: 'set', p, pt: 'msg', to, tot });
  return [
    {
      ...{ id: 'broker', type: 'mqtt-broker', broker: broker.hostname, port: broker.port || '1883', clientid: '' },
      ...{ autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60', cleansession: true },
    },
    { ...input, id: 'history', topic: 'plant/+/train', wires: [['train']] },
    { id: 'train', type: 'ml-train', ...trainConfig, wires: [['card'], []] },
    { id: 'card', type: 'change', rules: [set('topic', 'plant/card', 'str')], wires: [['out']] },
    { ...input, id: 'live', topic: 'plant/+/live', wires: [['detect']] },
    { id: 'detect', type: 'ml-detect', ...detectConfig, wires: [['verdict'], []] },
    {
      ...{ id: 'verdict', type: 'change', wires: [['out']] },
      rules: [set('topic', 'plant/verdict', 'str'), set('payload', 'anomaly', 'msg')],
    },
    { ...output, id: 'out', wires: [] },
    { ...input, id: 'listening', topic: 'plant/ready', wires: [['ready']] },
    { id: 'ready', type: 'helper' },
  ];
};

/** Resolves with the next payloads of a topic. */
function received(client: MqttClient, topic: string, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const payloads: unknown[] = [];
    client.on('message', (from, text) => {
      if (from !== topic || payloads.push(JSON.parse(text.toString())) < count) return;
      resolve(payloads);
    });
  });
}

/** Resolves when Node-RED hears what is published; its subscriptions are made in order, that of `ready` last. */
async function subscribed(client: MqttClient): Promise<void> {
  const heard = arrivals('ready', 1);
  const timer = setInterval(() => client.publish('plant/ready', '1', { qos: 1 }), 50);
  await heard;
  clearInterval(timer);
}

/**
 * Replays a recording through a real Node-RED and a broker: MQTT in → ml-train, then MQTT in → ml-detect → MQTT out; the
 * verdicts must be those that the library gives directly, but for the number of the version.
 */
export async function replay(broker: string, file: string, userDir: string): Promise<void> {
  const payloads = payloadsOf(file);
  const expected = await libraryVerdicts(payloads);
  const client = await connectAsync(broker);
  try {
    await client.subscribeAsync(['plant/card', 'plant/verdict'], { qos: 1 });
    await loadFlow([mqttNodes, changeNode, mlTrain, mlDetect], flow(new URL(broker)), { userDir });
    await subscribed(client);

    const card = received(client, 'plant/card', 1);
    const publish = async (kind: string, rows: readonly Payload[]): Promise<void> => {
      // In portions: brokers queue only so much.
      for (let start = 0; start < rows.length; start += 100) {
        const portion = rows.slice(start, start + 100).map((payload) => JSON.stringify(payload));
        await Promise.all(portion.map((text) => client.publishAsync(`plant/${DEVICE}/${kind}`, text, { qos: 1 })));
      }
    };
    await publish('train', payloads.slice(0, TRAINING_ROWS));
    const [trained] = (await card) as [ModelCard];
    should(trained).containEql({ name: 'skab', device: DEVICE, version: 1, active: true });
    // All but those whose windows are not full.
    trained.rows.should.be.within(TRAINING_ROWS - LONGEST_WINDOW, TRAINING_ROWS);

    const verdicts = received(client, 'plant/verdict', expected.length);
    await publish('live', payloads.slice(TRAINING_ROWS));
    should(await verdicts).eql(JSON.parse(JSON.stringify(expected)));
    expected.filter(({ isAnomaly }) => isAnomaly).length.should.be.within(1, expected.length - 1);
  } finally {
    await client.endAsync();
  }
}
