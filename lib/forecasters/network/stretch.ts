import type { History } from '../../core/history';
import { phases } from '../../readings/phases';
import { rowShape, type Frame, type RowShape } from './frame';
import type { Recipe } from './recipe';
import type { Scales } from './scales';

/** Scaled values beyond this are cut off before they enter the network. */
const LARGEST_INPUT = 20;
/** The same for the level that changes are taken from: far from those it has learned at, the network takes the nearest. */
const LARGEST_LEVEL = 3;

/** Some samples in a row, in their own units, with the time within each season: what windows are read from. */
export interface Stretch {
  readonly target: Float64Array;
  readonly others: readonly Float64Array[];
  /** Sine and cosine of the time within each season, one after the other. */
  readonly calendar: readonly Float32Array[];
}

/** A whole history as a stretch, sharing its values. */
export function wholeStretch(history: History, frame: Frame): Stretch {
  const { target, others } = history;
  return { target, others, calendar: calendarOf(history, frame, 0, target.length) };
}

/**
 * The window before an origin, and room for what follows: the target's is still to be written, the others keep their
 * last value. Before the history its oldest value stands.
 * @param ahead - samples after the origin
 */
export function stretchAt(history: History, frame: Frame, origin: number, ahead: number): Stretch {
  const first = origin - frame.window;
  const length = frame.window + ahead;
  const held = (values: Float64Array): Float64Array =>
    Float64Array.from({ length }, (_, i) => values[Math.min(Math.max(0, first + i), origin - 1)]!);
  return {
    target: held(history.target),
    others: history.others.slice(0, frame.others).map(held),
    calendar: calendarOf(history, frame, first, length),
  };
}

function calendarOf(history: History, { periods }: Frame, first: number, count: number): Float32Array[] {
  return Array.from(periods).flatMap((period) => {
    const angles = Float64Array.from(phases(history, first, count, period), (phase) => (2 * Math.PI * phase) / period);
    return [Float32Array.from(angles, Math.sin), Float32Array.from(angles, Math.cos)];
  });
}

/** Writes windows as a network reads them, and reads what it answers. */
export class WindowScale {
  readonly shape: RowShape;
  readonly #relative: boolean;

  constructor(
    private readonly frame: Frame,
    recipe: Recipe,
    private readonly scales: Scales,
  ) {
    this.shape = rowShape(frame, recipe);
    this.#relative = recipe.values === 'relative';
  }

  /** @param end - index in the stretch of the first sample after the window */
  write(stretch: Stretch, end: number, to: Float32Array): void {
    const { window } = this.frame;
    const { stepwise, context } = this.shape;
    const newest = stretch.target[end - 1]!;
    let at = 0;
    for (let i = end - window; i < end; i++) {
      to[at++] = clipped(this.#inside(stretch.target[i]!, newest));
      stretch.others.forEach((other, s) => (to[at++] = clipped(this.#level(other[i]!, 1 + s))));
      if (context > 0 && (stepwise || i === end - 1)) {
        to[at++] = clipped(this.#level(newest, 0), LARGEST_LEVEL);
        for (const column of stretch.calendar) to[at++] = column[i]!;
      }
    }
  }

  /** A value that followed the window, as the network should give it. */
  toOutput(value: number, { target }: Stretch, end: number): number {
    return this.#inside(value, target[end - 1]!);
  }

  /** The inverse of `toOutput`. */
  fromOutput(output: number, { target }: Stretch, end: number): number {
    const { centre, deviation, change } = this.scales;
    return this.#relative ? target[end - 1]! + output * change : centre[0]! + output * deviation[0]!;
  }

  #inside(value: number, newest: number): number {
    return this.#relative ? (value - newest) / this.scales.change : this.#level(value, 0);
  }

  #level(value: number, series: number): number {
    return (value - this.scales.centre[series]!) / this.scales.deviation[series]!;
  }
}

const clipped = (value: number, limit = LARGEST_INPUT): number => Math.min(Math.max(value, -limit), limit);
