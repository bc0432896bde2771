import type { ReadingTable } from '../../core/readings';

/**
 * One table of parts that follow one another. The parts are taken out of the array one by one: hardly anything is in
 * memory twice.
 * @param fields - of the table; null: all that the parts have, in order of their names
 */
export function joinParts(device: string, fields: readonly string[] | null, parts: ReadingTable[]): ReadingTable {
  const names = fields ?? [...new Set(parts.flatMap((part) => part.fields))].sort();
  const rows = parts.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
  const labels = parts.some((part) => part.labels !== undefined) ? new Array<string | null>(rows).fill(null) : null;
  const timestampsMs = new Float64Array(rows);
  const data = new Float64Array(rows * names.length);
  let row = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    timestampsMs.set(part.timestampsMs, row);
    part.labels?.forEach((label, r) => (labels![row + r] = label));
    copyRows(part, names, data.subarray(row * names.length));
    row += part.timestampsMs.length;
  }
  const table = { device, fields: names, timestampsMs, data };
  return labels === null ? table : { ...table, labels };
}

function copyRows(part: ReadingTable, names: readonly string[], into: Float64Array): void {
  const width = part.fields.length;
  const from = names.map((name) => part.fields.indexOf(name));
  for (let r = 0, i = 0; r < part.timestampsMs.length; r++) {
    for (const column of from) into[i++] = column < 0 ? NaN : part.data[r * width + column]!;
  }
}
