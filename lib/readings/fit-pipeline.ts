import { medianSorted } from 'simple-statistics';
import { MlError } from '../core/errors';
import type { DerivedField, Pipeline } from '../core/pipeline';
import { NORMAL_LABEL, type ReadingTable } from '../core/readings';
import { makeTable, type Table } from '../core/table';
import { inputsOf } from './derived';
import { featureColumns } from './feature-columns';
import { FeatureStream } from './feature-stream';
import { MAX_CELLS, MAX_FEATURES } from './limits';
import { lookbackOf } from './lookback';
import {
  checkDerived,
  checkFieldExists,
  checkOptions,
  featureSpecs,
  list,
  type PipelineOptions,
} from './pipeline-options';
import { readingsOf } from './reading-tables';
import { selectFields, type FieldSelection, type LeftOut } from './select-fields';
import { gapFor, intervalsOf } from './step';

export type { FieldFeatures, PipelineOptions } from './pipeline-options';
export type { LeftOut } from './select-fields';

/** Rows `start` (inclusive) to `end` (exclusive) of `x` come from one device, in time order. */
export interface Segment {
  readonly device: string;
  readonly start: number;
  readonly end: number;
}

export interface FittedPipeline {
  readonly pipeline: Pipeline;
  /** What "all numeric fields" did not take. */
  readonly leftOut: readonly LeftOut[];
  /** `rows × feature columns` of all devices; missing cells hold the pipeline's medians. Only rows that can be judged. */
  readonly x: Table;
  /** `rows` long, epoch ms. */
  readonly timestampsMs: Float64Array;
  /** `rows` long: which reading of its device's table completed the row. */
  readonly completedBy: Uint32Array;
  /** `rows` long; see `FeatureRow.past`. */
  readonly pasts: Int32Array;
  /** `rows` long. */
  readonly labels: readonly (string | null)[];
  /** One a device that has rows. */
  readonly segments: readonly Segment[];
}

/**
 * Makes a pipeline from readings, and the rows that a detector is fitted on: those that the pipeline would give a
 * detector to judge if the same readings came live.
 * @throws MlError `DATA` where no field or no row is left to learn from, or a field does not exist; `PARAMETER` for an
 * option out of its range; `LIMIT` for more features or rows than memory should hold
 */
export function fitPipeline(tables: readonly ReadingTable[], options: PipelineOptions = {}): FittedPipeline {
  checkOptions(options);
  const { pipeline, leftOut } = draftPipeline(tables, options);
  const rows = featureRows(tables, pipeline);
  const medians = mediansOf(rows.x, rows.labels);
  const width = medians.length;
  const { data } = rows.x;
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) data[i] = medians[i % width]!;
  return { pipeline: { ...pipeline, medians }, leftOut, ...rows };
}

/** The pipeline but for its medians, which are NaN: its rows keep what is missing. */
function draftPipeline(
  tables: readonly ReadingTable[],
  options: PipelineOptions,
): { pipeline: Pipeline; leftOut: readonly LeftOut[] } {
  const derived = options.derived ?? [];
  const { fields, leftOut } = chooseFields(tables, options, derived);
  const features = featureSpecs([...fields, ...derived.map(({ name }) => name)], options);
  const intervals = intervalsOf(tables);
  const stepMs = options.stepMs ?? 0;
  const stepFound = stepMs > 0 ? stepMs : intervals.medianMs;
  const columns = featureColumns({ features }).length;
  if (columns > MAX_FEATURES) {
    throw new MlError(
      'LIMIT',
      `${columns} features are too many; a model may have ${MAX_FEATURES}. Choose fewer fields.`,
    );
  }
  const made = new Set(derived.map(({ name }) => name));
  const inputs = new Set([...fields, ...derived.flatMap(inputsOf)].filter((field) => !made.has(field)));
  const pipeline = {
    fields: [...inputs],
    derived,
    features,
    stepMs: stepFound,
    stepGiven: stepMs > 0,
    aggregation: options.aggregation ?? 'mean',
    gapMs: gapFor(stepFound, intervals, lookbackOf({ features })),
    timeZone: options.timeZone ?? 'UTC',
    medians: new Array<number>(columns).fill(NaN),
  };
  return { pipeline: options.judgeWhen ? { ...pipeline, judgeWhen: options.judgeWhen } : pipeline, leftOut };
}

/** The fields that become features, without derived ones. */
function chooseFields(
  tables: readonly ReadingTable[],
  { fields: asked = [], judgeWhen }: PipelineOptions,
  derived: readonly DerivedField[],
): FieldSelection {
  const existing = [...new Set(tables.flatMap(({ fields }) => fields))];
  const known = checkDerived(derived, existing);
  if (judgeWhen) checkFieldExists(judgeWhen.field, known, 'For "judge only when", the field');
  for (const field of asked) checkFieldExists(field, known, 'The field');
  const made = new Set(derived.map(({ name }) => name));
  const chosen =
    asked.length > 0
      ? { fields: [...new Set(asked)].filter((field) => !made.has(field)), leftOut: [] }
      : selectFields(tables);
  if (chosen.fields.length + derived.length > 0) return chosen;
  const reasons = chosen.leftOut.map(({ field, reason }) => `${field} ${reason}`);
  const came = existing.length === 0 ? 'the readings hold no numbers at all' : list(reasons);
  throw new MlError('DATA', `There is no field to learn from: ${came}. Send numbers, or name the fields to use.`);
}

type FeatureRows = Omit<FittedPipeline, 'pipeline' | 'leftOut'>;

function featureRows(tables: readonly ReadingTable[], pipeline: Pipeline): FeatureRows {
  const columns = featureColumns(pipeline);
  const width = columns.length;
  const most = tables.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
  if (most * width > MAX_CELLS) {
    const fitting = Math.floor(MAX_CELLS / width);
    throw new MlError(
      'LIMIT',
      `${most} readings with ${width} features are too many; with so many features at most ${fitting} readings fit. ` +
        'Choose fewer fields or features, a shorter time, or a longer step.',
    );
  }
  const data = new Float64Array(most * width);
  const times = new Float64Array(most);
  const completedBy = new Uint32Array(most);
  const pasts = new Int32Array(most);
  const labels: (string | null)[] = [];
  const segments: Segment[] = [];
  const refused = { 'not-now': 0, 'mostly-missing': 0 };
  let rows = 0;
  for (const table of tables) {
    const stream = new FeatureStream(pipeline);
    const start = rows;
    let taken = 0;
    for (const reading of readingsOf(table)) {
      const row = stream.push(reading);
      const index = taken++;
      if (row === null) continue;
      if (row.verdict !== 'judge') {
        refused[row.verdict]++;
        continue;
      }
      data.set(row.values, rows * width);
      times[rows] = row.timestampMs;
      completedBy[rows] = index;
      pasts[rows] = row.past;
      labels.push(row.label ?? null);
      rows++;
    }
    if (rows > start) segments.push({ device: table.device, start, end: rows });
  }
  if (rows === 0) throw nothingToLearnFrom(most, refused, pipeline);
  const x = makeTable(columns, data.slice(0, rows * width));
  return {
    x,
    timestampsMs: times.slice(0, rows),
    pasts: pasts.slice(0, rows),
    completedBy: completedBy.slice(0, rows),
    labels,
    segments,
  };
}

function nothingToLearnFrom(
  readings: number,
  refused: Readonly<Record<'not-now' | 'mostly-missing', number>>,
  { judgeWhen, fields, stepMs }: Pipeline,
): MlError {
  if (refused['not-now'] + refused['mostly-missing'] === 0) {
    return new MlError(
      'DATA',
      `All ${readings} readings are of one step of ${stepMs / 1000} s: choose a shorter step.`,
    );
  }
  const because =
    judgeWhen && refused['not-now'] >= refused['mostly-missing']
      ? `"judge only when ${judgeWhen.field} ${judgeWhen.comparison} ${judgeWhen.value}" holds for none of them`
      : `more than half of the fields (${list(fields)}) are missing in each of them. If messages hold only ` +
        'what has changed, say so in the node ("Objects hold only what has changed")';
  return new MlError('DATA', `Of ${readings} readings none can be learned from: ${because}.`);
}

/** Of each column over the rows that may be learned from (of all rows where every one is labelled a fault). */
function mediansOf({ data, columns, rows }: Table, labels: readonly (string | null)[]): number[] {
  const isNormal = (row: number): boolean => labels[row] === null || labels[row] === NORMAL_LABEL;
  const some = labels.some((_, row) => isNormal(row));
  return columns.map((_, column) => {
    const present = new Float64Array(rows);
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = data[row * columns.length + column]!;
      if (!Number.isNaN(value) && (!some || isNormal(row))) present[count++] = value;
    }
    // A column that is missing in every row says nothing, whatever stands in for it.
    return count === 0 ? 0 : medianSorted(present.subarray(0, count).sort() as unknown as number[]);
  });
}
