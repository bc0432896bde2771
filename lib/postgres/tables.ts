import { identifier, type SqlSession } from './sql';

/** A table of this package as data: the statements that make it, and its documentation, come from here. */
export interface TableSpec {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly ColumnSpec[];
  /** Such as `PRIMARY KEY (name, device)`. */
  readonly constraints: readonly string[];
  readonly indexes?: readonly IndexSpec[];
}

export interface IndexSpec {
  readonly name: string;
  /** Such as `(device, timestamp)`. */
  readonly on: string;
}

export interface ColumnSpec {
  readonly name: string;
  /** As SQL, with `NOT NULL` and `DEFAULT`. */
  readonly type: string;
  readonly comment: string;
}

/** A view: `columns` are documented, `select` is its query over `${schema}`. */
export interface ViewSpec {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly Omit<ColumnSpec, 'type'>[];
  readonly select: (table: (name: string) => string) => string;
}

/** A text as SQL. For texts of this package; what comes from outside is given as a parameter. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Statements that make a table with its indexes and comments; nothing where it is there already. */
export function createTable(schema: string, spec: TableSpec): readonly string[] {
  const { name, comment, columns, constraints, indexes = [] } = spec;
  const table = identifier(schema, name);
  const lines = [...columns.map((column) => `${identifier(column.name)} ${column.type}`), ...constraints];
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (\n  ${lines.join(',\n  ')}\n)`,
    ...indexes.map((index) => `CREATE INDEX IF NOT EXISTS ${identifier(index.name)} ON ${table} ${index.on}`),
    `COMMENT ON TABLE ${table} IS ${literal(comment)}`,
    ...commentColumns(schema, name, columns),
  ];
}

/** Statements that make a view, or replace it by one with the same columns first. */
export function createView(schema: string, { name, comment, columns, select }: ViewSpec): readonly string[] {
  const view = identifier(schema, name);
  return [
    `CREATE OR REPLACE VIEW ${view} AS\n${select((table) => identifier(schema, table))}`,
    `COMMENT ON VIEW ${view} IS ${literal(comment)}`,
    ...commentColumns(schema, name, columns),
  ];
}

/** Those of the tables that are there. @throws MlError `DATABASE` */
export async function existingTables(
  session: SqlSession,
  schema: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const found = await session.query<{ name: string }>(
    'SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = ANY ($2)',
    [schema, names],
  );
  return found.map(({ name }) => name);
}

function commentColumns(schema: string, of: string, columns: readonly Omit<ColumnSpec, 'type'>[]): readonly string[] {
  return columns.map(({ name, comment }) => `COMMENT ON COLUMN ${identifier(schema, of, name)} IS ${literal(comment)}`);
}
