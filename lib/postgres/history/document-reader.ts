import { MAX_DEPTH, MAX_MEMBERS } from '../../readings/limits';
import { isFieldName } from '../../readings/raw-reading';
import { numberOf } from '../../readings/numbers';
import type { PartBuilder } from './part-builder';

/** A member of the documents that have been read. */
interface Member {
  /** Its full name, dotted. */
  readonly path: string;
  /** Column of its numbers; undefined: it has had none. */
  column: number | undefined;
  readonly members: Map<string, Member>;
}

/**
 * Finds the numbers of JSON documents by the rules of messages: dotted names, numeric text and booleans are numbers,
 * arrays are not. Documents of one history resemble each other, so each name is put together only once.
 */
export class DocumentReader {
  readonly #root: Member = { path: '', column: undefined, members: new Map() };
  #known = 0;

  constructor(private readonly builder: PartBuilder) {}

  /** Sets the numbers of the open reading. @throws MlError `LIMIT` for too many fields */
  read(document: unknown): void {
    if (isObject(document)) this.#read(document, this.#root, 1);
  }

  #read(document: object, within: Member, depth: number): void {
    for (const key of Object.keys(document)) {
      const value = (document as Record<string, unknown>)[key];
      if (isObject(value)) {
        if (depth < MAX_DEPTH && key !== '__proto__') this.#read(value, this.#memberOf(within, key), depth + 1);
        continue;
      }
      const number = numberOf(value);
      if (Number.isNaN(number)) continue;
      const member = this.#memberOf(within, key);
      member.column ??= depth === 1 && !isFieldName(key) ? -1 : this.builder.column(member.path);
      if (member.column >= 0) this.builder.set(member.column, number);
    }
  }

  /** Documents whose keys never come again would fill the memory: beyond a bound, members are not kept. */
  #memberOf(within: Member, key: string): Member {
    const known = within.members.get(key);
    if (known !== undefined) return known;
    const path = within === this.#root ? key : `${within.path}.${key}`;
    const member: Member = { path, column: undefined, members: new Map() };
    if (this.#known < MAX_MEMBERS) {
      this.#known++;
      within.members.set(key, member);
    }
    return member;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
