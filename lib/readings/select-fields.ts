import type { ReadingTable } from '../core/readings';

/** A field that "all numeric" did not take. */
export interface LeftOut {
  readonly field: string;
  /** In plain words, to follow the field's name: "grows all the time, like a counter". */
  readonly reason: string;
}

export interface FieldSelection {
  readonly fields: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** A field that fewer readings have, in percent, is not learned from. */
const MIN_PRESENT_PERCENT = 10;
/** So many values and rises, and no fall, make a counter; fewer may be a setpoint that was raised a few times. */
const MIN_COUNTER_VALUES = 100;
const MIN_COUNTER_RISES = 20;
/** Epoch times of the years 2001 to 2096, in seconds; also looked for in ms, µs and ns. */
const EPOCH_SECONDS = { from: 1e9, to: 4e9 };

const ID_NAME = /(^|[^a-z])(id|uid|uuid|guid|serial|serial[-_ ]?(no|number))$/i;
const ID_NAME_IN_CAMEL_CASE = /[a-z0-9](Id|ID|Uid|UID|Uuid|UUID|Guid|GUID)$/;
const TIME_NAME = /(time|date|timestamp|epoch|(^|[^a-z])ts)$/i;

export interface FieldFacts {
  readonly present: number;
  readonly rises: number;
  readonly falls: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Chooses the fields to learn from where the user named none: all numeric ones but ids, times, counters that only grow,
 * and fields that are hardly ever there. A constant field stays: that it is constant is what is normal.
 */
export function selectFields(tables: readonly ReadingTable[]): FieldSelection {
  const names = [...new Set(tables.flatMap(({ fields }) => fields))];
  const rows = tables.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
  const fields: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const field of names) {
    const reason = reasonAgainst(field, factsOf(tables, field), rows);
    if (reason === null) fields.push(field);
    else leftOut.push({ field, reason });
  }
  return { fields, leftOut };
}

/** Why a field is not one to learn from, in plain words; null where it is. @param rows - readings so far, with it or not */
export function reasonAgainst(field: string, facts: FieldFacts, rows: number): string | null {
  const name = field.slice(field.lastIndexOf('.') + 1);
  if (facts.present === 0) return 'has no number in any reading';
  if (ID_NAME.test(name) || ID_NAME_IN_CAMEL_CASE.test(name)) return 'is an id by its name';
  if (isTime(name, facts)) return 'holds times';
  if (100 * facts.present < MIN_PRESENT_PERCENT * rows) {
    const percent = Math.max(1, Math.round((100 * facts.present) / rows));
    return `is there in only ${percent} % of the readings`;
  }
  if (facts.present >= MIN_COUNTER_VALUES && facts.rises >= MIN_COUNTER_RISES && facts.falls === 0) {
    return 'only ever grows, like a counter: to learn from its rate of change, name it as a field';
  }
  return null;
}

/** By its size, and by its name or because it moves on: a number of bytes can have the size of a time, too. */
function isTime(name: string, { lowest, highest, rises, falls }: FieldFacts): boolean {
  const hasSize = [1, 1e3, 1e6, 1e9].some(
    (unit) => lowest >= EPOCH_SECONDS.from * unit && highest <= EPOCH_SECONDS.to * unit,
  );
  return hasSize && (TIME_NAME.test(name) || (rises > 0 && falls === 0));
}

function factsOf(tables: readonly ReadingTable[], field: string): FieldFacts {
  let [present, rises, falls, lowest, highest] = [0, 0, 0, Infinity, -Infinity];
  for (const { fields, data } of tables) {
    const width = fields.length;
    const column = fields.indexOf(field);
    if (column < 0) continue;
    let before = NaN;
    for (let i = column; i < data.length; i += width) {
      const value = data[i]!;
      if (Number.isNaN(value)) continue;
      present++;
      if (value > before) rises++;
      else if (value < before) falls++;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
      before = value;
    }
  }
  return { present, rises, falls, lowest, highest };
}
