import { identifier } from '../sql';
import type { ColumnSpec, TableSpec } from '../tables';

/**
 * The statement that writes rows, given as one text with a JSON array of objects: measured beside `unnest` and one
 * parameter a value, it costs Node.js least, and the rows may be of any shape. A row that was written before stays as
 * it is.
 * @param perPoint - columns that come from the objects in a row's array `points`, one table row each; empty: there is none
 */
export function insertText(schema: string, { name, columns }: TableSpec, perPoint: readonly string[] = []): string {
  const isPoint = (column: ColumnSpec): boolean => perPoint.includes(column.name);
  const own = columns.filter((column) => !isPoint(column)).map(typed);
  const points = `CROSS JOIN LATERAL json_to_recordset(given.points) AS point (${columns.filter(isPoint).map(typed).join(', ')})`;
  const values = columns.map((column) => identifier(isPoint(column) ? 'point' : 'given', column.name));
  return [
    `INSERT INTO ${identifier(schema, name)} (${columns.map((column) => identifier(column.name)).join(', ')})`,
    `SELECT ${values.join(', ')}`,
    `FROM json_to_recordset($1::text::json) AS given (${[...own, ...(perPoint.length > 0 ? ['points json'] : [])].join(', ')})`,
    ...(perPoint.length > 0 ? [points] : []),
    'ON CONFLICT DO NOTHING',
  ].join('\n');
}

/** Name and type, without what only a table needs. */
function typed({ name, type }: ColumnSpec): string {
  return `${identifier(name)} ${type.replace(/ (?:PRIMARY KEY|NOT NULL)\b.*$/, '')}`;
}
