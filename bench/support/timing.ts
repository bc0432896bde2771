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

export const medianOf = (values: readonly number[]): number => quantileSorted(Float64Array.from(values).sort(), 0.5);

/**
 * Median milliseconds of each contestant over some rounds after one to warm up. In every round all run in turn, so that
 * whatever else the machine does falls on all of them.
 */
export async function race<K extends string>(
  contestants: Readonly<Record<K, Contestant>>,
  rounds: number,
): Promise<Record<K, number | null>> {
  const names = Object.keys(contestants) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const ms = await contestants[name]();
      if (ms !== null && round > 0) times.get(name)!.push(ms);
    }
  }
  const medians = names.map((name): [K, number | null] => {
    const all = times.get(name)!;
    return [name, all.length > 0 ? medianOf(all) : null];
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
