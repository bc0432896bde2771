import type { Reading, ReadingTable } from '../core/readings';

/** Groups readings by device, in time order; readings of one time keep their order. */
export function toReadingTables(readings: readonly Reading[]): ReadingTable[] {
  void readings;
  return [];
}
