import { MlError, show } from '../../core/errors';
import { identifier, type SqlTransaction } from '../sql';
import { kindOfType, type ColumnKind } from './column-types';
import { replaceNames, type SqlName } from './own-sql';

/** The values of a statement, in the order of its `$1`, `$2` …. */
export class Values {
  readonly list: unknown[] = [];

  /** @returns what stands for the value in the statement */
  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/** What readings are selected from: a table or view, or the user's own query. */
export interface Relation {
  /** For messages: `The table "metrics"`. */
  readonly what: string;
  /** Stands after FROM, and is called `reading`; its values are added. */
  readonly from: (values: Values) => string;
  readonly columns: ReadonlyMap<string, ColumnKind>;
  /** A column that tells rows of the same time apart: where they lie in the table; null where there is none. */
  readonly place: string | null;
}

/** `table` or `schema.table` as its parts. */
export function tablePath(table: string): readonly string[] {
  const dot = table.indexOf('.');
  return dot < 0 ? [table] : [table.slice(0, dot), table.slice(dot + 1)];
}

/** @throws MlError `DATABASE` where there is no such table, or no right to it */
export async function tableRelation(session: SqlTransaction, path: readonly string[]): Promise<Relation> {
  const name = identifier(...path);
  const from = (): string => `${name} AS reading`;
  const columns = await columnsOf(session, from);
  const [found] = await session.query<{ relkind: string }>(
    'SELECT relkind FROM pg_catalog.pg_class WHERE oid = to_regclass($1)',
    [name],
  );
  // Tables, partitioned ones and materialised views have it; views and foreign tables do not.
  const place = /^[rpm]$/.test(found?.relkind ?? '') ? 'reading.ctid' : null;
  return { what: `The table ${show(path.join('.'))}`, from, columns, place };
}

/**
 * The user's own query.
 * @param valueOf - of a name in it
 * @throws MlError `PARAMETER` where it is not one query, `DATABASE` where the database refuses it
 */
export async function queryRelation(
  session: SqlTransaction,
  sql: string,
  valueOf: (name: SqlName) => string,
): Promise<Relation> {
  const from = (values: Values): string => {
    const given = new Map<SqlName, string>();
    const placeholder = (name: SqlName): string => {
      const known = given.get(name) ?? values.add(valueOf(name)) + (name === 'device' ? '' : '::timestamptz');
      given.set(name, known);
      return known;
    };
    // On lines of its own: it may end in a comment.
    return `(\n${replaceNames(sql, placeholder)}\n) AS reading`;
  };
  return { what: 'Your own SQL', from, columns: await columnsOf(session, from), place: null };
}

async function columnsOf(
  session: SqlTransaction,
  from: (values: Values) => string,
): Promise<ReadonlyMap<string, ColumnKind>> {
  const values = new Values();
  // A value, even here: PostgreSQL takes several statements in one text only where there are none.
  const text = `SELECT * FROM ${from(values)} LIMIT ${values.add(0)}`;
  const { columns } = await session.rows(text, values.list);
  return new Map(columns.map(({ name, typeId }) => [name, kindOfType(typeId)]));
}

/**
 * A column of a relation, as SQL.
 * @param role - what it is for: `the time`
 * @throws MlError `DATABASE` where there is none, with those there are
 */
export function columnOf(
  relation: Relation,
  name: string,
  role: string,
): { readonly sql: string; readonly kind: ColumnKind } {
  const kind = relation.columns.get(name);
  if (kind !== undefined) return { sql: `reading.${identifier(name)}`, kind };
  const there = [...relation.columns.keys()].slice(0, 30).map((column) => show(column));
  const has = there.length === 0 ? 'it has none' : `it has ${there.join(', ')}`;
  throw new MlError(
    'DATABASE',
    `${relation.what} has no column ${show(name)} for ${role}; ${has}. Check the name, capital letters included.`,
  );
}
