import type { Reading, ReadingTable } from '../core/readings';

/** Groups readings by device, in time order; readings of one time keep their order. */
export function toReadingTables(readings: readonly Reading[]): ReadingTable[] {
  const byDevice = new Map<string, Reading[]>();
  for (const reading of readings) {
    const group = byDevice.get(reading.device);
    if (group) group.push(reading);
    else byDevice.set(reading.device, [reading]);
  }
  return [...byDevice].map(([device, group]) => tableOf(device, group));
}

/** The readings of a table, one by one, as they came: by default all, else from `start` (inclusive) to `end` (exclusive). */
export function* readingsOf(
  { device, fields, timestampsMs, data, labels }: ReadingTable,
  start = 0,
  end = timestampsMs.length,
): Generator<Reading> {
  for (let r = start; r < end; r++) {
    const values = new Map<string, number>();
    for (let c = 0; c < fields.length; c++) {
      const value = data[r * fields.length + c]!;
      if (Number.isFinite(value)) values.set(fields[c]!, value);
    }
    const label = labels?.[r] ?? null;
    const reading = { device, timestampMs: timestampsMs[r]!, values };
    yield label === null ? reading : { ...reading, label };
  }
}

function tableOf(device: string, readings: readonly Reading[]): ReadingTable {
  const sorted = [...readings].sort((a, b) => a.timestampMs - b.timestampMs);
  const columns = new Map<string, number>();
  for (const { values } of sorted) {
    for (const field of values.keys()) if (!columns.has(field)) columns.set(field, columns.size);
  }
  const width = columns.size;
  const data = new Float64Array(sorted.length * width).fill(NaN);
  sorted.forEach(({ values }, r) => {
    for (const [field, value] of values) data[r * width + columns.get(field)!] = value;
  });
  const table = {
    device,
    fields: [...columns.keys()],
    timestampsMs: Float64Array.from(sorted, ({ timestampMs }) => timestampMs),
    data,
  };
  if (sorted.every(({ label }) => label === undefined)) return table;
  return { ...table, labels: sorted.map(({ label }) => label ?? null) };
}
