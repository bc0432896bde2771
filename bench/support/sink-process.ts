import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { MlDatabaseNode } from '#nodes/ml-database/database-of';
import { serverClient } from '../../test/support/databases';
import { type OwnServer, ownServer, serverPrograms } from '../../test/support/own-server';
import { Ends, messageAt, nodeOf, startNodeRed, stopNodeRed, storeModel } from './running-flow';
import { type Judge, JUDGES, nameOf, sinkFlows, WRITING, type Writing } from './sink-flows';
import { processorMs } from './timing';

/** What the process tells its parent. */
export interface SinkFigures {
  /** Readings a second through the flow, in each round. */
  readonly perSecond: Readonly<Record<Judge, Readonly<Record<Writing, number[]>>>>;
  /** Processor time of Node-RED's process for a reading, up to when all was written, µs. */
  readonly processorUs: Readonly<Record<Judge, Readonly<Record<Writing, number[]>>>>;
  readonly restart: { readonly sent: number; readonly lost: number; readonly duplicated: number };
}

const ROUND = 10_000;
const ROUNDS = 9;

/** Readings a second while the server is stopped and started, and for how long it is away. */
const PACE = 500;
const AWAY_MS = 2000;
const SETTLED_MS = 3000;
const SCHEMA = 'flowsight';

/** Recent, so that nothing is deleted for its age. */
const startMs = Date.now() - 20 * 86_400_000;
let second = 0;
const nextMessage = (): object => messageAt(startMs + 1000 * second++);

async function allWritten(): Promise<void> {
  const { results } = nodeOf('database') as unknown as MlDatabaseNode;
  while (results.status.waiting > 0) await wait(5);
}

async function measureRates(): Promise<Pick<SinkFigures, 'perSecond' | 'processorUs'>> {
  const table = (): Record<Judge, Record<Writing, number[]>> => {
    const row = (): Record<Writing, number[]> => ({ nothing: [], scores: [], readings: [], anomalies: [] });
    return { trained: row(), learning: row() };
  };
  const [perSecond, processorUs] = [table(), table()];
  const turns = JUDGES.flatMap((judge) =>
    WRITING.map((writing) => ({ judge, writing, ends: new Ends(nameOf(judge, writing), nextMessage) })),
  );
  // Then its model is there, and messages no longer wait for it.
  for (const { ends } of turns) await ends.one();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { judge, writing, ends } of turns) {
      let rate = 0;
      const processor = await processorMs(async () => {
        rate = await ends.many(ROUND);
        await allWritten();
      });
      // The first round warms up.
      if (round === 0) continue;
      perSecond[judge][writing].push(rate);
      processorUs[judge][writing].push((1000 * processor) / ROUND);
    }
  }
  return { perSecond, processorUs };
}

/** Sends readings at a steady pace until the signal; returns how many. */
async function sendSteadily(signal: AbortSignal): Promise<number> {
  const first = nodeOf('restart-first');
  const start = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    while (sent < ((performance.now() - start) * PACE) / 1000) {
      first.receive(nextMessage() as never);
      sent += 1;
    }
    await wait(5);
  }
  return sent;
}

/** The server is killed in the middle, is away for a time, comes back, and is killed and started once more. */
async function measureRestart(server: OwnServer): Promise<() => Promise<SinkFigures['restart']>> {
  const fromMs = startMs + 1000 * second;
  const ending = new AbortController();
  const sending = sendSteadily(ending.signal);
  await wait(SETTLED_MS);
  await server.stop();
  await wait(AWAY_MS);
  await server.start();
  await wait(SETTLED_MS);
  await server.stop();
  await server.start();
  await wait(SETTLED_MS);
  ending.abort();
  const sent = await sending;
  await allWritten();
  return async () => {
    const client = serverClient(addressOf(server));
    const found = await client.query<{ rows: number; times: number }>(
      `SELECT count(*) AS rows, count(DISTINCT timestamp) AS times FROM ${SCHEMA}.anomaly_scores WHERE timestamp >= $1`,
      [new Date(fromMs).toISOString()],
    );
    await client.close();
    const { rows, times } = found[0]!;
    return { sent, lost: sent - times, duplicated: rows - times };
  };
}

const addressOf = ({ port, password }: OwnServer): string =>
  `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;

async function run(): Promise<void> {
  const programs = await serverPrograms();
  if (programs === null) throw new Error('The benchmark needs PostgreSQL with initdb and pg_ctl, as Debian packs it.');
  const userDir = mkdtempSync(join(tmpdir(), 'flowsight-ml-bench-'));
  const server = await ownServer(programs);
  try {
    await storeModel(userDir);
    await startNodeRed(userDir, sinkFlows(server.port), { database: { password: server.password } });
    const rates = await measureRates();
    const count = await measureRestart(server);
    await stopNodeRed();
    process.send!({ ...rates, restart: await count() } satisfies SinkFigures);
  } finally {
    await server.remove();
    rmSync(userDir, { recursive: true, force: true });
  }
}

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
