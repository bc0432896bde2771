/** Share of the rows that is fitted; the rest is held out, in equal parts, to calibrate and to check. */
const FIT_SHARE = 0.7;
/** At most this share of the held-out rows is given up as a gap. */
const MAX_GAP_SHARE = 1 / 3;

/** Row numbers, rising. */
export interface Split {
  /** The head: what the model is fitted on. */
  readonly fit: readonly number[];
  /** The tail's first half. */
  readonly calibrate: readonly number[];
  /** The tail's second half, the newest rows. */
  readonly check: readonly number[];
}

/**
 * Splits each device's rows by time: a head to fit and a tail held out. Between them lies a gap, so that no row of the
 * tail shares readings with the head through a window or a lag.
 * @param devices - the rows of each device that may be learned from, in time order
 * @param lookback - rows that a feature reaches back
 */
export function splitRows(devices: readonly (readonly number[])[], lookback: number): Split {
  const fit: number[] = [];
  const calibrate: number[] = [];
  const check: number[] = [];
  for (const rows of devices) {
    const fitted = Math.round(rows.length * FIT_SHARE);
    const gap = Math.min(lookback, Math.floor((rows.length - fitted) * MAX_GAP_SHARE));
    const middle = Math.ceil((fitted + gap + rows.length) / 2);
    fit.push(...rows.slice(0, fitted));
    calibrate.push(...rows.slice(fitted + gap, middle));
    check.push(...rows.slice(middle));
  }
  return { fit, calibrate, check };
}
