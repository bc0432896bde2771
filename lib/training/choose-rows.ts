import { IN_ALARM_LABEL, NORMAL_LABEL } from '../core/readings';
import type { FittedPipeline } from '../readings/fit-pipeline';
import { lookbackOf } from '../readings/lookback';

/** Which rows may be learned from, and what became of the others; all as row numbers. */
export interface ChosenRows {
  /** The rows of each device that may be learned from, in time order. */
  readonly devices: readonly (readonly number[])[];
  /** Labelled as something else than normal: they show how well faults are found. */
  readonly faulty: readonly number[];
  /** Left out because they came during an alarm. */
  readonly inAlarm: number;
  /** Left out because their windows and lags reach back into rows that were left out. */
  readonly touching: number;
}

/**
 * Rows whose windows are still filling, at the start and after a gap, are left out where enough others are left.
 * @param learnAlarms - rows that came during an alarm are normal like any other
 * @param enough - rows that are needed
 */
export function chooseRows(fitted: FittedPipeline, learnAlarms: boolean, enough: number): ChosenRows {
  const chosen = normalRows(fitted, learnAlarms);
  const lookback = lookbackOf(fitted.pipeline);
  const devices = chosen.devices.map((rows) => rows.filter((row) => fitted.pasts[row]! > lookback));
  const full = devices.reduce((sum, { length }) => sum + length, 0);
  return full >= enough ? { ...chosen, devices } : chosen;
}

function normalRows({ pipeline, labels, segments }: FittedPipeline, learnAlarms: boolean): ChosenRows {
  const lookback = lookbackOf(pipeline);
  const faulty: number[] = [];
  let inAlarm = 0;
  let touching = 0;
  const devices = segments.map(({ start, end }) => {
    const usable: number[] = [];
    let lastLeftOut = -Infinity;
    for (let row = start; row < end; row++) {
      const label = labels[row] ?? NORMAL_LABEL;
      const isNormal = label === NORMAL_LABEL || (label === IN_ALARM_LABEL && learnAlarms);
      if (!isNormal) lastLeftOut = row;
      if (isNormal && row - lastLeftOut > lookback) usable.push(row);
      else if (isNormal) touching++;
      else if (label === IN_ALARM_LABEL) inAlarm++;
      else faulty.push(row);
    }
    return usable;
  });
  return { devices, faulty, inAlarm, touching };
}
