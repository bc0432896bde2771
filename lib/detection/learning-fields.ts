import type { JsonObject } from '../core/json';
import { integer, list, number, object, text } from '../core/shape';
import { MAX_FIELDS } from '../readings/limits';
import { reasonAgainst } from '../readings/select-fields';

/** Over so many readings it is averaged how often a field is there. */
const PRESENCE_ROWS = 64;
/** Present so often, it is missed when it is not. */
const USUAL = 0.75;
/** So often, in readings, it is looked whether a field is one to learn from. */
const CHECK_EVERY = 50;

/** What is known of a field besides its values' distribution. */
interface Facts {
  readonly name: string;
  /** Share of the latest readings that have it. */
  presence: number;
  present: number;
  rises: number;
  falls: number;
  lowest: number;
  highest: number;
  last: number;
  leftOut: boolean;
}

/** The fields that a learning detector has met so far: their order, which are to be learned from, which are missing. */
export class LearningFields {
  readonly #wanted: ReadonlySet<string>;
  readonly #facts: Facts[] = [];
  readonly #known = new Set<string>();
  /** Null: to be found anew. */
  #usual: readonly string[] | null = null;

  /** @param wanted - fields to learn from; empty: all but ids, times and counters */
  constructor(wanted: readonly string[], saved: readonly SavedFacts[] = []) {
    this.#wanted = new Set(wanted);
    for (const facts of saved) {
      this.#known.add(facts.name);
      this.#facts.push({ ...facts, leftOut: false });
      this.#check(this.#facts.at(-1)!);
    }
  }

  /** Takes note of a reading's fields. @returns those that are new */
  note(reading: ReadonlyMap<string, number>): readonly string[] {
    const added: string[] = [];
    for (const name of reading.keys()) {
      if (this.#known.has(name) || this.#facts.length >= MAX_FIELDS) continue;
      if (this.#wanted.size > 0 && !this.#wanted.has(name)) continue;
      this.#known.add(name);
      this.#facts.push(unseen(name));
      added.push(name);
    }
    for (const facts of this.#facts) {
      const before = isUsual(facts);
      this.#noteValue(facts, reading.get(facts.name));
      if (isUsual(facts) !== before) this.#usual = null;
    }
    return added;
  }

  /** One number a known field, in the order in which they were met; NaN for what is missing or left out. */
  row(reading: ReadonlyMap<string, number>): Float64Array {
    const row = new Float64Array(this.#facts.length);
    for (let f = 0; f < row.length; f++) {
      const { name, leftOut } = this.#facts[f]!;
      row[f] = leftOut ? NaN : (reading.get(name) ?? NaN);
    }
    return row;
  }

  /** The fields that are usually there. */
  get usual(): readonly string[] {
    return (this.#usual ??= this.#facts.filter(isUsual).map(({ name }) => name));
  }

  snapshot(): JsonObject[] {
    return this.#facts.map((facts) => {
      const { name, presence, present, rises, falls, lowest, highest, last } = facts;
      return { name, presence, present, rises, falls, lowest, highest, last };
    });
  }

  #noteValue(facts: Facts, value: number | undefined): void {
    const share = 1 / Math.min(PRESENCE_ROWS, facts.present + 1);
    facts.presence += share * ((value === undefined ? 0 : 1) - facts.presence);
    if (value === undefined) return;
    const hadFallen = facts.falls > 0;
    if (facts.present > 0 && value > facts.last) facts.rises++;
    else if (facts.present > 0 && value < facts.last) facts.falls++;
    facts.present++;
    facts.lowest = Math.min(facts.lowest, value);
    facts.highest = Math.max(facts.highest, value);
    facts.last = value;
    if (facts.present % CHECK_EVERY === 1 || hadFallen !== facts.falls > 0) this.#check(facts);
  }

  /** A counter shows only in time; one that falls is none after all. */
  #check(facts: Facts): void {
    facts.leftOut = this.#wanted.size === 0 && reasonAgainst(facts.name, facts, facts.present) !== null;
  }
}

function isUsual({ leftOut, presence }: Facts): boolean {
  return !leftOut && presence >= USUAL;
}

function unseen(name: string): Facts {
  return {
    name,
    presence: 0,
    present: 0,
    rises: 0,
    falls: 0,
    lowest: Infinity,
    highest: -Infinity,
    last: 0,
    leftOut: false,
  };
}

export type SavedFacts = Readonly<Omit<Facts, 'leftOut'>>;

const count = integer(0);
/** The shape of `snapshot`. */
export const savedFields = list(
  object<SavedFacts>({
    name: text(1),
    presence: number(0, 1),
    present: count,
    rises: count,
    falls: count,
    lowest: number(),
    highest: number(),
    last: number(),
  }),
  MAX_FIELDS,
);
