/**
 * How much training holds up a real Node-RED: the delay of its event loop with 200 readings a second through ml-detect,
 * in turns with the reference forecaster training in the pool on all cores, and without.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import helper from 'node-red-node-test-helper';
import { isMlError } from '#lib/core/errors';
import { Random } from '#lib/core/random';
import { openPool, type Pool } from '#lib/training/pool';
import mlDetect from '#nodes/ml-detect/ml-detect';
import mlStore from '#nodes/ml-store/ml-store';
import { bench, fixed, printMachine, printTable } from './support/report';
import { interval, medianOf } from './support/timing';

const READINGS_A_SECOND = 200;
const PHASE_MS = 5_000;
const ROUNDS = 7;
const FORECASTER = join(__dirname, 'support', 'endless-training.js');

interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Event-loop delay over one phase in which readings flow, in ms; the timer's own millisecond is in it. */
async function measureDelay(): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await wait(PHASE_MS);
  histogram.disable();
  const ms = (nanoseconds: number): number => nanoseconds / 1e6;
  return { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
}

/** The same while the pool trains. */
async function measureTraining(pool: Pool): Promise<Delay> {
  const controller = new AbortController();
  let onProgress = (): void => undefined;
  const begun = new Promise<void>((resolve) => (onProgress = resolve));
  const training = pool.run<null, null>(FORECASTER, null, { signal: controller.signal, onProgress });
  await Promise.race([begun, training]);
  await wait(500); // Compiling the kernels and starting the helper threads is not training.
  const delay = await measureDelay();
  controller.abort();
  await training.catch((error: unknown) => {
    if (!isMlError(error, 'ABORTED')) throw error;
  });
  return delay;
}

/** Sends readings of four fields to the detector at a steady rate, the way a timer in a flow would. */
function startReadings(): NodeJS.Timeout {
  const random = new Random(1);
  const detect = helper.getNode('detect') as { receive(message: object): void };
  return setInterval(() => {
    const payload = Object.fromEntries(['flow', 'pressure', 'speed', 'current'].map((name) => [name, random.normal()]));
    detect.receive({ payload, device: 'pump-01' });
  }, 1000 / READINGS_A_SECOND);
}

bench(async () => {
  const manifest = readFileSync(require.resolve('node-red/package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  printMachine({ 'Node-RED': version });
  const userDir = mkdtempSync(join(tmpdir(), 'ml-bench-'));
  helper.init(require.resolve('node-red'));
  helper.settings({ userDir });
  await helper.load([mlStore, mlDetect], [{ id: 'detect', type: 'ml-detect', wires: [[], []] }]);
  const pool = openPool();
  const timer = startReadings();
  const idle: Delay[] = [];
  const training: Delay[] = [];
  try {
    await measureDelay(); // Warms up.
    for (let round = 0; round < ROUNDS; round++) {
      idle.push(await measureDelay());
      training.push(await measureTraining(pool));
    }
  } finally {
    clearInterval(timer);
    await pool.close();
    await helper.unload();
    rmSync(userDir, { recursive: true, force: true });
  }
  const rows = [
    { name: 'idle', delays: idle },
    { name: 'training', delays: training },
  ].map(({ name, delays }) => [
    name,
    ...(['p50', 'p99', 'max'] as const).map((key) => fixed(medianOf(delays.map((delay) => delay[key])), 2)),
  ]);
  printTable([`event-loop delay, ms (${ROUNDS} phases of ${PHASE_MS / 1000} s)`, 'p50', 'p99', 'max'], rows);
  const added = training.map(({ p99 }, round) => p99 - idle[round]!.p99);
  console.log(`Training adds ${interval(added)} ms at the 99th percentile.`);
  return {
    p99_ms_training: medianOf(training.map(({ p99 }) => p99)),
    p99_ms_idle: medianOf(idle.map(({ p99 }) => p99)),
    p99_added_ms: medianOf(added),
  };
});
