import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import RED, { type Node } from 'node-red';
import { Random } from '#lib/core/random';
import type { Anomaly } from '#lib/detection/anomaly';
import { openStore } from '#lib/store/open-store';
import { train } from '#lib/training/train';

/** The flows that are compared: without `ml-detect`, with a trained model, without one. */
const FLOWS = ['plain', 'trained', 'learning'] as const;
export type FlowName = (typeof FLOWS)[number];

/** What the process tells its parent. */
export interface FlowFigures {
  /** From the first node's input to the last node's, one message at a time, µs. */
  readonly latenciesUs: Readonly<Record<FlowName, number[]>>;
  /** With many messages under way. */
  readonly messagesPerSecond: Readonly<Record<FlowName, number>>;
}

const FIELDS = ['flow', 'pressure', 'current', 'temperature'];
const TRAINING_ROWS = 5000;
/** Messages of each flow: to warm up, one at a time, and together. */
const WARM_UP = 2000;
const SINGLE = 4000;
const TOGETHER = 10_000;
const ROUNDS = 3;

/** This file runs from `build/bench/support/`. */
const root = join(__dirname, '..', '..', '..');
const random = new Random(1);
let second = 0;

const values = (): number[] => FIELDS.map((_, f) => random.normal(10 * (f + 1)));

/** A message as a plant sends it. */
function nextMessage(): object {
  const payload = Object.fromEntries(values().map((value, f) => [FIELDS[f]!, value]));
  return { topic: 'plant/pump-1', payload: { timestamp: Date.UTC(2026, 0, 1) + 1000 * second++, ...payload } };
}

/** A flow's nodes: from a node that does nothing, through `ml-detect` or not, to one that does nothing. */
function flowOf(name: FlowName): object[] {
  const [first, detect, last] = [`${name}-first`, `${name}-detect`, `${name}-last`];
  const between = { id: detect, z: name, type: 'ml-detect', model: name, wires: [[last], []] };
  return [
    { id: name, type: 'tab', label: name },
    { id: first, z: name, type: 'change', rules: [], wires: [[name === 'plain' ? last : detect]] },
    ...(name === 'plain' ? [] : [between]),
    { id: last, z: name, type: 'change', rules: [], wires: [[]] },
  ];
}

async function storeModel(userDir: string): Promise<void> {
  const store = openStore(join(userDir, 'flowsight-ml'), { report: console.error });
  const artifact = await train({
    name: 'trained',
    device: '*',
    algorithm: 'isolation-forest',
    params: {},
    pipeline: {},
    threshold: { by: 'score', value: 0.7 },
    minRows: 100,
    seed: 1,
    task: 'detection',
    learnAlarms: false,
    tables: [
      {
        device: 'pump-1',
        fields: FIELDS,
        timestampsMs: Float64Array.from({ length: TRAINING_ROWS }, (_, i) => 1000 * i),
        data: Float64Array.from(Array.from({ length: TRAINING_ROWS }, values).flat()),
      },
    ],
  });
  await store.models.save(artifact, true);
  await store.release();
}

/** Node-RED with the package as a user installs it, without an editor and without ports. */
async function startNodeRed(userDir: string): Promise<void> {
  const link = join(userDir, 'node_modules', '@flowsight', 'node-red-ml');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link, 'junction');
  const manifest = { name: 'bench', private: true, dependencies: { '@flowsight/node-red-ml': `file:${root}` } };
  writeFileSync(join(userDir, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(FLOWS.flatMap(flowOf)));
  const settings = {
    userDir,
    flowFile: 'flows.json',
    httpAdminRoot: false,
    httpNodeRoot: false,
    telemetry: { enabled: false },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  } as const;
  const started = new Promise<void>((resolve) => {
    (RED as unknown as { events: NodeJS.EventEmitter }).events.once('flows:started', () => resolve());
  });
  RED.init(createServer(), settings as unknown as Parameters<typeof RED.init>[1]);
  await RED.start();
  await started;
}

/** The two ends of a flow. */
class Ends {
  readonly #first: Node;
  #arrived: () => void = () => undefined;
  /** What judged the message that arrived last. */
  algorithm: string | null = null;

  constructor(name: FlowName) {
    this.#first = nodeOf(`${name}-first`);
    nodeOf(`${name}-last`).on('input', (message) => {
      this.#arrived();
      this.algorithm = (message as { anomaly?: Anomaly }).anomaly?.model.algorithm ?? null;
    });
  }

  /** µs from one end to the other. */
  one(): Promise<number> {
    const message = nextMessage();
    return new Promise((resolve) => {
      this.#arrived = () => resolve(1000 * (performance.now() - start));
      const start = performance.now();
      this.#first.receive(message as never);
    });
  }

  /** Messages a second, when so many are under way together. */
  many(count: number): Promise<number> {
    const messages = Array.from({ length: count }, nextMessage);
    let arrived = 0;
    return new Promise((resolve) => {
      const start = performance.now();
      this.#arrived = () => {
        if (++arrived === count) resolve((1000 * count) / (performance.now() - start));
      };
      for (const message of messages) this.#first.receive(message as never);
    });
  }
}

function nodeOf(id: string): Node {
  // Not in the types: the runtime's own way to a running node.
  const node = (RED.nodes as unknown as { getNode(id: string): Node | null }).getNode(id);
  if (node === null) throw new Error(`The flow has no node ${id}.`);
  return node;
}

async function measure(): Promise<FlowFigures> {
  const ends = FLOWS.map((name) => [name, new Ends(name)] as const);
  const latenciesUs: Record<FlowName, number[]> = { plain: [], trained: [], learning: [] };
  const rates: Record<FlowName, number[]> = { plain: [], trained: [], learning: [] };
  for (let i = 0; i < WARM_UP + SINGLE; i++) {
    for (const [name, flow] of ends) {
      const tookUs = await flow.one();
      if (i >= WARM_UP) latenciesUs[name].push(tookUs);
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, flow] of ends) rates[name].push(await flow.many(TOGETHER));
  }
  const judges = ends.map(([, { algorithm }]) => algorithm).join();
  if (judges !== ',isolation-forest,streaming') throw new Error(`The flows were judged by other detectors: ${judges}.`);
  const best = (name: FlowName): number => Math.max(...rates[name]);
  return {
    latenciesUs,
    messagesPerSecond: { plain: best('plain'), trained: best('trained'), learning: best('learning') },
  };
}

async function run(): Promise<void> {
  const userDir = mkdtempSync(join(tmpdir(), 'flowsight-ml-bench-'));
  try {
    await storeModel(userDir);
    await startNodeRed(userDir);
    const figures = await measure();
    await RED.stop();
    process.send!(figures);
  } finally {
    rmSync(userDir, { recursive: true, force: true });
  }
}

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
