import type { TrainingHistory } from '../../core/history';
import type { NetworkSpec } from '../../nn/spec';
import type { Recipe } from './recipe';

/** What a network sees and what it gives: decided from recipe and data, kept with the model. */
export interface Frame {
  /** Past values it reads. */
  readonly window: number;
  /** Steps ahead that it gives at once. */
  readonly ahead: number;
  /** Seasons whose time it is told, in samples, the shortest first. */
  readonly periods: Int32Array;
  /** Other fields whose past it reads. */
  readonly others: number;
}

/** Most steps ahead at once; a longer horizon is reached from its own forecasts, which measured no worse. */
export const MAX_AHEAD = 96;

/** Window where nothing speaks for another. */
const USUAL_WINDOW = 50;
const SHORTEST_WINDOW = 24;
const LONGEST_WINDOW = 64;
/** More seasons than day, week and one of the process's own add little but inputs. */
const MAX_SEASONS = 3;
/** Window and horizon each take at most this share of the training data. */
const LARGEST_SHARE = 1 / 4;

/** Two seasons where they are short; of a long one the time within it says more than a longer window would. */
function usualWindow(periods: readonly number[]): number {
  const two = 2 * (periods[0] ?? Infinity);
  return two <= LONGEST_WINDOW ? Math.max(SHORTEST_WINDOW, two) : USUAL_WINDOW;
}

/** Rows needed so that a window as long as asked for can be learned. */
export const rowsFor = (window: number): number => window / LARGEST_SHARE;

export function frameFor({ target, periods, others, horizon }: TrainingHistory, recipe: Recipe): Frame {
  const room = Math.floor(target.length * LARGEST_SHARE);
  const seasons = recipe.values === 'plain' ? [] : periods.filter((period) => 2 * period <= target.length);
  const window = Math.min(recipe.window || usualWindow(periods), room);
  const ahead = Math.min(recipe.ahead || horizon, MAX_AHEAD, room);
  return {
    window,
    ahead,
    periods: Int32Array.from(seasons.slice(0, MAX_SEASONS)),
    others: others.length,
  };
}

/** Numbers of the window that come again with each step, and those that come once with an all-at-once network. */
export interface RowShape {
  readonly stepwise: boolean;
  /** Series in each step: the target, then the others. */
  readonly series: number;
  /** The newest value, where the others are relative to it, and sine and cosine of the time within each season. */
  readonly context: number;
  /** Numbers in a whole window. */
  readonly size: number;
}

export function rowShape(frame: Frame, { layers, values }: Recipe): RowShape {
  const stepwise = layers[0]!.kind !== 'dense';
  const series = 1 + frame.others;
  const context = values === 'plain' ? 0 : 1 + 2 * frame.periods.length;
  const size = stepwise ? frame.window * (series + context) : frame.window * series + context;
  return { stepwise, series, context, size };
}

export function networkFor(frame: Frame, recipe: Recipe): NetworkSpec {
  const { stepwise, series, context, size } = rowShape(frame, recipe);
  return {
    steps: stepwise ? frame.window : 1,
    inputs: stepwise ? series + context : size,
    layers: [...recipe.layers, { kind: 'dense', units: frame.ahead, activation: 'linear' }],
  };
}
