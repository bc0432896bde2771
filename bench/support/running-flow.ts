import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import RED, { type Node } from 'node-red';
import { Random } from '#lib/core/random';
import type { Anomaly } from '#lib/detection/anomaly';
import { openStore } from '#lib/store/open-store';
import { train } from '#lib/training/train';
import { detectionRequest } from '../../test/support/detection-request';

const FIELDS = ['flow', 'pressure', 'current', 'temperature'];
const TRAINING_ROWS = 5000;

/** This file runs from `build/bench/support/`. */
const root = join(__dirname, '..', '..', '..');
const random = new Random(1);

const values = (): number[] => FIELDS.map((_, f) => random.normal(10 * (f + 1)));

/** A message as a plant sends it. */
export function messageAt(timestamp: number): object {
  const payload = Object.fromEntries(values().map((value, f) => [FIELDS[f]!, value]));
  return { topic: 'plant/pump-1', payload: { timestamp, ...payload } };
}

/** A flow's nodes: from `NAME-first`, which does nothing, through another node or not, to `NAME-last`, which does nothing. */
export function flowOf(name: string, between: object | null): object[] {
  const [first, middle, last] = [`${name}-first`, `${name}-between`, `${name}-last`];
  return [
    { id: name, type: 'tab', label: name },
    { id: first, z: name, type: 'change', rules: [], wires: [[between === null ? last : middle]] },
    ...(between === null ? [] : [{ id: middle, z: name, wires: [[last], []], ...between }]),
    { id: last, z: name, type: 'change', rules: [], wires: [[]] },
  ];
}

/** Stores a model named `trained` for all devices. */
export async function storeModel(userDir: string): Promise<void> {
  const store = openStore(join(userDir, 'flowsight-ml'), { report: console.error });
  const artifact = await train(
    detectionRequest({
      name: 'trained',
      device: '*',
      algorithm: 'auto',
      tables: [
        {
          device: 'pump-1',
          fields: FIELDS,
          timestampsMs: Float64Array.from({ length: TRAINING_ROWS }, (_, i) => 1000 * i),
          data: Float64Array.from(Array.from({ length: TRAINING_ROWS }, values).flat()),
        },
      ],
    }),
  );
  await store.models.save(artifact, true);
  await store.release();
}

/** Node-RED with the package as a user installs it, without an editor and without ports; to be stopped by `stopNodeRed`. */
export async function startNodeRed(
  userDir: string,
  flow: readonly object[],
  credentials: Readonly<Record<string, object>> = {},
): Promise<void> {
  const link = join(userDir, 'node_modules', '@flowsight', 'node-red-ml');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link, 'junction');
  const manifest = { name: 'bench', private: true, dependencies: { '@flowsight/node-red-ml': `file:${root}` } };
  writeFileSync(join(userDir, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
  writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify(credentials));
  const settings = {
    userDir,
    flowFile: 'flows.json',
    credentialSecret: false,
    httpAdminRoot: false,
    httpNodeRoot: false,
    telemetry: { enabled: false },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
  } as const;
  const started = new Promise<void>((resolve) => {
    (RED as unknown as { events: NodeJS.EventEmitter }).events.once('flows:started', () => resolve());
  });
  RED.init(createServer(), settings as unknown as Parameters<typeof RED.init>[1]);
  await RED.start();
  await started;
}

export async function stopNodeRed(): Promise<void> {
  await RED.stop();
}

/** The two ends of a flow. */
export class Ends {
  readonly #first: Node;
  #arrived: () => void = () => undefined;
  /** What judged the message that arrived last. */
  algorithm: string | null = null;

  constructor(
    name: string,
    private readonly nextMessage: () => object,
  ) {
    this.#first = nodeOf(`${name}-first`);
    nodeOf(`${name}-last`).on('input', (message) => {
      this.#arrived();
      this.algorithm = (message as { anomaly?: Anomaly }).anomaly?.model.algorithm ?? null;
    });
  }

  /** µs from one end to the other. */
  one(): Promise<number> {
    const message = this.nextMessage();
    return new Promise((resolve) => {
      this.#arrived = () => resolve(1000 * (performance.now() - start));
      const start = performance.now();
      this.#first.receive(message as never);
    });
  }

  /** Messages a second, when so many are under way together. */
  many(count: number): Promise<number> {
    const messages = Array.from({ length: count }, () => this.nextMessage());
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

/** A running node. */
export function nodeOf(id: string): Node {
  // Not in the types: the runtime's own way to a running node.
  const node = (RED.nodes as unknown as { getNode(id: string): Node | null }).getNode(id);
  if (node === null) throw new Error(`The flow has no node ${id}.`);
  return node;
}
