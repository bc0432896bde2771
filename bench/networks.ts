/**
 * What networks are worth: minutes of a smooth noisy day, and of a cabinet that a cooler switches, whose next turn no
 * weighted sum of the past tells. A week, its last fifth forecast twelve steps ahead from every minute; mean absolute
 * error and CPU seconds of training, two seeds each.
 */
import type { History } from '#lib/core/history';
import { sliceHistory } from '#lib/core/history';
import { checkParams, type ParamSpecs, type ParamValues } from '#lib/core/params';
import { mean } from '#lib/core/statistics';
import { forecaster } from '#lib/registry';
import { bench, fixed, printMachine, printTable } from './support/report';
import { cooledCabinet, smoothDays } from './support/switching-signals';

const POINTS = 10_080;
const TRAINED = 8076;
const HORIZON = 12;
const DAY = 1440;
const SEEDS = [1, 2];

interface Contestant {
  readonly id: string;
  readonly periods: readonly number[];
  readonly params?: ParamValues;
}

/** The reference takes minutes: only where it is asked for. */
const reference = process.argv.includes('--reference');

const contestants: Readonly<Record<string, Contestant>> = {
  persistence: { id: 'seasonal-naive', periods: [] },
  'seasonal-naive': { id: 'seasonal-naive', periods: [DAY] },
  ridge: { id: 'ridge', periods: [DAY] },
  mlp: { id: 'mlp', periods: [DAY] },
  gru: { id: 'gru', periods: [DAY] },
  lstm: { id: 'lstm', periods: [DAY] },
  ...(reference && { 'lstm reference': { id: 'lstm', periods: [DAY], params: { preset: 'reference' } } }),
};

function minutes(target: Float64Array): History {
  return { startMs: Date.UTC(2026, 0, 5), stepMs: 60_000, timeZone: 'UTC', target, others: [] };
}

async function run(
  { id, periods, params = {} }: Contestant,
  history: History,
  seed: number,
): Promise<{ error: number; seconds: number }> {
  const algorithm = forecaster(id);
  const training = { ...sliceHistory(history, 0, TRAINED), periods, horizon: HORIZON };
  const before = process.cpuUsage();
  const model = await algorithm.fit(training, checkParams(id, algorithm.params as ParamSpecs, params), { seed });
  const { user, system } = process.cpuUsage(before);
  const origins = Array.from({ length: POINTS - TRAINED - HORIZON + 1 }, (_, i) => TRAINED + i);
  const errors = model
    .forecast(history, origins, HORIZON)
    .map((value, i) => Math.abs(value - history.target[origins[Math.floor(i / HORIZON)]! + (i % HORIZON)]!));
  return { error: mean(errors), seconds: (user + system) / 1e6 };
}

bench(async () => {
  printMachine();
  const signals = { smooth: minutes(smoothDays(POINTS)), switching: minutes(cooledCabinet(POINTS)) };
  const figures: Record<string, Record<string, number>> = {};
  for (const [name, contestant] of Object.entries(contestants)) {
    const seconds: number[] = [];
    const errors: Record<string, number> = {};
    for (const [signal, history] of Object.entries(signals)) {
      const runs = [];
      for (const seed of SEEDS) runs.push(await run(contestant, history, seed));
      errors[`mae_${signal}`] = mean(runs.map(({ error }) => error));
      seconds.push(...runs.map((each) => each.seconds));
    }
    figures[name] = { ...errors, cpu_seconds: mean(seconds) };
  }
  const row = (name: string, { mae_smooth, mae_switching, cpu_seconds }: Record<string, number>): (string | null)[] => [
    name,
    fixed(mae_smooth!, 3),
    fixed(mae_switching!, 3),
    fixed(cpu_seconds!, 2),
  ];
  printTable(
    ['', 'smooth', 'switching', 'CPU s'],
    Object.entries(figures).map(([name, each]) => row(name, each)),
  );
  return figures;
});
