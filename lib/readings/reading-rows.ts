import type { ReadingTable } from '../core/readings';
import { isFieldName } from './raw-reading';

/** A reading as one flat object, as the nodes take it in a batch; what is missing is absent. */
export type ReadingRow = Readonly<Record<string, number | string>> & {
  readonly device: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly label?: string;
};

/** The table's readings, in its order. */
export function readingRows({ device, fields, timestampsMs, data, labels }: ReadingTable): ReadingRow[] {
  return Array.from(timestampsMs, (timestampMs, row) => {
    const reading: Record<string, number | string> = { device, timestamp: new Date(timestampMs).toISOString() };
    fields.forEach((field, column) => {
      const value = data[row * fields.length + column]!;
      if (!Number.isNaN(value) && isFieldName(field)) reading[field] = value;
    });
    const label = labels?.[row];
    if (label !== undefined && label !== null) reading.label = label;
    return reading as ReadingRow;
  });
}
