/**
 * Speed of training the reference forecaster (LSTM 128, LSTM 64, dense 32, dense 12; window 50; batch 32; dropout 0.2),
 * against PyTorch in the fastest of several settings and TensorFlow.js. All take turns in every round.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Network } from '#lib/nn/network';
import { planNetwork, type Plan } from '#lib/nn/plan';
import { unpackWeights } from '#lib/nn/weights';
import { HandTraining } from './support/hand-training';
import { multiplyAddPeak } from './support/peak';
import { PythonPeer } from './support/python-peer';
import { AHEAD, BATCH, makeSeries, referenceForecaster as network } from './support/reference-forecaster';
import { bench, fixed, printMachine, printTable, type Cell } from './support/report';
import { interval, medianOf, timed } from './support/timing';
import { startTensorFlow, type TensorFlowPeer } from './support/tensorflow';

const ROUNDS = 11;
const BATCHES_A_ROUND = 12;
const FORECASTS_A_ROUND = 60;

/** Floating-point operations of a training batch: products forward, back to the inputs, and by the weights. */
function operationsOf({ recurrent, dense, spec }: Plan): number {
  const steps = recurrent.map(({ rows, inner, back }) => spec.steps * rows * (2 * inner + back));
  const ends = dense.map(({ rows, inner, back }) => rows * (2 * inner + back));
  return 2 * BATCH * [...steps, ...ends].reduce((a, b) => a + b, 0);
}

/** Memory that training takes beyond an idle process, at its peak, in MB. */
async function residentMb(): Promise<number> {
  const child = fork(__filename, ['--memory']);
  const [peakMb] = (await once(child, 'message')) as [number];
  await once(child, 'exit');
  return peakMb;
}

/** The child's part: trains a while with two threads and says how far its memory rose. */
async function reportMemory(): Promise<void> {
  const idle = process.memoryUsage.rss();
  const training = new HandTraining(makeSeries(), 2);
  training.run(40);
  const peak = process.resourceUsage().maxRSS * 1024;
  await training.stop();
  process.send!((peak - idle) / 1e6);
  process.disconnect();
}

type Times = Map<string, number[]>;

function note(times: Times, name: string, ms: number): void {
  times.set(name, [...(times.get(name) ?? []), ms]);
}

async function startTorch(series: Float32Array): Promise<{ peer: PythonPeer; settings: string[] } | null> {
  const peer = await PythonPeer.start('lstm.py', 'PyTorch');
  if (peer === null) return null;
  const { settings } = await peer.ask<{ settings: string[] }>({ action: 'load', series: Array.from(series) });
  return { peer, settings };
}

async function measure(): Promise<Readonly<Record<string, unknown>>> {
  const series = makeSeries();
  const plan = planNetwork(network);
  const torch = await startTorch(series);
  const tensorFlow = await startTensorFlow(network, series, AHEAD, BATCH);
  printMachine({ PyTorch: torch?.peer.version ?? null, '@tensorflow/tfjs': tensorFlow?.version ?? null });
  const two = new HandTraining(series, 2);
  const one = new HandTraining(series, 1);
  const { workspace, parameters } = one.space;
  const forecaster = new Network(network, unpackWeights(plan, workspace.view(parameters, plan.parameters)));
  const times: Times = new Map();
  const peaks: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const counts = round > 0;
    const add = (name: string, ms: number): void => {
      if (counts) note(times, name, ms);
    };
    add('2 workers', timed(() => two.run(BATCHES_A_ROUND)) / BATCHES_A_ROUND);
    add('1 worker', timed(() => one.run(BATCHES_A_ROUND)) / BATCHES_A_ROUND);
    for (const setting of torch?.settings ?? []) {
      const asked = { action: 'train', setting, batches: BATCHES_A_ROUND };
      add(`PyTorch, ${setting}`, (await torch!.peer.ask<{ ms: number }>(asked)).ms);
    }
    add('forecast', timed(() => forecastSome(forecaster, series)) / FORECASTS_A_ROUND);
    peaks.push(await multiplyAddPeak());
  }
  const memoryMb = await residentMb();
  await two.stop();
  const tf = await timeTensorFlow(tensorFlow);
  const best = (torch?.settings ?? [])
    .map((s) => `PyTorch, ${s}`)
    .sort((a, b) => median(times, a) - median(times, b))[0];
  await torch?.peer.stop();
  return report(times, best ?? null, tf, memoryMb, operationsOf(plan), medianOf(peaks));
}

function forecastSome(forecaster: Network, series: Float32Array): void {
  for (let row = 0; row < FORECASTS_A_ROUND; row++) forecaster.predict(series.subarray(row, row + network.steps));
}

async function timeTensorFlow(peer: TensorFlowPeer | null): Promise<Record<'cpu' | 'wasm', number | null>> {
  return { cpu: (await peer?.msPerBatch('cpu', 2)) ?? null, wasm: (await peer?.msPerBatch('wasm', 5)) ?? null };
}

const median = (times: Times, name: string): number => medianOf(times.get(name)!);

/** The rounds' ratios of one contestant's time to another's. */
const ratios = (times: Times, slow: string, fast: string): number[] =>
  times.get(slow)!.map((ms, round) => ms / times.get(fast)![round]!);

function report(
  times: Times,
  best: string | null,
  tf: Record<'cpu' | 'wasm', number | null>,
  memoryMb: number,
  operations: number,
  peak: number,
): Readonly<Record<string, unknown>> {
  const speedups = best && { two: ratios(times, best, '2 workers'), one: ratios(times, best, '1 worker') };
  const row = (name: string, ms: number): Cell[] => [
    name,
    fixed(ms, 2),
    best && fixed(median(times, best) / ms, 2),
    fixed(operations / ms / 1e6, 1),
  ];
  const trained = [...times.keys()].filter((name) => name !== 'forecast');
  const rows = trained.map((name) => row(name, median(times, name)));
  for (const [backend, ms] of Object.entries(tf)) if (ms !== null) rows.push(row(`TensorFlow.js, ${backend}`, ms));
  printTable(['training', 'ms a batch', "× PyTorch's best", 'GFLOP/s'], rows);
  if (speedups) {
    console.log(`Against ${best}: two workers ${interval(speedups.two)}, one worker ${interval(speedups.one)}.`);
  }
  const gflops = operations / median(times, '1 worker') / 1e6;
  console.log(`One worker reaches ${fixed(gflops, 1)} of the ${fixed(peak, 1)} GFLOP/s of multiply-adds on registers.`);
  console.log(
    `One forecast takes ${fixed(median(times, 'forecast') * 1000, 0)} µs; training takes ${fixed(memoryMb, 0)} MB.`,
  );
  return {
    ms_per_batch: median(times, '2 workers'),
    ms_per_batch_1_worker: median(times, '1 worker'),
    torch_best_ms_per_batch: best && median(times, best),
    torch_best_setting: best,
    speedup_torch: speedups && medianOf(speedups.two),
    speedup_torch_1_worker: speedups && medianOf(speedups.one),
    tfjs_cpu_ms_per_batch: tf.cpu,
    tfjs_wasm_ms_per_batch: tf.wasm,
    speedup_tfjs_wasm: tf.wasm && tf.wasm / median(times, '2 workers'),
    rss_above_idle_mb: memoryMb,
    forecast_us: median(times, 'forecast') * 1000,
    gflops,
    share_of_peak: gflops / peak,
  };
}

if (process.argv.includes('--memory')) {
  reportMemory().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  bench(measure);
}
