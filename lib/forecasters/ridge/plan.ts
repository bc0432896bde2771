import type { TrainingHistory } from '../../core/history';
import { blockColumns, firstLags, lagColumns, recursiveLags, type LagColumn } from './lag-columns';
import { MAX_LOOKBACK } from './model';
import type { Season } from './season';
import { targetSteps } from './step';

/** What the parameters ask for. */
export interface RidgeChoice {
  readonly direct: boolean;
  readonly profile: boolean;
  readonly calendar: boolean;
  readonly others: boolean;
  readonly difference: boolean;
  /** 0: chosen from period and length. */
  readonly lags: number;
}

const MIN_DAYS = 2;
/** Periods shorter than this have no week of seven. */
const MIN_DAY = 4;
/** Lags of each other field. */
const OTHER_LAGS = 12;

/** The seasons that a history is long enough for. */
export function seasonOf({ target, periods, horizon }: TrainingHistory): Season {
  const day = periods[0] ?? 0;
  if (day === 0 || target.length < MIN_DAYS * day) return { day: 0, week: 0 };
  const week = 7 * day;
  const longEnough = target.length >= 2 * week + day + 3 * horizon;
  return { day, week: longEnough && (day >= MIN_DAY || periods.includes(week)) ? week : 0 };
}

/** What a model is made of, before it is fitted. */
export interface Plan {
  readonly columns: readonly LagColumn[];
  readonly outputs: readonly LagColumn[];
  /** Empty: recursive. */
  readonly steps: Uint32Array;
  /** The last origin leaves room for the steps. */
  readonly ahead: number;
}

const LONG_PERIOD = 96;
const LONG_HORIZON = 192;
const MAX_DIRECT_LAGS = 96;
const MIN_DIRECT_LAGS = 24;
const MAX_OUTPUTS = 64;
/** A history shorter than this has no use for blocks of 24 lags and more. */
const MIN_BLOCK_SAMPLES = 6 * MIN_DIRECT_LAGS;

function planRecursive(samples: number, season: Season, series: number, lags: number): Plan {
  const largest = Math.min(MAX_LOOKBACK, samples - 1);
  const own = lags > 0 ? firstLags(Math.min(lags, largest)) : recursiveLags(season.day, samples, largest);
  const columns = lagColumns(0, own.length > 0 ? own : [1]);
  const others = firstLags(Math.min(OTHER_LAGS, own.length || 1));
  for (let s = 1; s < series; s++) columns.push(...lagColumns(s, others));
  const outputs = Array.from({ length: series }, (_, s) => ({ series: s, near: 0, far: 0 }));
  return { columns, outputs, steps: new Uint32Array(0), ahead: 1 };
}

function planDirect(samples: number, season: Season, series: number, lags: number, horizon: number): Plan {
  const { day } = season;
  const reached = Math.max(1, Math.min(horizon, Math.floor(samples / 3)));
  const long = lags === 0 && (day > LONG_PERIOD || horizon > LONG_HORIZON) && samples >= MIN_BLOCK_SAMPLES;
  const room = Math.max(1, Math.floor((samples - reached) / 2));
  const chosen = day > 0 ? Math.max(4 * day, MIN_DIRECT_LAGS) : Math.max(4, Math.floor(samples / 6));
  const count = Math.min(lags > 0 ? lags : Math.min(chosen, MAX_DIRECT_LAGS), room);
  const far = Math.min(2 * day || MAX_DIRECT_LAGS, Math.floor(samples / 3), MAX_LOOKBACK);
  const columns = long ? blockColumns(0, far) : lagColumns(0, firstLags(count));
  for (let s = 1; s < series; s++) columns.push(...lagColumns(s, firstLags(Math.min(OTHER_LAGS, count))));
  const steps = targetSteps(reached, long ? MAX_OUTPUTS : reached);
  const outputs = Array.from(steps, (step) => ({ series: 0, near: -step, far: -step }));
  return { columns, outputs, steps, ahead: reached };
}

/** @param series - how many, the target among them */
export function planRidge(
  { target, horizon }: TrainingHistory,
  season: Season,
  series: number,
  choice: RidgeChoice,
): Plan {
  return choice.direct
    ? planDirect(target.length, season, series, choice.lags, horizon)
    : planRecursive(target.length, season, series, choice.lags);
}
