import type { Reading } from '../core/readings';
import type { Profile } from './profile';

/** A reading as one flat object, as messages carry it: `{ timestamp, device, …values, label }`. */
export type SyntheticRow = Record<string, number | string>;

export function flatRow(reading: Reading): SyntheticRow {
  const row: SyntheticRow = { timestamp: new Date(reading.timestampMs).toISOString(), device: reading.device };
  for (const [name, value] of reading.values) row[name] = value;
  if (reading.label !== undefined) row.label = reading.label;
  return row;
}

/** The first line of a CSV file of the profile's readings, without its end. */
export function csvHeader(profile: Profile): string {
  return ['timestamp', 'device', ...profile.fields.map(({ name }) => name), 'label'].map(csvCell).join(',');
}

/** One line of a CSV file, without its end; the columns of `csvHeader`. */
export function csvLine(reading: Reading): string {
  const time = new Date(reading.timestampMs).toISOString();
  return [time, csvCell(reading.device), ...reading.values.values(), reading.label ?? ''].join(',');
}

/** RFC 4180: quoted where it must be, quotes doubled. */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
