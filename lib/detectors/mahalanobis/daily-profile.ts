import { mean, median } from '../../core/statistics';
import type { Table } from '../../core/table';
import { HOUR_COLUMNS } from '../../readings/feature-columns';

/** Levels of each feature a day: one every quarter of an hour. */
export const SLOTS = 96;

/** With fewer nights, what is usual at an hour is not known: the time of day is then a feature like any other. */
const LEAST_NIGHTS = 4;

/** What each feature usually is at each time of the day. */
export interface DailyProfile {
  /** Where the sine and the cosine of the time of day stand in a row: they are not judged, but say what is usual. */
  readonly columns: readonly [sine: number, cosine: number];
  /** Departures from the feature's mean level, `SLOTS × features`, from midnight on. */
  readonly levels: Float64Array;
}

/** Where the time of day stands among features; null where it is not one of them, or there is nothing else. */
export function hourColumnsOf(features: readonly string[]): DailyProfile['columns'] | null {
  const [sine, cosine] = HOUR_COLUMNS.map((name) => features.indexOf(name)) as [number, number];
  return sine >= 0 && cosine >= 0 && features.length > 2 ? [sine, cosine] : null;
}

/**
 * Learns medians, each from the rows that are nearest to its time. Where there are none, it is what the one
 * before is.
 * @param x - without missing cells, in time order
 * @returns null where the time of day is not among the features, or there are too few days
 */
export function fitDailyProfile(x: Table): DailyProfile | null {
  const columns = hourColumnsOf(x.columns);
  if (columns === null || nightsOf(x, columns) < LEAST_NIGHTS) return null;
  const width = x.columns.length;
  const rowsOf = Array.from({ length: SLOTS }, (): number[] => []);
  for (let r = 0; r < x.rows; r++) rowsOf[Math.round(placeOf(x.data, r * width, columns)) % SLOTS]!.push(r);
  const filled = rowsOf.flatMap(({ length }, slot) => (length > 0 ? [slot] : []));
  const levels = new Float64Array(SLOTS * width);
  for (let c = 0; c < width; c++) {
    if (columns.includes(c)) continue;
    const medians = new Map(filled.map((slot) => [slot, median(rowsOf[slot]!.map((r) => x.data[r * width + c]!))]));
    let last = medians.get(filled.at(-1)!)!;
    const ofSlots = Float64Array.from({ length: SLOTS }, (_, slot) => (last = medians.get(slot) ?? last));
    const middle = mean(ofSlots);
    ofSlots.forEach((level, slot) => (levels[slot * width + c] = level - middle));
  }
  return { columns, levels };
}

function nightsOf(x: Table, columns: DailyProfile['columns']): number {
  const width = x.columns.length;
  let nights = 0;
  for (let r = 1; r < x.rows; r++) {
    if (placeOf(x.data, r * width, columns) < placeOf(x.data, (r - 1) * width, columns)) nights++;
  }
  return nights;
}

/** What is usual at a row's time of day, as departures from the features' mean levels: straight from one to the next. */
export function levelsAt({ columns, levels }: DailyProfile, row: Float64Array): Float64Array {
  const width = row.length;
  const place = placeOf(row, 0, columns);
  const share = place - Math.floor(place);
  const before = (Math.floor(place) % SLOTS) * width;
  const after = (Math.ceil(place) % SLOTS) * width;
  return Float64Array.from(row, (_, c) => (1 - share) * levels[before + c]! + share * levels[after + c]!);
}

/** Slots since midnight: 0 … SLOTS, the latter left out. */
function placeOf(data: Float64Array, start: number, [sine, cosine]: DailyProfile['columns']): number {
  const turns = Math.atan2(data[start + sine]!, data[start + cosine]!) / (2 * Math.PI);
  return ((turns + 1) * SLOTS) % SLOTS;
}
