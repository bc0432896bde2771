/**
 * The 414 hourly series of the M4 competition, 48 steps ahead: does `auto` forecast them better than its parts do, and
 * than what has been published? Each series is trained on its training part alone, one configuration for all, and its
 * period is not told: samples are a second apart, so that no day of the calendar fits. `--series N` takes every so
 * many-th series only.
 */
import { join } from 'node:path';
import type { History } from '#lib/core/history';
import { mean } from '#lib/core/statistics';
import { combine, memberWeights } from '#lib/forecasting/combine';
import { fitForecast } from '#lib/forecasting/fit-forecast';
import { LiveIntervals } from '#lib/forecasting/live-intervals';
import { forecastMembers } from '#lib/forecasting/members';
import { forecasters } from '#lib/registry';
import { findData, readCsv } from './support/data';
import { bench, fixed, printMachine, printTable } from './support/report';

const HORIZON = 48;
const HORIZONS = [12, 24, HORIZON] as const;
const LEVEL = 0.9;
/** Period that the competition's MASE is defined with. */
const PERIOD = 24;
/** Errors of Naive2, the competition's yardstick. */
const NAIVE2 = { smape: 18.383, mase: 2.395 };
/** What a user gets who does not think about it. */
const BUDGET_SECONDS = 60;
const ALGORITHMS = ['seasonal-naive', 'holt-winters', 'theta', 'seasonal-trend', 'ridge', 'auto'];

/** S. Makridakis et al.: The M4 Competition. Int. J. Forecasting 36, 2020; the others from their own papers. */
const PUBLISHED: readonly (readonly [string, number, number | null])[] = [
  ['ES-RNN (winner), published', 0.893, 0.44],
  ['Doornik et al., published', 0.801, 0.41],
  ['Montero-Manso et al., published', 0.819, 0.484],
  ['AutoARIMA, published', 0.92, null],
  ['AutoETS, published', 1.61, null],
  ['Prophet, published', 1.78, null],
  ['AutoTheta, published', 2.46, null],
];

interface Task {
  readonly training: Float64Array;
  readonly future: Float64Array;
}

/** One series' errors; MASE up to each of the horizons. */
interface Errors {
  readonly mase: readonly number[];
  readonly smape: number;
  readonly coverage: number;
}

interface Figures {
  readonly mase12: number;
  readonly mase24: number;
  readonly mase48: number;
  readonly smape: number;
  readonly owa: number;
  readonly coverage90: number;
  readonly cpu_seconds: number;
}

function readTasks(folder: string): Task[] {
  const [training, future] = ['train.csv', 'test.csv'].map((file) => {
    const { rows } = readCsv(join(folder, file));
    const numbers = (row: readonly string[]): string[] => row.slice(1).map((cell) => cell.replaceAll('"', ''));
    return rows.map((row) =>
      Float64Array.from(
        numbers(row).filter((cell) => cell !== ''),
        Number,
      ),
    );
  });
  return training!.map((values, i) => ({ training: values, future: future![i]!.subarray(0, HORIZON) }));
}

async function errorsOf(algorithm: string, { training, future }: Task): Promise<Errors> {
  const history: History = { startMs: 0, stepMs: 1000, timeZone: 'UTC', target: training, others: [] };
  const choice = { algorithm, params: {}, horizon: HORIZON, budgetSeconds: BUDGET_SECONDS };
  const { model } = await fitForecast(history, choice, { seed: 1 });
  const members = forecastMembers(model.members, model.history, [model.history.target.length], HORIZON);
  const values = combine(members, memberWeights(model.members.map(({ error }) => error)));
  const { lower, upper } = new LiveIntervals(model.intervals, LEVEL).bounds(values, LEVEL);

  const unit = mean(training.subarray(PERIOD).map((value, i) => Math.abs(value - training[i]!)));
  const errors = values.map((value, i) => Math.abs(value - future[i]!));
  return {
    mase: HORIZONS.map((horizon) => mean(errors.subarray(0, horizon)) / unit),
    smape: mean(errors.map((error, i) => (200 * error) / (Math.abs(values[i]!) + Math.abs(future[i]!)))),
    coverage: mean(future.map((value, i) => (value >= lower[i]! && value <= upper[i]! ? 1 : 0))),
  };
}

async function measure(algorithm: string, tasks: readonly Task[]): Promise<Figures> {
  const before = process.cpuUsage();
  const all: Errors[] = [];
  for (const task of tasks) all.push(await errorsOf(algorithm, task));
  const { user, system } = process.cpuUsage(before);
  const [mase12, mase24, mase48] = HORIZONS.map((_, h) => mean(all.map(({ mase }) => mase[h]!))) as [
    number,
    number,
    number,
  ];
  const smape = mean(all.map((each) => each.smape));
  return {
    mase12,
    mase24,
    mase48,
    smape,
    owa: (smape / NAIVE2.smape + mase48 / NAIVE2.mase) / 2,
    coverage90: mean(all.map(({ coverage }) => coverage)),
    cpu_seconds: (user + system) / 1e6,
  };
}

/** As many as were asked for by `--series`, evenly spread. */
function chosen(tasks: readonly Task[]): readonly Task[] {
  const at = process.argv.indexOf('--series');
  const wanted = at < 0 ? tasks.length : Number(process.argv[at + 1]);
  const stride = Math.max(1, Math.floor(tasks.length / wanted));
  return tasks.filter((_, i) => i % stride === 0);
}

bench(async () => {
  printMachine();
  const known = ALGORITHMS.filter((id) => id === 'auto' || forecasters.some((forecaster) => forecaster.id === id));
  const folder = findData('m4-hourly');
  if (folder === null) return Object.fromEntries(known.map((id) => [id, null]));
  const tasks = chosen(readTasks(folder));
  console.log(`${tasks.length} series.`);
  const figures = new Map<string, Figures>();
  for (const id of known) figures.set(id, await measure(id, tasks));
  printTable(
    ['', 'MASE 12', 'MASE 24', 'MASE 48', 'sMAPE', 'OWA', 'coverage of 90 %', 'CPU s'],
    [
      ...[...figures].map(([id, each]) => [
        id,
        fixed(each.mase12, 3),
        fixed(each.mase24, 3),
        fixed(each.mase48, 3),
        fixed(each.smape, 2),
        fixed(each.owa, 3),
        fixed(100 * each.coverage90, 1),
        fixed(each.cpu_seconds, 1),
      ]),
      ...PUBLISHED.map(([name, mase48, owa]) => [name, null, null, fixed(mase48, 3), null, fixed(owa, 3), null, null]),
    ],
  );
  return Object.fromEntries(figures);
});
