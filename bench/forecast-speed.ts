/**
 * Speed of forecasters: Holt-Winters beside statsmodels, the reference LSTM beside PyTorch, `auto` and every algorithm
 * on a week of minutes, and what one live forecast takes. Processor time, except where threads share the work.
 */
import type { ForecasterAlgorithm } from '#lib/core/algorithm';
import type { ForecasterArtifact } from '#lib/core/artifact';
import type { TrainingHistory } from '#lib/core/history';
import { checkParams, type ParamSpecs, type ParamValues } from '#lib/core/params';
import { Random } from '#lib/core/random';
import { mean } from '#lib/core/statistics';
import { holtWinters } from '#lib/forecasters/holt-winters';
import { forecastMembers } from '#lib/forecasting/members';
import { unpackModel } from '#lib/forecasting/model-state';
import { forecasters } from '#lib/registry';
import { train } from '#lib/training/train';
import { HandTraining } from './support/hand-training';
import { PythonPeer } from './support/python-peer';
import { makeSeries } from './support/reference-forecaster';
import { bench, fixed, printMachine, printTable, type Cell } from './support/report';
import { processorMs, race, timed, type Contestant } from './support/timing';

const MINUTE_MS = 60_000;
const HORIZON = 60;
const ROUNDS = 5;
const BATCHES_A_ROUND = 6;
const WARM_UP = 20;
const FORECASTS = 100;
/** What `ml-train` allows by default. */
const BUDGET_SECONDS = 20;

type Figures = Record<string, number | string | null>;

const historyOf = (target: Float64Array, period: number): TrainingHistory => ({
  startMs: 0,
  stepMs: MINUTE_MS,
  timeZone: 'UTC',
  target,
  others: [],
  periods: [period],
  horizon: HORIZON,
});

/** A wave, a level that wanders, and noise; its last `HORIZON` values are kept for the check. */
function seasonalSeries(samples: number, period: number): { known: Float64Array; future: Float64Array } {
  const random = new Random(11);
  let level = 50;
  const values = Float64Array.from({ length: samples + HORIZON }, (_, i) => {
    level += random.normal(0, 0.02);
    return level + 10 * Math.sin((2 * Math.PI * i) / period) + random.normal();
  });
  return { known: values.subarray(0, samples), future: values.subarray(samples) };
}

const errorOf = (forecast: ArrayLike<number>, future: Float64Array): number =>
  mean(future.map((value, i) => Math.abs(value - forecast[i]!)));

const SIZES = [
  { name: 'hourly', samples: 720, period: 24 },
  { name: 'minutes_60', samples: 10_080, period: 60 },
  { name: 'minutes_1440', samples: 10_080, period: 1440 },
] as const;

/** What a contestant's last forecast was off by, on average. */
type Errors = Map<string, number>;

function ourSmoothing(known: Float64Array, period: number, given: ParamValues, tell: (forecast: Float64Array) => void) {
  const history = historyOf(known, period);
  const params = checkParams(holtWinters.id, holtWinters.params, given);
  return (): Promise<number> =>
    processorMs(async () => {
      const model = await holtWinters.fit(history, params, { seed: 1 });
      tell(model.forecast(history, [known.length], HORIZON));
    });
}

async function measureSmoothing(
  peer: PythonPeer | null,
): Promise<{ rows: Cell[][]; figures: Record<string, Figures> }> {
  const models = (await peer?.ask<{ models: string[] }>({ action: 'models' }))?.models ?? [];
  const rows: Cell[][] = [];
  const figures: Record<string, Figures> = {};
  for (const { name, samples, period } of SIZES) {
    const { known, future } = seasonalSeries(samples, period);
    const errors: Errors = new Map();
    const tell = (contestant: string) => (forecast: ArrayLike<number>) =>
      void errors.set(contestant, errorOf(forecast, future));
    // Seconds a fit, with a free number for each step of a day: no one would wait for it.
    const able = models.filter((model) => period < 1000 || model !== 'ExponentialSmoothing');
    const same = { season: 'additive', trend: 'damped', criterion: 'one-step' };
    const contestants: Record<string, Contestant> = {
      'ours, same model': ourSmoothing(known, period, same, tell('ours, same model')),
      'ours, all six models': ourSmoothing(known, period, {}, tell('ours, all six models')),
    };
    for (const model of able) {
      contestants[model] = async () => {
        const request = { action: 'fit', model, series: [...known], period, horizon: HORIZON };
        const { ms, forecast } = await peer!.ask<{ ms: number; forecast: number[] }>(request);
        tell(model)(forecast);
        return ms;
      };
    }
    const medians = await race(contestants, ROUNDS);
    const best = Math.min(...able.map((model) => medians[model] ?? Infinity));
    for (const [contestant, ms] of Object.entries(medians)) {
      rows.push([`${name}: ${contestant}`, fixed(ms, 1), fixed(best / ms!, 2), fixed(errors.get(contestant)!, 3)]);
    }
    figures[name] = {
      fit_ms: medians['ours, same model']!,
      fit_all_ms: medians['ours, all six models']!,
      statsmodels_ms: medians.ExponentialSmoothing ?? null,
      statsmodels_quickest_ms: Number.isFinite(best) ? best : null,
      speedup_quickest: Number.isFinite(best) ? best / medians['ours, same model']! : null,
      mae: errors.get('ours, same model')!,
    };
  }
  return { rows, figures };
}

async function measureNetwork(): Promise<{ rows: Cell[][]; figures: Figures }> {
  const series = makeSeries();
  const torch = await PythonPeer.start('lstm.py', 'PyTorch');
  const loaded = await torch?.ask<{ settings: string[] }>({ action: 'load', series: Array.from(series) });
  const [two, one] = [new HandTraining(series, 2), new HandTraining(series, 1)];
  const byHand = (training: HandTraining) => (): number => timed(() => training.run(BATCHES_A_ROUND)) / BATCHES_A_ROUND;
  const contestants: Record<string, Contestant> = { 'ours, 2 threads': byHand(two), 'ours, 1 thread': byHand(one) };
  for (const setting of loaded?.settings ?? []) {
    const request = { action: 'train', setting, batches: BATCHES_A_ROUND };
    contestants[`PyTorch, ${setting}`] = async () => (await torch!.ask<{ ms: number }>(request)).ms;
  }
  const medians = await race(contestants, ROUNDS);
  await Promise.all([two.stop(), torch?.stop()]);
  const peers = Object.entries(medians).filter(([name]) => name.startsWith('PyTorch'));
  const best = Math.min(...peers.map(([, ms]) => ms ?? Infinity));
  const rows = Object.entries(medians).map(([name, ms]): Cell[] => [name, fixed(ms, 1), fixed(best / ms!, 2)]);
  return {
    rows,
    figures: {
      ms_per_batch: medians['ours, 2 threads']!,
      ms_per_batch_1_thread: medians['ours, 1 thread']!,
      torch_best_ms_per_batch: Number.isFinite(best) ? best : null,
      speedup_torch: Number.isFinite(best) ? best / medians['ours, 2 threads']! : null,
    },
  };
}

/** Seconds of processor time for a whole training as `ml-train` does it, and microseconds for one forecast by it. */
async function measureTraining(algorithm: string, target: Float64Array): Promise<Figures> {
  const timestampsMs = Float64Array.from(target, (_, i) => i * MINUTE_MS);
  const table = { device: 'pump', fields: ['value'], timestampsMs, data: target };
  let artifact: ForecasterArtifact | undefined;
  const trainOn = async (): Promise<void> => {
    artifact = await train({
      task: 'forecast',
      name: 'speed',
      device: 'pump',
      algorithm,
      params: {},
      minRows: 100,
      seed: 1,
      learnAlarms: false,
      tables: [table],
      series: { field: 'value' },
      horizonMs: HORIZON * MINUTE_MS,
      budgetSeconds: BUDGET_SECONDS,
    });
  };
  const seconds = (await processorMs(trainOn)) / 1000;
  const model = unpackModel(artifact!.state);
  const origins = [model.history.target.length];
  const forecastSome = (count: number): void => {
    for (let i = 0; i < count; i++) forecastMembers(model.members, model.history, origins, HORIZON);
  };
  forecastSome(WARM_UP);
  const liveMs = (await processorMs(() => forecastSome(FORECASTS))) / FORECASTS;
  return { train_cpu_s: seconds, forecast_us: 1000 * liveMs };
}

/** Milliseconds of processor time for one fit alone. */
async function measureFit(algorithm: ForecasterAlgorithm, target: Float64Array): Promise<number> {
  const params = checkParams(algorithm.id, algorithm.params as ParamSpecs);
  return processorMs(() => algorithm.fit(historyOf(target, 1440), params, { seed: 1 }));
}

async function measure(): Promise<Readonly<Record<string, unknown>>> {
  const peer = await PythonPeer.start('exponential_smoothing.py', 'statsmodels');
  printMachine({ statsmodels: peer?.version ?? null });
  const smoothing = await measureSmoothing(peer);
  await peer?.stop();
  printTable(['exponential smoothing, one fit', 'CPU ms', "× statsmodels' best", 'MAE'], smoothing.rows);

  const network = await measureNetwork();
  printTable(['reference LSTM, training', 'ms a batch', "× PyTorch's best"], network.rows);

  const minutes = Float64Array.from(makeSeries());
  const methods: Record<string, Figures> = {};
  for (const algorithm of forecasters) {
    const fitMs = await measureFit(algorithm, minutes);
    methods[algorithm.id] = { fit_cpu_s: fitMs / 1000, ...(await measureTraining(algorithm.id, minutes)) };
  }
  methods.auto = { fit_cpu_s: null, ...(await measureTraining('auto', minutes)) };
  printTable(
    ['10,080 minutes, one hour ahead', 'fit, CPU s', 'ml-train, CPU s', 'a forecast, µs'],
    Object.entries(methods).map(([id, { fit_cpu_s, train_cpu_s, forecast_us }]) => [
      id,
      fixed(fit_cpu_s as number | null, 3),
      fixed(train_cpu_s as number, 3),
      fixed(forecast_us as number, 0),
    ]),
  );
  return {
    ...methods,
    'holt-winters': { ...methods['holt-winters'], ...smoothing.figures },
    lstm: { ...methods.lstm, ...network.figures },
  };
}

bench(measure);
