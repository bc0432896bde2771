import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import should from 'should';
import type { ForecasterCard, ModelCard } from '#lib/core/artifact';
import type { Anomaly } from '#lib/detection/anomaly';
import type { AlarmEvent } from '#lib/detection/events';
import type { BreachEvent } from '#lib/forecasting/events';
import type { Forecast } from '#lib/forecasting/forecast';
import { type FileNode, ROOT, RunningDemo } from '../support/demo';

type Settings = Record<string, unknown>;

/** Sends a property of the messages of a node's output to an MQTT topic, too; of the first node of that type or name. */
interface Tap {
  readonly node: string;
  readonly output: number;
  readonly property: string;
  readonly topic: string;
}

const verdicts: Tap = { node: 'ml-detect', output: 0, property: 'anomaly', topic: 'tap/verdicts' };
const events: Tap = { node: 'ml-detect', output: 1, property: 'payload', topic: 'tap/events' };
const filesWritten: Tap = { node: 'file', output: 0, property: '_msgid', topic: 'tap/files' };
const cards: Tap = { node: 'ml-train', output: 0, property: 'payload', topic: 'tap/cards' };
const serverCards: Tap = { node: 'learn this server', output: 0, property: 'payload', topic: 'tap/server-cards' };
const forecasts: Tap = { node: 'ml-forecast', output: 0, property: 'forecast', topic: 'tap/forecasts' };
const tables: Tap = { node: 'card to table', output: 0, property: 'payload', topic: 'tap/tables' };

/** Everything ten times as fast as in the flow file: readings, machine, and the faults that its buttons begin. */
const FASTER = { rate: '0.02', speed: '300' };
const fault = (scenario: string, device = '', seconds = 3): Settings => ({
  props: [
    { p: 'device', v: device, vt: 'str' },
    { p: 'action', v: 'inject', vt: 'str' },
    { p: 'scenario', v: scenario, vt: 'str' },
    { p: 'duration', v: String(seconds), vt: 'num' },
  ],
});

const isRaised = ({ type }: AlarmEvent): boolean => type === 'raised';
const isCleared = ({ type }: AlarmEvent): boolean => type === 'cleared';

describe('the demo, in a Node-RED of its own', function () {
  this.timeout(60_000);
  let folder: string;
  let demo: RunningDemo;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowsight-demo-'));
    demo = await RunningDemo.start(folder);
  });

  after(async () => {
    await demo.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A flow file with other settings for nodes, by their types or names, and with taps. */
  async function flowOf(
    file: string,
    changes: Readonly<Record<string, Settings>>,
    taps: readonly Tap[],
  ): Promise<FileNode[]> {
    const { port } = new URL(demo.mqttUrl);
    const flow = JSON.parse(await readFile(join(ROOT, file), 'utf8')) as FileNode[];
    const nodes = flow.map((node) => ({
      ...node,
      ...(node.type === 'mqtt-broker' && { port }),
      ...changes[node.type],
      ...changes[node.name as string],
    })) as FileNode[];
    for (const { node: wanted, output, property, topic } of taps) {
      const tapped = nodes.find(({ type, name }) => type === wanted || name === wanted)!;
      const { z: tab, wires } = tapped as unknown as { readonly z: string; readonly wires: string[][] };
      wires[output] = [...wires[output]!, `pick ${topic}`];
      const rules = [{ t: 'set', p: 'payload', pt: 'msg', to: property, tot: 'msg' }];
      nodes.push({ id: `pick ${topic}`, type: 'change', z: tab, rules, wires: [[`send ${topic}`]] });
      nodes.push({ id: `send ${topic}`, type: 'mqtt out', z: tab, topic, broker: 'tap-broker', wires: [] });
    }
    return [...nodes, { id: 'tap-broker', type: 'mqtt-broker', broker: '127.0.0.1', port, protocolVersion: '4' }];
  }

  const idOf = (flow: readonly FileNode[], name: string): string => flow.find((node) => node.name === name)!.id;

  /** Deploys a flow and waits until a device is judged. */
  async function deploy(flow: readonly FileNode[], device: string): Promise<void> {
    const isJudged = (verdict: Anomaly): boolean => verdict.device === device && verdict.severity !== 'unknown';
    const judged = demo.message<Anomaly>(verdicts.topic, isJudged);
    await demo.deploy(flow);
    await judged;
  }

  /** Presses a fault's button and waits for the alarm. */
  async function alarmAfter(flow: readonly FileNode[], button: string): Promise<AlarmEvent> {
    const raised = demo.message<AlarmEvent>(events.topic, isRaised);
    await demo.press(idOf(flow, button));
    return raised;
  }

  it('has the package as users have it: nodes, editor resources, examples', async () => {
    const nodes = (await (await demo.get('/nodes')).json()) as { module: string; name: string; err?: unknown }[];
    const ours = nodes.filter(({ module }) => module === '@flowsight/node-red-ml');
    should(ours.map(({ name }) => name).sort()).eql([
      'ml-database',
      'ml-detect',
      'ml-forecast',
      'ml-model-store',
      'ml-store',
      'ml-synthetic',
      'ml-train',
    ]);
    should(ours.filter(({ err }) => err !== undefined)).eql([]);
    should((await demo.get('/resources/@flowsight/node-red-ml/ml-editor.js')).status).equal(200);
    for (const folder of ['', '/services']) {
      const listed = await (await demo.get(`/library/examples/flows/@flowsight/node-red-ml${folder}`)).text();
      for (const name of await readdir(join(ROOT, 'examples', folder))) {
        should(listed).containEql(basename(name, '.json'));
      }
    }
  });

  it('sends nothing home, and shows no tour', async () => {
    const settings = (await (await demo.get('/settings')).json()) as { telemetryEnabled: boolean; editorTheme: object };
    should(settings.telemetryEnabled).be.false();
    should(settings.editorTheme).have.property('tours', false);
  });

  it('runs the flow that is shipped: readings come over MQTT', async () => {
    const reading = await demo.message<Record<string, unknown>>('pump-station/pump-01');
    should(reading).have.properties(['timestamp', 'flow', 'vibration', 'label']);
  });

  it('learns, raises an alarm for a fault and clears it; a model is trained and takes over', async () => {
    const changes = {
      'ml-synthetic': FASTER,
      'ml-train': { trainAfterRows: '600' },
      Cavitation: fault('cavitation'),
      'Blocked valve': fault('blocked-valve'),
    };
    const flow = await flowOf('demo/flows.json', changes, [verdicts, events, cards]);
    const trained = demo.message<ModelCard>(cards.topic);
    await deploy(flow, 'pump-01');
    const raised = await alarmAfter(flow, 'Cavitation');
    should(raised).have.property('device', 'pump-01');
    should(raised.model.version).equal(0);
    const cleared = demo.message<AlarmEvent>(events.topic, isCleared);
    await demo.press(idOf(flow, 'End the fault'));
    should((await cleared).id).equal(raised.id);

    should(await trained).have.properties({ name: 'pump', device: 'pump-01', version: 1, active: true });
    should((await alarmAfter(flow, 'Blocked valve')).model.version).equal(1);
  });

  it('warns that a limit will be exceeded, and says so when it is', async () => {
    // Five times as fast as in the flow file.
    const changes = {
      'server-01': { rate: '0.05', speed: '300' },
      'out of memory soon?': { horizon: '12 s', step: '0.2' },
      'learn this server': { horizon: '12 s', step: '0.2', retrainHours: '' },
      'Memory leak': fault('memory-leak', '', 15),
    };
    const flow = await flowOf('demo/flows.json', changes, [serverCards, forecasts]);
    const trained = demo.message<ForecasterCard>(serverCards.topic);
    const forecast = demo.message<Partial<Forecast>>(forecasts.topic, ({ model }) => model?.version === 1);
    await demo.deploy(flow);
    should(await trained).containEql({ name: 'server', device: 'server-01', field: 'memory_usage_percent' });
    should((await forecast).points).have.length(60);

    const told: BreachEvent[] = [];
    const reached = demo.message<BreachEvent>('warnings', (event) => {
      told.push(event);
      return event.type === 'breach-reached';
    });
    await demo.press(idOf(flow, 'Memory leak'));
    const { id, inMs } = await reached;
    const ofOne = told.filter((event) => event.id === id);
    should(ofOne.map(({ type }) => type)).eql(['breach-predicted', 'breach-reached']);
    should(ofOne[0]).containEql({ device: 'server-01', limit: 80, direction: 'above' });
    should(inMs).be.above(0);
  });

  it('runs "01 first alarm": what was learned a minute ago finds a fault', async () => {
    const changes = { 'ml-synthetic': FASTER, Cavitation: fault('cavitation') };
    const flow = await flowOf('examples/01 first alarm.json', changes, [verdicts, events]);
    await deploy(flow, 'pump-01');
    should((await alarmAfter(flow, 'Cavitation')).text).match(/pump-01/);
  });

  it('runs "02 MQTT fleet": tags on topics become readings, and the one sick pump of the fleet is named', async () => {
    const changes = {
      'ml-synthetic': { devices: 'pump-05, pump-06, pump-07', rate: '0.1', speed: '300' },
      'ml-detect': { assembleStep: '0.1', warmUpRows: '60' },
      'Cavitation in pump-07': fault('cavitation', 'pump-07'),
    };
    const flow = await flowOf('examples/02 MQTT fleet.json', changes, [verdicts, events]);
    await deploy(flow, 'pump-07');
    const { device, reading } = await alarmAfter(flow, 'Cavitation in pump-07');
    should(device).equal('pump-07');
    should(Object.keys(reading).sort()).eql([
      'bearingTemperature',
      'flow',
      'motorCurrent',
      'motorTemperature',
      'pressure',
      'speed',
      'vibration',
    ]);
  });

  it('runs "03 train from a file": a CSV file becomes a model, and the model an alarm', async () => {
    const changes = { 'a day of readings': { days: '0.05', interval: '0.2' }, 'the pump, live': { rate: '0.2' } };
    const flow = await flowOf('examples/03 train from a file.json', changes, [events, cards, filesWritten]);
    await demo.deploy(flow);
    const written = demo.message(filesWritten.topic);
    await demo.press(idOf(flow, '1   Write a history'));
    await written;
    should((await stat(join(folder, 'pump-history.csv'))).size).be.above(1_000_000);

    const trained = demo.message<ModelCard>(cards.topic);
    await demo.press(idOf(flow, '2   Train from the file'));
    const card = await trained;
    should(card).have.properties({ name: 'pump from file', active: true });
    // All but those whose windows are not full.
    card.rows.should.be.within(21_600 - 45, 21_600);
    should((await alarmAfter(flow, '3   Cavitation')).model.name).equal('pump from file');
  });

  it('runs "05 backtest and choose": tables of what was tried, and a forecast by the best', async () => {
    const changes = {
      'a week': { days: '2', interval: '900', start: '2024-05-06T00:00:00Z' },
      'ml-train': { horizon: '6 h' },
      GRU: { params: { epochs: 2 } },
    };
    const flow = await flowOf('examples/05 backtest and choose.json', changes, [tables, cards, forecasts]);
    await demo.deploy(flow);
    const table = demo.message<string>(tables.topic, (text) => text.startsWith('auto'));
    const trained = demo.message(cards.topic);
    await demo.press(idOf(flow, '1   Try them'));
    const [title, heading, ...lines] = (await table).split('\n');
    should(title).match(/^auto, MASE \d\.\d\d$/);
    should(heading).match(/MASE +sMAPE +s +share +tried/);
    should(lines.length).be.above(2);
    // What the past gave no reason to try has no figures, and no share.
    for (const line of lines) should(line).match(/^ *(\d+\.\d\d +\d+\.\d +\d+\.\d +\d+ %|– +– +– +0 %) +[a-z]/);
    lines.filter((line) => /\d\.\d\d/.test(line)).length.should.be.above(2);

    await trained;
    const forecast = demo.message<Forecast>(forecasts.topic);
    await demo.press(idOf(flow, '2   Forecast'));
    should(await forecast).have.property('device', 'server-01');
  });

  it('ends by Ctrl-C, and the next time runs the flow as the user left it', async () => {
    const flow = await flowOf('examples/01 first alarm.json', {}, []);
    await demo.deploy(flow);
    should(await demo.stop()).equal(0);
    demo = await RunningDemo.start(folder);
    const running = (await (await demo.get('/flows')).json()) as FileNode[];
    should(running.map(({ id }) => id)).eql(flow.map(({ id }) => id));
  });
});
