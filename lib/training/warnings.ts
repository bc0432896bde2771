import { columnOf, type Table } from '../core/table';
import { durationText } from '../detection/plain-words';
import type { FittedPipeline } from '../readings/fit-pipeline';
import type { ChosenRows } from './choose-rows';
import { count, listed } from './words';

/** Rows a quiet stretch of which is long enough to be told, where the pipeline knows no gap. */
const GAP_STEPS = 10;
const MAX_FIELDS_TOLD = 10;

/** What a person should know of a model's training, one plain sentence each. */
export function warningsOf(
  fitted: FittedPipeline,
  chosen: ChosenRows,
  learned: Table,
  heldOutRows: number,
  expectedRate: number,
): string[] {
  return [
    ...leftOutFields(fitted),
    ...constantFeatures(learned),
    ...leftOutRows(chosen),
    ...gaps(fitted),
    ...fewRows(learned.rows, heldOutRows, expectedRate),
  ];
}

function leftOutFields({ leftOut }: FittedPipeline): string[] {
  const told = leftOut.slice(0, MAX_FIELDS_TOLD).map(({ field, reason }) => `Field "${field}" is left out: ${reason}.`);
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
  const limitMs = pipeline.gapMs > 0 ? pipeline.gapMs : GAP_STEPS * pipeline.stepMs;
  if (limitMs === 0) return [];
  let found = 0;
  let longestMs = 0;
  for (const { start, end } of segments) {
    for (let row = start + 1; row < end; row++) {
      const silenceMs = timestampsMs[row]! - timestampsMs[row - 1]!;
      if (silenceMs > limitMs) found++;
      longestMs = Math.max(longestMs, silenceMs);
    }
  }
  if (found === 0) return [];
  return [`The readings have ${count(found, 'gap')}; the longest lasts ${durationText(longestMs)}.`];
}

/** A rate of 1 in 1,000 can be measured on some 1,000 rows; on fewer it is extrapolated. */
function fewRows(fittedRows: number, heldOutRows: number, expectedRate: number): string[] {
  const wanted = 1 / expectedRate;
  if (heldOutRows >= wanted / 2) return [];
  const rows = fittedRows + heldOutRows;
  return [
    `Only ${count(rows, 'row')} to learn from: how often false alarms will come is an estimate; ` +
      `it gets better up to some ${count(Math.ceil((wanted * rows) / heldOutRows))} rows.`,
  ];
}
