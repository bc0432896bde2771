import type { Traits } from '../core/algorithm';

/** Where a model is fitted once, this share of the rows is fitted; the rest is held out. */
const FIT_SHARE = 0.7;
/** Where it is fitted several times, each time one of so many parts is held out. */
const PARTS = 4;
/** At most this share of a part is given up as a gap. */
const MAX_GAP_SHARE = 1 / 3;
/** This share of the held-out rows, the newest, is what a version is checked on before it becomes active. */
const NEWEST_SHARE = 1 / PARTS;

/** Row numbers, in time order, device after device. */
export interface Fold {
  /** What a model is fitted on … */
  readonly fit: readonly number[];
  /** … that then scores these, which it has not seen. */
  readonly heldOut: readonly number[];
}

export interface Split {
  /** Each held-out row is in one of them. */
  readonly folds: readonly Fold[];
  /** What the model itself is fitted on: where there is one fold, what that is fitted on. */
  readonly fit: readonly number[];
  /** What it is calibrated on. */
  readonly heldOut: readonly number[];
  /** The newest of the held-out rows of each device. */
  readonly newest: ReadonlySet<number>;
}

/**
 * True where a model may be fitted several times: then every row is held out once, and the model itself is fitted on
 * all of them. Not where it learns row by row, or is a network that learns for minutes and may have started from one
 * that has seen the rows.
 */
function isCrossFitted({ online, warmStart }: Traits): boolean {
  return !online && warmStart !== true;
}

/**
 * Decides which rows are fitted and which are held out: one part of each device's rows after the other, or its newest
 * rows. Between what is fitted and what is held out lies a gap, so that they share no readings through a window or a lag.
 * @param devices - the rows of each device that may be learned from, in time order
 * @param lookback - rows that a feature reaches back
 */
export function splitRows(devices: readonly (readonly number[])[], lookback: number, traits: Traits): Split {
  if (isCrossFitted(traits)) {
    const folds = Array.from({ length: PARTS }, (_, part) => partFold(devices, lookback, part));
    const all = devices.flat();
    return { folds, fit: all, heldOut: all, newest: newestOf(devices) };
  }
  const tails = devices.map((rows) => {
    const fitted = Math.round(rows.length * FIT_SHARE);
    return { fit: rows.slice(0, fitted), heldOut: rows.slice(fitted + gapOf(lookback, rows.length - fitted)) };
  });
  const fold = { fit: tails.flatMap(({ fit }) => fit), heldOut: tails.flatMap(({ heldOut }) => heldOut) };
  return { folds: [fold], ...fold, newest: newestOf(tails.map(({ heldOut }) => heldOut)) };
}

/** How few rows of one device will do. @param fitted - rows that a model must be fitted on; @param heldOut - that calibrate */
export function leastRows(traits: Traits, fitted: number, heldOut: number): number {
  const checked = heldOut / (1 - NEWEST_SHARE);
  if (isCrossFitted(traits)) return Math.ceil(Math.max(fitted / (1 - (1 + 2 * MAX_GAP_SHARE) / PARTS), checked));
  return Math.ceil(Math.max(fitted / FIT_SHARE, checked / (1 - FIT_SHARE) / (1 - MAX_GAP_SHARE)));
}

function partFold(devices: readonly (readonly number[])[], lookback: number, part: number): Fold {
  const fit: number[] = [];
  const heldOut: number[] = [];
  for (const rows of devices) {
    const start = Math.round((part * rows.length) / PARTS);
    const end = Math.round(((part + 1) * rows.length) / PARTS);
    const gap = gapOf(lookback, end - start);
    fit.push(...rows.slice(0, Math.max(0, start - gap)), ...rows.slice(end + gap));
    heldOut.push(...rows.slice(start, end));
  }
  return { fit, heldOut };
}

function newestOf(devices: readonly (readonly number[])[]): ReadonlySet<number> {
  return new Set(devices.flatMap((rows) => rows.slice(rows.length - Math.floor(rows.length * NEWEST_SHARE))));
}

function gapOf(lookback: number, rows: number): number {
  return Math.min(lookback, Math.floor(rows * MAX_GAP_SHARE));
}
