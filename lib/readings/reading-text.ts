import type { ReadingTable } from '../core/readings';
import { isFieldName } from './raw-reading';
import { readingRows } from './reading-rows';

/** Readings as JSON: the text of one array, in pieces of whole rows, which make it when they are put together. */
export async function* jsonText(parts: AsyncIterable<ReadingTable>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const part of parts) {
    const rows = readingRows(part);
    if (rows.length === 0) continue;
    yield before + rows.map((row) => JSON.stringify(row)).join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/**
 * Readings as CSV (RFC 4180), in pieces, the first of which has the line with the names: device, timestamp, the fields,
 * label. What is missing is empty. A text that a spreadsheet would take for a formula gets a ' in front.
 * @param fields - the columns, in their order; what else the parts have is left out
 */
export async function* csvText(parts: AsyncIterable<ReadingTable>, fields: readonly string[]): AsyncGenerator<string> {
  const columns = fields.filter(isFieldName);
  yield line(['device', 'timestamp', ...columns, 'label'].map(textCell));
  for await (const { device, fields: there, timestampsMs, data, labels } of parts) {
    const at = columns.map((field) => there.indexOf(field));
    const cell = (row: number, column: number): string => {
      const value = column < 0 ? NaN : data[row * there.length + column]!;
      return Number.isNaN(value) ? '' : String(value);
    };
    const text = Array.from(timestampsMs, (timestampMs, row) =>
      line([
        textCell(device),
        new Date(timestampMs).toISOString(),
        ...at.map((column) => cell(row, column)),
        textCell(labels?.[row] ?? ''),
      ]),
    ).join('');
    if (text !== '') yield text;
  }
}

function line(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** What a spreadsheet computes when a cell begins with it (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;

function textCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
