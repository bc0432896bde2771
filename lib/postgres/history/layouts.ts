import { MlError, show } from '../../core/errors';
import { isFieldName } from '../../readings/raw-reading';
import type { SqlTransaction } from '../sql';
import { isNumeric } from './column-types';
import { jsonLabelText } from './expressions';
import { columnOf, queryRelation, tablePath, tableRelation, type Relation, type Values } from './relation';
import { rowQuery, type Cell, type Places, type RowQuery } from './row-query';
import type {
  HistoryQuery,
  HistorySource,
  NarrowSource,
  QuerySource,
  ShadowSource,
  WideSource,
  WrittenSource,
} from './source';

/** Columns of the user's own query, and of most tables. */
export const DEVICE_COLUMN = 'device';
const TIME_COLUMN = 'timestamp';
const LABEL_COLUMN = 'label';
/** A field of more parts is looked for nested, and as one key; fewer also as each mixture of both. */
const MAX_MIXED_PARTS = 5;

/** The statement for the rows of a query, from whichever source. @throws MlError as `HistoryReader.read` */
export function layoutQuery(session: SqlTransaction, source: HistorySource, query: HistoryQuery): Promise<RowQuery> {
  switch (source.layout) {
    case 'shadow':
      return shadowQuery(session, tablePath(source.table), source, query);
    case 'narrow':
      return narrowQuery(session, source, query);
    case 'wide':
      return wideQuery(session, source, query);
    case 'sql':
      return ownQuery(session, source, query);
    case 'written':
      return shadowQuery(session, writtenPath(source), WRITTEN, query);
  }
}

/** This package's readings are documents, too, whose keys hold dots. */
const WRITTEN = { deviceColumn: DEVICE_COLUMN, timeColumn: TIME_COLUMN, stateColumn: 'values' };

export function writtenPath({ schema }: WrittenSource): readonly string[] {
  return [schema, 'metrics_history'];
}

async function shadowQuery(
  session: SqlTransaction,
  path: readonly string[],
  source: Pick<ShadowSource, 'deviceColumn' | 'timeColumn' | 'stateColumn'>,
  query: HistoryQuery,
): Promise<RowQuery> {
  const relation = await tableRelation(session, path);
  const { sql, kind } = columnOf(relation, source.stateColumn, 'the state');
  if (kind !== 'json' && kind !== 'text') {
    throw new MlError(
      'DATABASE',
      `The column ${show(source.stateColumn)} holds no JSON. Choose a column of type jsonb.`,
    );
  }
  const state = `(${sql})::jsonb`;
  const label = labelColumn(relation) ?? jsonLabelText(state);
  return rowQuery(session, relation, { ...source, label }, query, (values) => {
    const { fields } = query;
    if (fields.length > 0) {
      return { shape: 'columns', fields, cells: fields.map((field) => memberOf(state, field, values)) };
    }
    return { shape: 'document', fields, cells: [{ sql: state, kind: 'json' }] };
  });
}

/** A field of a document, nested or under a key that holds the dots. */
function memberOf(state: string, field: string, values: Values): Cell {
  const paths = pathsTo(field.split('.')).map((path) => `${state} #> ${values.add(path)}::text[]`);
  return { sql: paths.length === 1 ? paths[0]! : `COALESCE(${paths.join(', ')})`, kind: 'json' };
}

/** All ways to join parts to keys, the most deeply nested first. */
function pathsTo(parts: readonly string[]): string[][] {
  if (parts.length > MAX_MIXED_PARTS) return [[...parts], [parts.join('.')]];
  return parts.flatMap((_, i) => {
    const key = parts.slice(0, i + 1).join('.');
    const rest = parts.slice(i + 1);
    return rest.length === 0 ? [[key]] : pathsTo(rest).map((path) => [key, ...path]);
  });
}

async function narrowQuery(session: SqlTransaction, source: NarrowSource, query: HistoryQuery): Promise<RowQuery> {
  const relation = await tableRelation(session, tablePath(source.table));
  const metric = columnOf(relation, source.metricColumn, 'the metric');
  const value = columnOf(relation, source.valueColumn, 'the value');
  checkValue(value, source.valueColumn);
  const { fields } = query;
  return rowQuery(session, relation, { ...source, label: labelColumn(relation) }, query, (values) => {
    const name = `${metric.sql}::text`;
    const pairs = { shape: 'pairs', fields, name, cells: [value] } as const;
    return fields.length === 0 ? pairs : { ...pairs, where: `${name} = ANY (${values.add([...fields])}::text[])` };
  });
}

async function wideQuery(session: SqlTransaction, source: WideSource, query: HistoryQuery): Promise<RowQuery> {
  return columnsQuery(session, await tableRelation(session, tablePath(source.table)), source, query);
}

async function ownQuery(session: SqlTransaction, { sql }: QuerySource, query: HistoryQuery): Promise<RowQuery> {
  const texts = {
    device: query.device,
    from: new Date(query.fromMs).toISOString(),
    to: new Date(query.toMs).toISOString(),
  };
  const relation = await queryRelation(session, sql, (name) => texts[name]);
  const deviceColumn = relation.columns.has(DEVICE_COLUMN) ? DEVICE_COLUMN : null;
  return columnsQuery(session, relation, { deviceColumn, timeColumn: TIME_COLUMN }, query);
}

function columnsQuery(
  session: SqlTransaction,
  relation: Relation,
  places: Omit<Places, 'label'>,
  query: HistoryQuery,
): Promise<RowQuery> {
  const fields = query.fields.length > 0 ? query.fields : numericColumns(relation, places);
  const cells = fields.map((field) => {
    const cell = columnOf(relation, field, 'a field');
    checkValue(cell, field);
    return cell;
  });
  const selection = { shape: 'columns', fields, cells } as const;
  return rowQuery(session, relation, { ...places, label: labelColumn(relation) }, query, () => selection);
}

/** @throws MlError `DATABASE` where there are none */
function numericColumns(relation: Relation, { deviceColumn, timeColumn }: Omit<Places, 'label'>): readonly string[] {
  const fields = [...relation.columns.keys()].filter(
    (name) =>
      isNumeric(relation.columns.get(name)!) && isFieldName(name) && name !== deviceColumn && name !== timeColumn,
  );
  if (fields.length > 0) return fields;
  throw new MlError(
    'DATABASE',
    `${relation.what} has no column of numbers beside device and time. Name the fields, or choose another layout.`,
  );
}

function checkValue({ kind }: Cell, name: string): void {
  if (isNumeric(kind) || kind === 'text' || kind === 'json') return;
  throw new MlError('DATABASE', `The column ${show(name)} holds no numbers. Choose other fields or columns.`);
}

function labelColumn(relation: Relation): string | null {
  return relation.columns.has(LABEL_COLUMN) ? `${columnOf(relation, LABEL_COLUMN, 'the label').sql}::text` : null;
}
