/**
 * Two years of an electricity transformer, hourly, 7 columns: how good are forecasts from each hour of four months, while
 * the weights of `auto`'s members and its intervals follow what comes (`auto`), and while the weights stay as training
 * left them (`auto-fixed`)? Each column by itself; trained once on rows 0–11519 (training and validation rows; the
 * backtest lies on the last of them), tested on every window of rows 11520–14399; errors in deviations of rows 0–8639.
 */
import { join } from 'node:path';
import { sliceHistory, type History } from '#lib/core/history';
import { mean, standardDeviation } from '#lib/core/statistics';
import { columnOf } from '#lib/core/table';
import { combine, memberWeights } from '#lib/forecasting/combine';
import { fitForecast } from '#lib/forecasting/fit-forecast';
import { courseOf } from '#lib/forecasting/course';
import { ForecastTracker } from '#lib/forecasting/forecast-tracker';
import { forecastMembers } from '#lib/forecasting/members';
import { findData, numbersOf, readCsv } from './support/data';
import { bench, fixed, printMachine, printTable } from './support/report';

const COLUMNS = ['HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT'];
const OIL_TEMPERATURE = 'OT';
const TRAINING_ROWS = 8640;
const TEST_START = 11_520;
const TEST_END = 14_400;
const HOUR_MS = 3_600_000;
const LEVEL = 0.9;
const BUDGET_SECONDS = 60;
const METHODS = ['seasonal-naive', 'ridge', 'auto-fixed', 'auto'] as const;

type Method = (typeof METHODS)[number];

/** Errors in deviations of the training rows; coverage of the 90 % intervals. */
interface Errors {
  readonly mae: number;
  readonly mse: number;
  readonly coverage: number;
}

interface Figures {
  readonly mae24_all: number;
  readonly mse24_all: number;
  readonly mae24_ot: number;
  readonly mse24_ot: number;
  readonly mae96_all: number;
  readonly mse96_all: number;
  readonly coverage90: number;
  readonly cpu_seconds: number;
}

/** MAE/MSE of all columns 24 steps ahead, of the oil temperature, and of all 96 steps ahead, from their papers. */
const PUBLISHED = [
  ['Informer, published', '0.549 / 0.577', '0.246 / 0.092', null],
  ['NLinear, published', null, null, '0.394 / 0.374'],
  ['DLinear, published', null, null, '0.399 / 0.375'],
  ['PatchTST, published, about', null, null, '0.400 / 0.370'],
] as const;

async function errorsOf(method: Method, history: History, horizon: number): Promise<Errors> {
  const training = sliceHistory(history, 0, TEST_START);
  const algorithm = method === 'auto-fixed' ? 'auto' : method;
  const choice = { algorithm, params: {}, horizon, budgetSeconds: BUDGET_SECONDS };
  const { model } = await fitForecast(training, choice, { seed: 1 });
  const origins = Array.from({ length: TEST_END - horizon - TEST_START + 1 }, (_, i) => TEST_START + i);
  const members = forecastMembers(model.members, history, origins, horizon);
  const weights = method === 'auto' ? null : memberWeights(model.members.map(({ error }) => error));

  const unit = standardDeviation(history.target.subarray(0, TRAINING_ROWS));
  const tracker = new ForecastTracker(model, LEVEL);
  let [absolute, squared, within] = [0, 0, 0];
  origins.forEach((origin, row) => {
    tracker.arrive(origin - 1, history.target[origin - 1]!);
    const own = members.map((values) => values.subarray(row * horizon, (row + 1) * horizon));
    const known = sliceHistory(history, Math.max(0, origin - model.history.target.length), origin);
    const course = courseOf(known, model.periods[0] ?? 0, tracker.cadence, horizon);
    const values = weights ? combine(own, weights) : tracker.combine(own, course);
    const { lower, upper } = tracker.intervals.bounds(values, LEVEL);
    tracker.remember(origin, own, values, course);
    values.forEach((value, step) => {
      const actual = history.target[origin + step]!;
      absolute += Math.abs(value - actual) / unit;
      squared += ((value - actual) / unit) ** 2;
      within += actual >= lower[step]! && actual <= upper[step]! ? 1 : 0;
    });
  });
  const count = origins.length * horizon;
  return { mae: absolute / count, mse: squared / count, coverage: within / count };
}

async function measure(method: Method, histories: ReadonlyMap<string, History>): Promise<Figures> {
  const before = process.cpuUsage();
  const day = new Map<string, Errors>();
  const fourDays: Errors[] = [];
  for (const [column, history] of histories) {
    day.set(column, await errorsOf(method, history, 24));
    fourDays.push(await errorsOf(method, history, 96));
  }
  const { user, system } = process.cpuUsage(before);
  const all = [...day.values()];
  const oil = day.get(OIL_TEMPERATURE)!;
  return {
    mae24_all: mean(all.map(({ mae }) => mae)),
    mse24_all: mean(all.map(({ mse }) => mse)),
    mae24_ot: oil.mae,
    mse24_ot: oil.mse,
    mae96_all: mean(fourDays.map(({ mae }) => mae)),
    mse96_all: mean(fourDays.map(({ mse }) => mse)),
    coverage90: mean(all.map(({ coverage }) => coverage)),
    cpu_seconds: (user + system) / 1e6,
  };
}

bench(async () => {
  printMachine();
  const folder = findData('etth1');
  if (folder === null) return Object.fromEntries(METHODS.map((method) => [method, null]));
  const table = numbersOf(readCsv(join(folder, 'ETTh1.csv')), COLUMNS);
  const histories = new Map(
    COLUMNS.map((column, c): [string, History] => {
      const grid = { startMs: Date.UTC(2016, 6, 1), stepMs: HOUR_MS, timeZone: 'UTC' };
      return [column, { ...grid, target: columnOf(table, c).subarray(0, TEST_END), others: [] }];
    }),
  );
  const figures = new Map<string, Figures>();
  for (const method of METHODS) figures.set(method, await measure(method, histories));
  const pair = (mae: number, mse: number): string => `${mae.toFixed(4)} / ${mse.toFixed(4)}`;
  printTable(
    ['MAE / MSE', '24 steps, all', '24 steps, OT', '96 steps, all', 'coverage of 90 %', 'CPU s'],
    [
      ...[...figures].map(([method, each]) => [
        method,
        pair(each.mae24_all, each.mse24_all),
        pair(each.mae24_ot, each.mse24_ot),
        pair(each.mae96_all, each.mse96_all),
        fixed(100 * each.coverage90, 1),
        fixed(each.cpu_seconds, 1),
      ]),
      ...PUBLISHED.map(([name, ...cells]) => [name, ...cells, null, null]),
    ],
  );
  return Object.fromEntries(figures);
});
