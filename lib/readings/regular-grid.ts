import type { SeriesPlan } from '../core/artifact';
import { MlError } from '../core/errors';
import type { History } from '../core/history';
import type { ReadingTable } from '../core/readings';
import { gridCells, type GridCells, countedRows, type CountedRows } from './grid-cells';
import { choosePart, gridParts, type GridPart } from './grid-parts';
import { findStep } from './grid-step';
import { MAX_CELLS } from './limits';
import { list } from './pipeline-options';
import { SampleWindow } from './sample-window';
import { seriesLayout } from './series-layout';
import type { SeriesOptions } from './series-options';
import { checkSeriesOptions, chooseSeries, defaultFillMs } from './series-plan';

/** Most samples of a history; of more the newest are kept. */
export const MAX_SAMPLES = 1_000_000;

/** What became of the readings on their way to the grid. */
export interface GridReport {
  /** In the table. */
  readonly readings: number;
  /** Readings that have the same time as the one before; they were aggregated. */
  readonly duplicates: number;
  /** Readings that count as missing: labelled as not normal, or "judge only when" does not hold for them. */
  readonly labelled: number;
  readonly notNow: number;
  /** In the history. */
  readonly samples: number;
  /** Of those, samples of the target that were missing and filled in; and the longest gap among them, 0: none. */
  readonly filled: number;
  readonly longestGapMs: number;
  /** Samples that are not in the history because they lie before or after a gap too long to fill; and that gap. */
  readonly droppedBefore: number;
  readonly droppedAfter: number;
  readonly droppedGapMs: number;
  /** Oldest samples that were left out because a history has at most 1,000,000 (fewer with many fields). */
  readonly tooMany: number;
}

/**
 * Puts the readings of one device on a regular grid, the way `GridStream` does with live ones: readings of one cell are
 * aggregated, gaps filled (see `SampleWindow`) up to `fillMs`. Default: four days, so that a plant that stops over a long
 * weekend keeps its history, or ten steps where that is longer; longer than a day only where as much came before.
 *
 * A longer gap ends the history: what comes after the last one is used. Where that is too little (fewer than 10,000
 * samples, than six weeks, and than a quarter of the longest part), the newest part that is enough is used instead, and
 * the report says what was dropped. Constant series and level shifts pass as they are. Where readings come faster than
 * the step the last cell is left out: nobody knows whether it is complete.
 *
 * Cost: about 2 µs a reading. Memory is taken for the readings and samples that there are, not for the time they span.
 *
 * @throws MlError `PARAMETER` for an option out of its range; `DATA` where a field does not exist or has no number, none
 * was named and there is not just one, or all readings are of one time
 */
export function regularGrid(
  table: ReadingTable,
  options: SeriesOptions,
): { plan: SeriesPlan; history: History; report: GridReport } {
  checkSeriesOptions(options);
  const chosen = chooseSeries(table, options);
  const layout = seriesLayout(chosen);
  const rows = countedRows(table, layout);
  const usualMs = findStep(Float64Array.from(rows.telling, (row) => table.timestampsMs[row]!));
  if (usualMs === 0) throw noStep(table, chosen, rows);
  const stepMs = Math.round(options.stepMs ?? 0) || usualMs;
  const plan: SeriesPlan = {
    ...chosen,
    stepMs,
    aggregation: options.aggregation ?? 'mean',
    fillMs: options.fillMs ?? defaultFillMs(stepMs),
    timeZone: options.timeZone ?? 'UTC',
  };
  const grid = gridCells(table, rows, plan, layout);
  const parts = gridParts(plan, grid);
  checkValues(table, plan, grid, parts);
  const place = choosePart(parts, stepMs);
  const part = parts[place]!;
  const { history, filled, longestGap } = historyOf(plan, grid, part);
  const samplesOf = (some: readonly GridPart[]): number => some.reduce((sum, { samples }) => sum + samples, 0);
  const [older, newer] = [parts[place - 1], parts[place + 1]];
  const gap = (before: GridPart, after: GridPart): number => grid.cells[after.first]! - grid.cells[before.last]! - 1;
  const droppedGap = newer ? gap(part, newer) : older ? gap(older, part) : 0;
  const report = {
    readings: table.timestampsMs.length,
    duplicates: duplicatesIn(table.timestampsMs),
    labelled: rows.labelled,
    notNow: rows.notNow,
    samples: history.target.length,
    filled,
    longestGapMs: longestGap * stepMs,
    droppedBefore: samplesOf(parts.slice(0, place)),
    droppedAfter: samplesOf(parts.slice(place + 1)),
    droppedGapMs: droppedGap * stepMs,
    tooMany: part.samples - history.target.length,
  };
  return { plan, history, report };
}

function historyOf(
  plan: SeriesPlan,
  { cells, values }: GridCells,
  part: GridPart,
): { history: History; filled: number; longestGap: number } {
  const most = Math.min(MAX_SAMPLES, Math.floor(MAX_CELLS / (1 + plan.others.length)));
  let { first } = part;
  while (cells[part.last]! - cells[first]! >= most || Number.isNaN(values[first]![0]!)) first++;
  const window = new SampleWindow(plan, cells[part.last]! - cells[first]! + 1);
  // A field that comes only later has its first value until then.
  window.remember(cells[first]!, firstValues(values));
  for (let i = 0; i < first; i++) window.remember(cells[i]!, values[i]!);
  let present = 0;
  let longestGap = 0;
  for (let i = first; i <= part.last; i++) {
    if (Number.isNaN(values[i]![0]!)) window.remember(cells[i]!, values[i]!);
    else {
      longestGap = Math.max(longestGap, window.add(cells[i]!, values[i]!) - 1);
      present++;
    }
  }
  const history = window.history();
  return { history, filled: history.target.length - present, longestGap };
}

/** The first value of each column; NaN where it has none. */
function firstValues(values: readonly Float64Array[]): Float64Array {
  const width = values[0]?.length ?? 0;
  return Float64Array.from({ length: width }, (_, c) => values.find((row) => !Number.isNaN(row[c]!))?.[c] ?? NaN);
}

function duplicatesIn(timestampsMs: Float64Array): number {
  let count = 0;
  for (let i = 1; i < timestampsMs.length; i++) if (timestampsMs[i] === timestampsMs[i - 1]) count++;
  return count;
}

/** Why no step can be found: there are no two times with a value. */
function noStep(
  { device, timestampsMs }: ReadingTable,
  { field, judgeWhen }: Pick<SeriesPlan, 'field' | 'judgeWhen'>,
  { telling, notNow, labelled }: CountedRows,
): MlError {
  const all = `the ${timestampsMs.length} readings of ${device}`;
  if (telling.length > 0) {
    if (telling.length > 1) {
      const what = `The ${telling.length} readings of ${device} that hold ${field} have one and the same time`;
      return new MlError(
        'DATA',
        `${what}: a forecast needs readings of different times. Give each its own, as "timestamp".`,
      );
    }
    const what = `Only 1 of ${all} can be used for ${field}`;
    return new MlError('DATA', `${what}: a forecast needs readings of different times. Collect more.`);
  }
  const because =
    judgeWhen && notNow > 0
      ? `"judge only when ${judgeWhen.field} ${judgeWhen.comparison} ${judgeWhen.value}" holds for none that has it`
      : labelled > 0
        ? 'none that is not labelled as a fault has it'
        : 'it has no number in any of them';
  return new MlError(
    'DATA',
    `${field} cannot be forecast from ${all}: ${because}. Choose another field or other readings.`,
  );
}

function checkValues(
  { timestampsMs }: ReadingTable,
  { field, others, stepMs }: SeriesPlan,
  { cells, values }: GridCells,
  parts: readonly GridPart[],
): void {
  if (cells.length === 0) {
    const count = timestampsMs.length;
    throw new MlError('DATA', `All ${count} readings are of one step of ${stepMs / 1000} s: choose a shorter step.`);
  }
  const first = firstValues(values);
  const absent = others.filter((_, c) => Number.isNaN(first[c + 1]!));
  if (absent.length > 0) {
    const plural = absent.length > 1;
    throw new MlError(
      'DATA',
      `The further field${plural ? 's' : ''} ${list(absent)} ${plural ? 'have' : 'has'} no number in any reading that ` +
        `can be used: leave ${plural ? 'them' : 'it'} out.`,
    );
  }
  if (parts.length === 0) {
    throw new MlError(
      'DATA',
      `${field} has no usable number in any complete step of ${stepMs / 1000} s. Choose a longer step, or another field.`,
    );
  }
}
