import { MlError, show } from '../../core/errors';
import type { Aggregation } from '../../core/pipeline';
import type { SqlTransaction } from '../sql';
import { aggregateLabel, aggregateSql, labelSql, numberSql } from './expressions';
import type { ColumnKind } from './column-types';
import { columnOf, Values, type Relation } from './relation';
import type { HistoryQuery } from './source';
import { timeColumn } from './time-column';

/** Where a reading's parts are in a relation. */
export interface Places {
  /** Null where all rows are of one device. */
  readonly deviceColumn: string | null;
  readonly timeColumn: string;
  /** Text of the label, as SQL; null: none. */
  readonly label: string | null;
}

/** A number, or what may be one, as SQL. */
export interface Cell {
  readonly sql: string;
  readonly kind: ColumnKind;
}

/** What of a relation makes the rows. */
export interface Selection {
  /**
   * What the cells are: each that of a field; or the value of the field that a name says, several rows a reading; or a
   * document with all fields.
   */
  readonly shape: 'columns' | 'pairs' | 'document';
  readonly cells: readonly Cell[];
  /** Of `columns`: the fields, one a cell. */
  readonly fields: readonly string[];
  /** Of `pairs`: name of the field, as SQL. */
  readonly name?: string;
  /** Which rows alone, as SQL. */
  readonly where?: string;
}

/** A statement whose rows are time in ms, label, and then the cells, or name and value; in time order. */
export interface RowQuery extends Pick<Selection, 'shape' | 'fields'> {
  readonly text: string;
  readonly values: readonly unknown[];
  /** What is to be done with the rows while they are read; absent: the database has done it, or nothing is. */
  readonly steps?: { readonly stepMs: number; readonly aggregation: Aggregation };
}

/**
 * The statement for a query.
 * @param select - makes the selection, with the statement's values
 */
export async function rowQuery(
  session: SqlTransaction,
  relation: Relation,
  places: Places,
  query: HistoryQuery,
  select: (values: Values) => Selection,
): Promise<RowQuery> {
  const { fromMs, toMs, stepMs, aggregation = 'mean' } = query;
  const time = await timeColumn(session, relation, places.timeColumn);
  const values = new Values();
  const from = relation.from(values);
  const { shape, cells, fields, name, where } = select(values);
  const conditions = [
    ...(places.deviceColumn === null ? [] : [isDevice(relation, places.deviceColumn, query.device, values)]),
    `${time.sql} >= ${time.at(values, stepMs === undefined ? fromMs : Math.ceil(fromMs / stepMs) * stepMs)}`,
    `${time.sql} < ${time.at(values, stepMs === undefined ? toMs : Math.floor(toMs / stepMs) * stepMs)}`,
    ...(where === undefined ? [] : [where]),
  ];
  const rows = `FROM ${from} WHERE ${conditions.join(' AND ')}`;
  const order = [time.sql, ...(relation.place === null ? [] : [relation.place])];
  const label = places.label === null ? null : labelSql(places.label);
  const named = name === undefined ? [] : [name];
  const statement = (outputs: readonly string[], end: string): RowQuery => ({
    text: `SELECT ${outputs.join(', ')} ${rows} ${end}`,
    values: values.list,
    shape,
    fields,
  });
  if (stepMs === undefined || shape === 'document') {
    const outputs = [time.ms, label ?? 'NULL', ...named, ...cells.map(plainSql)];
    const plain = statement(outputs, `ORDER BY ${order.join(', ')}`);
    // To find the fields of a document takes PostgreSQL ten times as long as reading it here, and in one statement.
    return stepMs === undefined ? plain : { ...plain, steps: { stepMs, aggregation } };
  }
  const length = `${values.add(stepMs)}::double precision`;
  const outputs = [
    // Rounded first: seconds times 1000 may lie a little before the step.
    `floor(round(${time.ms}) / ${length}) * ${length}`,
    label === null ? 'NULL' : aggregateLabel(label, order),
    ...named,
    ...cells.map(({ sql, kind }) => aggregateSql(numberSql(sql, kind), aggregation, order)),
  ];
  const grouped = name === undefined ? '1' : '1, 3';
  return statement(outputs, `GROUP BY ${grouped} ORDER BY ${grouped}`);
}

/** Numbers as such; all else as it is, for `numberOf` to say what counts as one. */
function plainSql({ sql, kind }: Cell): string {
  return kind === 'integer' || kind === 'real' ? `(${sql})::double precision` : sql;
}

function isDevice(relation: Relation, column: string, device: string, values: Values): string {
  const { sql, kind } = columnOf(relation, column, 'the device');
  if (kind === 'json' || kind === 'boolean') {
    throw new MlError('DATABASE', `The column ${show(column)} holds no names of devices. Choose another column.`);
  }
  return `${sql} = ${values.add(device)}`;
}
