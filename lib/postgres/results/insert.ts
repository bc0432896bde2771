import { identifier } from '../sql';
import type { ColumnSpec, TableSpec } from '../tables';

/**
 * The statement that writes rows, given as one text: a JSON array of rows, each an array of its values in the order of
 * the table's columns. Measured beside objects with names, `unnest` and one parameter a value, it costs Node.js and
 * PostgreSQL least. A row that was written before stays as it is.
 * @param perPoint - columns that a row has several values of, one table row each: they come from the array of points
 *   that is a row's last value, each an array of these columns' values, in their order; empty: there is none
 */
export function insertText(schema: string, { name, columns }: TableSpec, perPoint: readonly string[] = []): string {
  const ofPoint = columns.filter((column) => perPoint.includes(column.name));
  const ofRow = columns.filter((column) => !ofPoint.includes(column));
  const values = columns.map((column) => {
    const place = ofPoint.indexOf(column);
    return place < 0 ? valueSql('given', ofRow.indexOf(column), column) : valueSql('point', place, column);
  });
  return [
    `INSERT INTO ${identifier(schema, name)} (${columns.map((column) => identifier(column.name)).join(', ')})`,
    `SELECT ${values.join(', ')}`,
    'FROM jsonb_array_elements($1::text::jsonb) AS given',
    ...(ofPoint.length > 0 ? [`CROSS JOIN LATERAL jsonb_array_elements(given -> ${ofRow.length}) AS point`] : []),
    'ON CONFLICT DO NOTHING',
  ].join('\n');
}

/** A value of a JSON array in the column's own type. */
function valueSql(array: 'given' | 'point', place: number, { type }: ColumnSpec): string {
  const plain = type.replace(/ (?:PRIMARY KEY|NOT NULL)\b.*$/, '');
  return plain === 'jsonb' ? `${array} -> ${place}` : `(${array} ->> ${place})::${plain}`;
}
