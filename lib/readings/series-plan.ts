import type { SeriesPlan } from '../core/artifact';
import { MlError, show } from '../core/errors';
import type { ReadingTable } from '../core/readings';
import { inputsOf } from './derived';
import { checkDerived, checkFieldExists, checkOptions, list } from './pipeline-options';
import { SHORT_GAP_SAMPLES } from './sample-window';
import { selectFields } from './select-fields';
import type { SeriesOptions } from './series-options';
import { zoneOffset } from './time-zone';

/** A long weekend, from Friday's last shift to Tuesday's first one. */
const LONG_WEEKEND_MS = 4 * 86_400_000;

/** @throws MlError `PARAMETER` for an option out of its range */
export function checkSeriesOptions(options: SeriesOptions): void {
  checkOptions(options);
  const { fillMs, timeZone } = options;
  if (fillMs !== undefined && !(fillMs >= 0 && fillMs < Infinity)) {
    throw new MlError('PARAMETER', `The longest gap to fill must be 0 ms or more, got ${show(fillMs)}.`);
  }
  if (timeZone !== undefined) zoneOffset(timeZone);
}

/**
 * Which fields the series is made from.
 * @throws MlError `DATA` where a field does not exist, or none was named and there is not just one to choose
 */
export function chooseSeries(
  table: ReadingTable,
  options: SeriesOptions,
): Pick<SeriesPlan, 'field' | 'others' | 'derived' | 'judgeWhen'> {
  const { derived = [], judgeWhen } = options;
  const known = checkDerived(derived, table.fields);
  if (judgeWhen) checkFieldExists(judgeWhen.field, known, 'For "judge only when", the field');
  for (const other of options.others ?? []) checkFieldExists(other, known, 'The further field');
  if (options.field !== '') checkFieldExists(options.field, known, 'The field to forecast');
  const field = options.field === '' ? onlyField(table, options) : options.field;
  const others = [...new Set(options.others ?? [])].filter((other) => other !== field);
  const chosen = { field, others, derived: neededFor([field, ...others], options) };
  return judgeWhen ? { ...chosen, judgeWhen } : chosen;
}

/** The one field that could be meant: of all numeric ones none is left beside it that has no other part to play. */
function onlyField(table: ReadingTable, { others = [], derived = [], judgeWhen }: SeriesOptions): string {
  const { fields, leftOut } = selectFields([table]);
  const numeric = table.fields.length === 1 ? table.fields : fields;
  const all = [...numeric, ...derived.map(({ name }) => name)];
  const free = all.filter((field) => !others.includes(field) && field !== judgeWhen?.field);
  if (free.length === 1) return free[0]!;
  if (table.fields.length === 0) {
    throw new MlError('DATA', `There is no field to forecast: the readings of ${table.device} hold no numbers at all.`);
  }
  const choice = free.length > 0 ? list(free) : list(leftOut.map(({ field, reason }) => `${field} ${reason}`));
  throw new MlError('DATA', `One field can be forecast at a time: name the one to forecast. Fields there: ${choice}.`);
}

/** The derived fields that are used, with those that they are made from. */
function neededFor(fields: readonly string[], { derived = [], judgeWhen }: SeriesOptions): SeriesPlan['derived'] {
  const needed = new Set([...fields, ...(judgeWhen ? [judgeWhen.field] : [])]);
  // A derived field is made only from those that stand before it.
  for (const one of [...derived].reverse())
    if (needed.has(one.name)) for (const input of inputsOf(one)) needed.add(input);
  return derived.filter(({ name }) => needed.has(name));
}

/**
 * The longest gap that is filled where nobody said: four days, so that a plant that stops over a long weekend keeps its
 * history, or ten steps where that is longer. A gap longer than a day is filled only where at least as much came
 * before it.
 */
export function defaultFillMs(stepMs: number): number {
  return Math.max(LONG_WEEKEND_MS, SHORT_GAP_SAMPLES * stepMs);
}
