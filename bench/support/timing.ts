import { performance } from 'node:perf_hooks';
import { quantileSorted } from '#lib/core/statistics';

/** One run of something: how many milliseconds it took, or null where it is not installed. */
export type Contestant = () => number | null | Promise<number | null>;

/** Milliseconds that `work` takes. */
export function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

export async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Milliseconds of processor time that `work` takes, in all threads of this process: others' work does not count. */
export async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export const medianOf = (values: readonly number[]): number => quantileSorted(Float64Array.from(values).sort(), 0.5);

/** A contestant whose runs have taken so long sits out the rounds that are left. */
const LONG_ENOUGH_MS = 15_000;

/**
 * Median milliseconds of each contestant over some rounds after one to warm up. In every round all run in turn, so that
 * whatever else the machine does falls on all of them. One that is very slow runs less often, at the least once.
 */
export async function race<K extends string>(
  contestants: Readonly<Record<K, Contestant>>,
  rounds: number,
): Promise<Record<K, number | null>> {
  const runs = (Object.keys(contestants) as K[]).map((name) => ({ name, ms: [] as number[], totalMs: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (const run of runs) {
      const ms = run.totalMs < LONG_ENOUGH_MS ? await contestants[run.name]() : null;
      if (ms === null) continue;
      run.ms.push(ms);
      run.totalMs += ms;
    }
  }
  const medians = runs.map(({ name, ms }): [K, number | null] => {
    const warm = ms.length > 1 ? ms.slice(1) : ms;
    return [name, warm.length > 0 ? medianOf(warm) : null];
  });
  return Object.fromEntries(medians) as Record<K, number | null>;
}

/** A median with a 95 % interval for it from the order of the values (their ranks are binomial), as text. */
export function interval(values: readonly number[], digits = 2): string {
  const sorted = [...values].sort((a, b) => a - b);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const at = (rank: number): string =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))]!.toFixed(digits);
  const middle = (sorted.length - 1) / 2;
  return `${medianOf(values).toFixed(digits)} (${at(middle - reach)} – ${at(middle + reach)})`;
}
