import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { MlError } from '../../core/errors';
import type { ReadingTable } from '../../core/readings';
import { numberOf } from '../../readings/numbers';
import type { SqlTransaction } from '../sql';
import { DocumentReader } from './document-reader';
import { PartBuilder } from './part-builder';
import type { RowQuery } from './row-query';

/** Cells and rows that are fetched at once: enough that the way to and fro does not count, and a few MB at most. */
const FETCH_CELLS = 40_000;
const MAX_FETCH_ROWS = 10_000;
const MIN_FETCH_ROWS = 100;
/** Documents are of any size. */
const FETCH_DOCUMENTS = 2_000;

/** @throws MlError `ABORTED` */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new MlError('ABORTED', 'Reading the history was cancelled.');
}

/**
 * Reads the rows of a statement by a cursor, and gives them on in parts.
 * @param fields - wanted by name; none: all with a number
 */
export async function readParts(
  session: SqlTransaction,
  query: RowQuery,
  { device, fields }: { readonly device: string; readonly fields: readonly string[] },
  give: (part: ReadingTable) => void | Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const size = fetchSize(query);
  const builder = new PartBuilder(device, fields.length > 0 ? fields : null, size, query.steps?.aggregation ?? 'last');
  const add = rowAdder(query, builder);
  await session.query(`DECLARE history NO SCROLL CURSOR FOR ${query.text}`, query.values);
  for (let isMore = true; isMore;) {
    checkAborted(signal);
    const { rows } = await session.rows(`FETCH ${size} FROM history`);
    for (const row of rows) add(row);
    isMore = rows.length === size;
    if (!isMore) builder.end();
    const part = builder.take();
    if (part !== null) await give(part);
    // An embedded database answers without ever letting anything else have its turn.
    await turnOfOthers();
  }
}

function fetchSize({ shape, fields }: RowQuery): number {
  if (shape === 'document') return FETCH_DOCUMENTS;
  const width = shape === 'pairs' ? 1 : fields.length;
  return Math.max(MIN_FETCH_ROWS, Math.min(MAX_FETCH_ROWS, Math.floor(FETCH_CELLS / (width + 2))));
}

/** How a row of the cursor gets into the table. */
function rowAdder({ shape, fields, steps }: RowQuery, builder: PartBuilder): (row: readonly unknown[]) => void {
  const begin = ([ms, label]: readonly unknown[], joins: boolean): void => {
    // Rounded as times of messages are.
    const timeMs = Math.round(ms as number);
    const ofRow = steps === undefined ? timeMs : Math.floor(timeMs / steps.stepMs) * steps.stepMs;
    builder.begin(ofRow, label as string | null, joins);
  };
  switch (shape) {
    case 'columns': {
      const columns = fields.map((field) => builder.column(field));
      return (row) => {
        begin(row, false);
        for (let c = 0; c < columns.length; c++) {
          const number = numberOf(row[c + 2]);
          if (!Number.isNaN(number)) builder.set(columns[c]!, number);
        }
      };
    }
    case 'pairs':
      return (row) => {
        begin(row, true);
        const number = numberOf(row[3]);
        if (Number.isNaN(number) || typeof row[2] !== 'string') return;
        const column = builder.column(row[2]);
        if (column >= 0) builder.set(column, number);
      };
    case 'document': {
      const documents = new DocumentReader(builder);
      return (row) => {
        begin(row, steps !== undefined);
        documents.read(row[2]);
      };
    }
  }
}
