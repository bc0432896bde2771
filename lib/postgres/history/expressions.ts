import type { Aggregation } from '../../core/pipeline';
import { NORMAL_LABEL } from '../../core/readings';
import { MAX_LABEL_LENGTH } from '../../readings/limits';
import type { ColumnKind } from './column-types';

/*
 * SQL expressions that say the same as `lib/readings` says of messages: what counts as a number, as a label, and what
 * becomes of the readings of one step. All of them are made of other expressions, never of names or values.
 */

/** Numeric text, as `numberOf` knows it; a larger exponent than three digits is out of range anyway. */
const NUMERIC_TEXT = '^[[:space:]]*[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,3})?[[:space:]]*$';

/** `double precision`, or null where it is none or out of range. */
export function numberSql(sql: string, kind: ColumnKind): string {
  switch (kind) {
    case 'integer':
      return `(${sql})::double precision`;
    case 'boolean':
      return `(${sql})::integer::double precision`;
    case 'text':
      return `CASE WHEN length(${sql}) <= 64 AND ${sql} ~ '${NUMERIC_TEXT}' THEN ${inRange(`btrim(${sql})::numeric`)} END`;
    case 'json':
      return jsonNumber(`(${sql})::jsonb`);
    case 'real':
    case 'timestamptz':
    case 'timestamp':
    case 'date':
    case 'other':
      return inRange(sql);
  }
}

/** NaN is larger than any other number here. What is too small for `double precision` would be an error. */
function inRange(sql: string): string {
  return `CASE WHEN abs(${sql}) < 1e-300 THEN 0 WHEN abs(${sql}) <= 1e100 THEN (${sql})::double precision END`;
}

function jsonNumber(json: string): string {
  return (
    `CASE jsonb_typeof(${json}) WHEN 'number' THEN ${inRange(`(${json})::numeric`)} ` +
    `WHEN 'boolean' THEN (${json})::boolean::integer WHEN 'string' THEN ${numberSql(`(${json} #>> '{}')`, 'text')} END`
  );
}

/** Text of a label, `normal` in whichever way it is written; null where there is none. */
export function labelSql(text: string): string {
  const trimmed = `btrim(${text})`;
  return (
    `CASE WHEN lower(${trimmed}) IN ('0', 'false', '${NORMAL_LABEL}') THEN '${NORMAL_LABEL}' ` +
    `WHEN ${trimmed} <> '' THEN left(${trimmed}, ${MAX_LABEL_LENGTH}) END`
  );
}

/** A label in a JSON document. */
export function jsonLabelText(json: string): string {
  return `CASE WHEN jsonb_typeof(${json} -> 'label') NOT IN ('object', 'array') THEN ${json} ->> 'label' END`;
}

/** What becomes of the numbers of one step. @param order - of the readings, each a column to sort by */
export function aggregateSql(number: string, aggregation: Aggregation, order: readonly string[]): string {
  switch (aggregation) {
    case 'mean':
      return `avg(${number})`;
    case 'minimum':
      return `min(${number})`;
    case 'maximum':
      return `max(${number})`;
    case 'sum':
      return `sum(${number})`;
    case 'last': {
      const latestFirst = order.map((sql) => `${sql} DESC`).join(', ');
      return `(array_agg(${number} ORDER BY ${latestFirst}) FILTER (WHERE ${number} IS NOT NULL))[1]`;
    }
  }
}

/** A step with a fault in it is not a normal one: the first label that is not normal, else normal, else none. */
export function aggregateLabel(label: string, order: readonly string[]): string {
  const first = `array_agg(${label} ORDER BY ${order.join(', ')}) FILTER (WHERE ${label} <> '${NORMAL_LABEL}')`;
  return `COALESCE((${first})[1], max(${label}))`;
}
