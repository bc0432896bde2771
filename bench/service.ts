/**
 * How quick is a service made of Node-RED's HTTP nodes and this package's? POST of 10,080 rows × 4 features to the answer
 * that the Isolation Forest trained on them is stored and active; and what ml-detect adds to a request with one reading,
 * against the same flow with a change node in its place, in turns. Over real HTTP, to a Node-RED in a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Random } from '#lib/core/random';
import { quantileSorted } from '#lib/core/statistics';
import { type FileNode, RunningDemo } from '../test/support/demo';
import { bench, fixed, printMachine, printTable } from './support/report';
import { medianOf } from './support/timing';

const ROWS = 10_080;
const FIELDS = ['flow', 'pressure', 'current', 'temperature'];
const START_MS = Date.UTC(2026, 0, 1);
const TRAININGS = 9;
const WARM_UP = 300;
const PREDICTIONS = 2000;

const random = new Random(1);

/** A reading a minute, as a client posts it. */
function reading(minute: number): object {
  const values = FIELDS.map((field, f) => [field, Number(random.normal(10 * (f + 1)).toFixed(4))] as const);
  return { timestamp: new Date(START_MS + 60_000 * minute).toISOString(), ...Object.fromEntries(values) };
}

/** An endpoint: the node between request and answer is what is measured. */
function endpoint(path: string, node: object, answer: string): FileNode[] {
  const id = (part: string): string => `${path} ${part}`;
  const rules = [{ t: 'set', p: 'payload', pt: 'msg', to: answer, tot: 'msg' }];
  return [
    { id: id('in'), type: 'http in', z: 'service', url: `/${path}`, method: 'post', wires: [[id('node')]] },
    { id: id('node'), z: 'service', wires: [[id('answer')], []], ...node } as unknown as FileNode,
    { id: id('answer'), type: 'change', z: 'service', rules, wires: [[id('out')]] },
    { id: id('out'), type: 'http response', z: 'service', wires: [] },
  ];
}

const detect = { type: 'ml-detect', model: 'bench', source: 'batch' };
const nothing = { type: 'change', rules: [{ t: 'set', p: 'anomaly', pt: 'msg', to: 'payload', tot: 'msg' }] };
const train = { type: 'ml-train', model: 'bench', algorithm: 'isolation-forest' };
const flow: FileNode[] = [
  { id: 'service', type: 'tab', label: 'service' },
  ...endpoint('train', train, 'payload'),
  ...endpoint('predict', detect, 'anomaly'),
  ...endpoint('bare', nothing, 'anomaly'),
];

interface Answered {
  readonly ms: number;
  readonly body: Record<string, unknown>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** One request on a connection that stays open, from its first byte to the answer's last. */
function post(url: string, json: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
    const start = performance.now();
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const ms = performance.now() - start;
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve({ ms, body: JSON.parse(text) as Answered['body'] });
        else reject(new Error(`${url} answers ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    sent.on('error', reject);
    sent.end(json);
  });
}

async function trainings(url: string): Promise<number[]> {
  const rows = JSON.stringify(Array.from({ length: ROWS }, (_, minute) => reading(minute)));
  const times: number[] = [];
  // The first one starts the worker.
  for (let i = 0; i <= TRAININGS; i++) {
    const { ms, body } = await post(`${url}/train`, rows);
    if (body.active !== true || body.rows !== ROWS || body.version !== i + 1) {
      throw new Error(`The model is not stored and active: ${JSON.stringify(body).slice(0, 200)}`);
    }
    if (i > 0) times.push(ms);
  }
  return times;
}

async function predictions(url: string): Promise<{ readonly predict: number[]; readonly bare: number[] }> {
  const times = { predict: [] as number[], bare: [] as number[] };
  for (let i = 0; i < WARM_UP + PREDICTIONS; i++) {
    const json = JSON.stringify(reading(ROWS + i));
    for (const path of ['predict', 'bare'] as const) {
      const { ms, body } = await post(`${url}/${path}`, json);
      if (path === 'predict' && typeof body.score !== 'number') throw new Error('There is no score in the answer.');
      if (i >= WARM_UP) times[path].push(ms);
    }
  }
  return times;
}

bench(async () => {
  printMachine();
  const folder = await mkdtemp(join(tmpdir(), 'flowsight-ml-bench-'));
  const nodeRed = await RunningDemo.start(folder, flow);
  try {
    const trained = await trainings(nodeRed.url);
    const { predict, bare } = await predictions(nodeRed.url);
    const at = (values: readonly number[], p: number): number => quantileSorted(Float64Array.from(values).sort(), p);
    printTable(
      ['request', 'median, ms', '99 %, ms'],
      [
        [`train, ${ROWS} rows × ${FIELDS.length} in the body`, fixed(medianOf(trained), 0), null],
        ['one prediction', fixed(medianOf(predict), 2), fixed(at(predict, 0.99), 2)],
        ['the same flow without ml-detect', fixed(medianOf(bare), 2), fixed(at(bare, 0.99), 2)],
      ],
    );
    return {
      train_ms: medianOf(trained),
      predict_added_p99_ms: at(predict, 0.99) - at(bare, 0.99),
      predict_added_ms: medianOf(predict) - medianOf(bare),
      predict_p99_ms: at(predict, 0.99),
      bare_p99_ms: at(bare, 0.99),
    };
  } finally {
    agent.destroy();
    await nodeRed.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
