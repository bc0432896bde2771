/** Share of the rows that is fitted; the rest is held out. */
export const FIT_SHARE = 0.7;
/** At most this share of the held-out rows is given up as a gap. */
export const MAX_GAP_SHARE = 1 / 3;

/** Row numbers, in time order, device after device. */
export interface Split {
  /** The head: what the model is fitted on. */
  readonly fit: readonly number[];
  /** The tail, the newest rows: what it is calibrated and checked on. */
  readonly heldOut: readonly number[];
}

/**
 * Splits each device's rows by time: a head to fit and a tail held out. Between them lies a gap, so that no row of the
 * tail shares readings with the head through a window or a lag.
 * @param devices - the rows of each device that may be learned from, in time order
 * @param lookback - rows that a feature reaches back
 */
export function splitRows(devices: readonly (readonly number[])[], lookback: number): Split {
  const fit: number[] = [];
  const heldOut: number[] = [];
  for (const rows of devices) {
    const fitted = Math.round(rows.length * FIT_SHARE);
    const gap = Math.min(lookback, Math.floor((rows.length - fitted) * MAX_GAP_SHARE));
    fit.push(...rows.slice(0, fitted));
    heldOut.push(...rows.slice(fitted + gap));
  }
  return { fit, heldOut };
}
