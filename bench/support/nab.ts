import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { numbersOf, readCsv } from './data';

/** One series of the benchmark; windows are row numbers, first and last included. */
export interface NabSeries {
  readonly name: string;
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  readonly windows: readonly Window[];
}

export interface Window {
  readonly first: number;
  readonly last: number;
}

/** What a right alert, a false one and a missed window weigh. */
export interface Profile {
  readonly tpWeight: number;
  readonly fpWeight: number;
  readonly fnWeight: number;
}

export const PROFILES = ['standard', 'reward_low_FP_rate', 'reward_low_FN_rate'] as const;
export type Profiles = Readonly<Record<(typeof PROFILES)[number], Profile>>;

/** Reads all series, in the order of the labels, and the profiles. */
export function readNab(folder: string): { readonly series: readonly NabSeries[]; readonly profiles: Profiles } {
  const labels = readJson<Record<string, readonly (readonly [string, string])[]>>(
    join(folder, 'combined_windows.json'),
  );
  const costs = readJson<Record<keyof Profiles, { readonly CostMatrix: Profile }>>(join(folder, 'profiles.json'));
  return {
    series: Object.entries(labels).map(([name, windows]) => readSeries(join(folder, 'data', name), name, windows)),
    profiles: Object.fromEntries(PROFILES.map((name) => [name, costs[name].CostMatrix])) as unknown as Profiles,
  };
}

function readSeries(path: string, name: string, windows: readonly (readonly [string, string])[]): NabSeries {
  const csv = readCsv(path);
  const timestampsMs = Float64Array.from(csv.rows, ([time]) => timeOf(time!));
  const rowOf = (time: string): number => {
    const row = timestampsMs.indexOf(timeOf(time));
    if (row < 0) throw new Error(`${name} has no row at ${time}, where a window should begin or end.`);
    return row;
  };
  return {
    name,
    timestampsMs,
    values: numbersOf(csv, ['value']).data,
    windows: windows.map(([first, last]) => ({ first: rowOf(first), last: rowOf(last) })),
  };
}

const timeOf = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

const PROBATION = 0.15;
/** A series longer than this has no longer probation. */
const PROBATION_ROWS = 5000;
/** From so many window lengths after a window on, a false alert weighs in full. */
const FAR = 3;

/** Rows at the start of a series that are not scored. */
export function probationOf(rows: number): number {
  return Math.min(Math.floor(PROBATION * rows), PROBATION * PROBATION_ROWS);
}

/**
 * What an alert is worth by where it comes: 1 long before the end of a window, 0 at its end, −1 long after it.
 * @param position - in window lengths, relative to the window's end
 */
export function worthAt(position: number): number {
  return position >= FAR ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** One alert more: the window that it falls into (−1: none), and what it counts. */
interface Alert {
  readonly score: number;
  /** Number of the window over all series; −1: outside. */
  readonly window: number;
  readonly worth: number;
}

export interface Swept {
  /** The best threshold: from that score on there is an alert. */
  readonly threshold: number;
  /** In the benchmark's own unit. */
  readonly total: number;
  /** 0: no alert at all; 100: one at the beginning of each window, and no other. */
  readonly normalised: number;
}

/**
 * The score of the Numenta Anomaly Benchmark (A. Lavin, S. Ahmad: Evaluating Real-time Anomaly Detection Algorithms,
 * 2015) with the one threshold for all series that is best: of each window the earliest alert counts, the more the
 * earlier it is; each alert outside costs, less when it comes soon after a window.
 * @param scores - of each series one score a row; −Infinity: never an alert
 */
export function sweep(series: readonly NabSeries[], scores: readonly ArrayLike<number>[], profile: Profile): Swept {
  const { alerts, windows } = alertsOf(series, scores, profile);
  alerts.sort((a, b) => b.score - a.score);
  const found = new Float64Array(windows).fill(-profile.fnWeight);
  const none = -profile.fnWeight * windows;
  let total = none;
  let best = { threshold: Infinity, total };
  for (const [i, { score, window, worth }] of alerts.entries()) {
    if (window < 0) total += worth;
    else if (worth > found[window]!) {
      total += worth - found[window]!;
      found[window] = worth;
    }
    if (alerts[i + 1]?.score !== score && total > best.total) best = { threshold: score, total };
  }
  return { ...best, normalised: (100 * (best.total - none)) / (profile.tpWeight * windows - none) };
}

function alertsOf(
  series: readonly NabSeries[],
  scores: readonly ArrayLike<number>[],
  profile: Profile,
): { readonly alerts: Alert[]; readonly windows: number } {
  const alerts: Alert[] = [];
  let windows = 0;
  for (const [s, { values, windows: own }] of series.entries()) {
    const given = scores[s]!;
    for (let row = Math.ceil(probationOf(values.length)); row < values.length; row++) {
      if (!(given[row]! > -Infinity)) continue;
      const inside = own.findIndex(({ first, last }) => row >= first && row <= last);
      const window = inside < 0 ? -1 : windows + inside;
      alerts.push({ score: given[row]!, window, worth: worthOf(row, own, inside, profile) });
    }
    windows += own.length;
  }
  return { alerts, windows };
}

/** @param inside - number of the window that the row is in; −1: none */
function worthOf(row: number, windows: readonly Window[], inside: number, profile: Profile): number {
  if (inside >= 0) {
    const { first, last } = windows[inside]!;
    return (profile.tpWeight * worthAt(-(last - row + 1) / (last - first + 1))) / worthAt(-1);
  }
  const before = windows.findLast(({ last }) => last < row);
  const position = before === undefined ? FAR : (row - before.last) / (before.last - before.first);
  return profile.fpWeight * worthAt(position);
}
