import { MlError, show } from '../core/errors';
import {
  AGGREGATIONS,
  COMPARISONS,
  type Aggregation,
  type Condition,
  type DerivedField,
  type FeatureSpec,
} from '../core/pipeline';
import { inputsOf } from './derived';
import { MAX_WINDOW_ROWS } from './limits';
import { nearestName } from './nearest';

/** Which features a field gets beside its value. */
export interface FieldFeatures {
  /** Empty: every field, derived ones included. */
  readonly field: string;
  /** Length in rows, for the four that follow. */
  readonly window: number;
  readonly mean: boolean;
  readonly deviation: boolean;
  readonly minimum: boolean;
  readonly maximum: boolean;
  /** How many rows back, one feature each. */
  readonly lags: readonly number[];
  readonly rate: boolean;
}

export interface PipelineOptions {
  /** Input fields; absent or empty: all numeric ones. */
  readonly fields?: readonly string[];
  readonly derived?: readonly DerivedField[];
  readonly features?: readonly FieldFeatures[];
  readonly hourOfDay?: boolean;
  readonly dayOfWeek?: boolean;
  /** Absent or 0: found in the data. */
  readonly stepMs?: number;
  /** Default: `mean`. */
  readonly aggregation?: Aggregation;
  /** IANA name. Default: `UTC`. */
  readonly timeZone?: string;
  readonly judgeWhen?: Condition;
}

/** @throws MlError `PARAMETER` for a number or a choice outside its range */
export function checkOptions({ stepMs, aggregation, judgeWhen, features }: PipelineOptions): void {
  if (stepMs !== undefined && !(stepMs === 0 || (stepMs >= 1 && stepMs < Infinity))) {
    throw new MlError('PARAMETER', `The step must be at least 1 ms, or 0 to find it in the data, got ${show(stepMs)}.`);
  }
  if (aggregation !== undefined) checkChoice('The aggregation', aggregation, AGGREGATIONS);
  if (judgeWhen !== undefined) {
    checkChoice('The comparison of "judge only when"', judgeWhen.comparison, COMPARISONS);
    if (!Number.isFinite(judgeWhen.value)) {
      throw new MlError('PARAMETER', `"Judge only when" must compare with a number, got ${show(judgeWhen.value)}.`);
    }
  }
  for (const { window, lags } of features ?? []) {
    checkRows('A window', window);
    for (const lag of lags) checkRows('A lag', lag);
  }
}

function checkChoice(what: string, value: unknown, choices: readonly string[]): void {
  if (choices.includes(value as string)) return;
  throw new MlError('PARAMETER', `${what} must be one of ${choices.join(', ')}, got ${show(value)}.`);
}

function checkRows(what: string, rows: number): void {
  if (Number.isInteger(rows) && rows >= 1 && rows <= MAX_WINDOW_ROWS) return;
  throw new MlError('PARAMETER', `${what} must be 1 to ${MAX_WINDOW_ROWS} rows long, got ${show(rows)}.`);
}

/** @throws MlError `DATA` where a field does not exist, naming the most similar one that does */
export function checkFieldExists(field: string, existing: readonly string[], wantedFor: string): void {
  if (existing.includes(field)) return;
  const nearest = nearestName(field, existing);
  const hint = nearest === undefined ? '' : ` Did you mean ${show(nearest)}?`;
  throw new MlError(
    'DATA',
    `${wantedFor} ${show(field)} is not in the readings.${hint} Fields there: ${list(existing)}.`,
  );
}

/**
 * Checks that each derived field is made from fields that exist, its own name being new.
 * @returns the fields that exist with the derived ones
 */
export function checkDerived(derived: readonly DerivedField[], existing: readonly string[]): readonly string[] {
  const known = [...existing];
  for (const field of derived) {
    if (field.name === '' || known.includes(field.name)) {
      const problem = field.name === '' ? 'needs a name' : `${show(field.name)} has the name of another field`;
      throw new MlError('PARAMETER', `A derived field ${problem}; give it a name of its own.`);
    }
    const inputs = inputsOf(field);
    if (inputs.length === 0) {
      throw new MlError('PARAMETER', `The derived field ${show(field.name)} must be the sum of at least one field.`);
    }
    for (const input of inputs) checkFieldExists(input, known, `For the derived field ${show(field.name)}, the field`);
    known.push(field.name);
  }
  return known;
}

/**
 * The features in the order of their columns: values, then what each row of options asks for, then the calendar.
 * @param fields - all that become features, derived ones included
 */
export function featureSpecs(fields: readonly string[], options: PipelineOptions): FeatureSpec[] {
  const specs = new Map<string, FeatureSpec>();
  const add = (spec: FeatureSpec): unknown => specs.set(JSON.stringify(spec), spec);
  for (const field of fields) add({ kind: 'value', field });
  for (const row of options.features ?? []) {
    if (row.field !== '') checkFieldExists(row.field, fields, 'A feature is asked for, but its field');
    for (const field of row.field === '' ? fields : [row.field]) {
      for (const statistic of ['mean', 'deviation', 'minimum', 'maximum'] as const) {
        if (row[statistic]) add({ kind: 'window', field, statistic, rows: row.window });
      }
      for (const rows of row.lags) add({ kind: 'lag', field, rows });
      if (row.rate) add({ kind: 'rate', field });
    }
  }
  if (options.hourOfDay) add({ kind: 'hour-of-day' });
  if (options.dayOfWeek) add({ kind: 'day-of-week' });
  return [...specs.values()];
}

/** The first names, and how many more there are. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  const rest = names.length - shown.length;
  return `${shown.join(', ') || 'none'}${rest > 0 ? ` and ${rest} more` : ''}`;
}
