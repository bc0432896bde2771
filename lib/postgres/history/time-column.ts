import { MlError, show } from '../../core/errors';
import { epochUnitMs } from '../../readings/time';
import type { SqlTransaction } from '../sql';
import { columnOf, Values, type Relation } from './relation';

/** The column that holds the time of each reading. */
export interface TimeColumn {
  /** The column itself, to sort by: an index may have it. */
  readonly sql: string;
  /** Epoch ms, as double precision; to be rounded. */
  readonly ms: string;
  /** A time to compare the column with; in its own type, so that an index can be used. */
  readonly at: (values: Values, timeMs: number) => string;
}

/** @throws MlError `DATABASE` where there is no such column, or it holds no times */
export async function timeColumn(session: SqlTransaction, relation: Relation, name: string): Promise<TimeColumn> {
  const { sql, kind } = columnOf(relation, name, 'the time');
  const instant = (values: Values, timeMs: number): string =>
    `to_timestamp(${values.add(timeMs / 1000)}::double precision)`;
  const ms = `date_part('epoch', ${sql}) * 1000`;
  switch (kind) {
    case 'timestamptz':
      return { sql, ms, at: instant };
    case 'timestamp':
    case 'date':
      return { sql, ms, at: (values, timeMs) => `(${instant(values, timeMs)} AT TIME ZONE 'UTC')` };
    case 'integer':
    case 'real':
      return numberColumn(sql, kind, await unitOf(session, relation, sql));
    case 'boolean':
    case 'text':
    case 'json':
    case 'other':
      throw new MlError(
        'DATABASE',
        `The column ${show(name)} holds no times: expected timestamptz, timestamp, date, or epoch seconds or ` +
          'milliseconds as numbers. Choose another column, or turn it into a time in your own SQL.',
      );
  }
}

function numberColumn(sql: string, kind: 'integer' | 'real', unitMs: number): TimeColumn {
  const perMs = Math.round(1 / unitMs);
  const ms = unitMs >= 1 ? `${sql}::double precision * ${unitMs}` : `${sql}::double precision / ${perMs}`;
  const inUnits = (timeMs: number): number => (unitMs >= 1 ? timeMs / unitMs : timeMs * perMs);
  // Whole numbers are at or after a time where they are at or after the next whole one.
  const at = (values: Values, timeMs: number): string =>
    kind === 'integer'
      ? `${values.add(String(BigInt(Math.ceil(inUnits(timeMs)))))}::bigint`
      : `${values.add(inUnits(timeMs))}::double precision`;
  return { sql, ms, at };
}

async function unitOf(session: SqlTransaction, relation: Relation, sql: string): Promise<number> {
  const values = new Values();
  const text = `SELECT ${sql}::double precision FROM ${relation.from(values)} WHERE ${sql} IS NOT NULL LIMIT 1`;
  const { rows } = await session.rows(text, values.list);
  const first = rows[0]?.[0];
  return typeof first === 'number' ? epochUnitMs(first) : 1;
}
