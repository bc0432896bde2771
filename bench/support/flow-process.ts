import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ends, flowOf, messageAt, startNodeRed, stopNodeRed, storeModel } from './running-flow';

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

/** Messages of each flow: to warm up, one at a time, and together. */
const WARM_UP = 2000;
const SINGLE = 4000;
const TOGETHER = 10_000;
const ROUNDS = 3;

const START_MS = Date.UTC(2026, 0, 1);
let second = 0;
const nextMessage = (): object => messageAt(START_MS + 1000 * second++);

async function measure(): Promise<FlowFigures> {
  const ends = FLOWS.map((name) => [name, new Ends(name, nextMessage)] as const);
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
  if (judges !== ',mahalanobis,streaming') throw new Error(`The flows were judged by other detectors: ${judges}.`);
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
    const between = (name: FlowName): object | null => (name === 'plain' ? null : { type: 'ml-detect', model: name });
    await startNodeRed(
      userDir,
      FLOWS.flatMap((name) => flowOf(name, between(name))),
    );
    const figures = await measure();
    await stopNodeRed();
    process.send!(figures);
  } finally {
    rmSync(userDir, { recursive: true, force: true });
  }
}

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
