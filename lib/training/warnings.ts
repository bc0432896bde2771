import type { Calibration } from '../core/artifact';
import { columnOf, type Table } from '../core/table';
import { durationText } from '../readings/plain-words';
import type { FittedPipeline } from '../readings/fit-pipeline';
import type { ChosenRows } from './choose-rows';
import type { HeldOut } from './held-out';
import { count, listed } from './words';

const MAX_FIELDS_TOLD = 10;

/** What a person should know of a model's training, one plain sentence each. */
export function warningsOf(
  fitted: FittedPipeline,
  chosen: ChosenRows,
  learned: Table,
  heldOut: Pick<HeldOut, 'calibration' | 'expectedRate'>,
): string[] {
  return [
    ...leftOutFields(fitted),
    ...constantFeatures(learned),
    ...leftOutRows(chosen),
    ...gaps(fitted),
    ...leftOutStretch(heldOut.calibration),
    ...fewRows(chosen.devices.flat().length, heldOut),
  ];
}

function leftOutFields({ leftOut }: FittedPipeline): string[] {
  const told = leftOut.slice(0, MAX_FIELDS_TOLD).map(({ field, reason }) => `"${field}" is left out: it ${reason}.`);
  const more = leftOut.length - told.length;
  return more > 0 ? [...told, `${count(more, 'more field')} are left out.`] : told;
}

function constantFeatures(learned: Table): string[] {
  const constant = learned.columns.filter((_, c) => {
    const values = columnOf(learned, c);
    return values.every((value) => value === values[0]);
  });
  if (constant.length === 0) return [];
  return [`Never changed while it was learned: ${listed(constant)}. Any change of it will look unusual.`];
}

function leftOutRows({ faulty, inAlarm, touching }: ChosenRows): string[] {
  const warnings: string[] = [];
  const tell = (rows: number, why: string): void => {
    if (rows > 0) warnings.push(`${count(rows, 'row')} ${rows === 1 ? 'is' : 'are'} left out: ${why}.`);
  };
  tell(faulty.length, 'labelled as something else than normal');
  tell(inAlarm, 'an alarm was on');
  tell(touching, 'windows and lags reach back into rows that are left out');
  return warnings;
}

function gaps({ pipeline, timestampsMs, segments }: FittedPipeline): string[] {
  if (pipeline.gapMs === 0) return [];
  let found = 0;
  let longestMs = 0;
  for (const { start, end } of segments) {
    for (let row = start + 1; row < end; row++) {
      const silenceMs = timestampsMs[row]! - timestampsMs[row - 1]!;
      if (silenceMs > pipeline.gapMs) found++;
      longestMs = Math.max(longestMs, silenceMs);
    }
  }
  if (found === 0) return [];
  return [`The readings have ${count(found, 'gap')}; the longest lasts ${durationText(longestMs)}.`];
}

function leftOutStretch({ leftOut }: Calibration): string[] {
  return leftOut > 0 ? [`A stretch of ${leftOut} rows is unlike all others: the threshold was chosen without it.`] : [];
}

/** A rate of 1 in 1,000 can be measured on some 1,000 rows; on fewer it is extrapolated. */
function fewRows(rows: number, { calibration, expectedRate }: Pick<HeldOut, 'calibration' | 'expectedRate'>): string[] {
  const heldOutRows = calibration.rows;
  const wanted = 1 / expectedRate;
  if (heldOutRows >= wanted / 2) return [];
  const better = Number(((wanted * rows) / heldOutRows).toPrecision(2));
  return [
    `Only ${count(rows, 'row')} to learn from: how often false alarms come is estimated from few. ` +
      `It gets better up to some ${count(better)} rows.`,
  ];
}
