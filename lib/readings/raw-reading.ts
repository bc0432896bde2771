import { MlError, show } from '../core/errors';
import { MAX_DEPTH, MAX_FIELD_LENGTH, MAX_FIELDS, MAX_LABEL_LENGTH, MAX_MEMBERS } from './limits';
import { isBlank, numberOf } from './numbers';
import { NORMAL_LABEL } from '../core/readings';

/** A reading as it stands in a payload: its time and device are not settled yet. */
export interface RawReading {
  /** NaN where a field came without a number. */
  readonly values: Map<string, number>;
  /** The first of `timestamp`, `time` and `ts` that is not blank, and its name. */
  readonly time: { readonly name: string; readonly value: unknown } | undefined;
  readonly device: string | undefined;
  readonly label: string | undefined;
  /** How many of the values are numbers, and how many are blank (null, NaN, empty text). */
  readonly numbers: number;
  readonly blanks: number;
}

const TIME_NAMES = ['timestamp', 'time', 'ts'] as const;
const RESERVED = new Set<string>([...TIME_NAMES, 'device', 'label']);

/** Whether a name may be one of a field: others say something about the reading. */
export function isFieldName(name: string): boolean {
  return name !== '' && !RESERVED.has(name) && !isProto(name);
}

/** An object that is made of field names must not get another prototype. */
function isProto(path: string): boolean {
  return path === '__proto__' || path.endsWith('.__proto__');
}

/** @throws MlError `LIMIT` */
export function checkFieldLength(name: string): void {
  if (name.length <= MAX_FIELD_LENGTH) return;
  throw new MlError('LIMIT', `The name of a field may have ${MAX_FIELD_LENGTH} characters, got ${show(name)}.`);
}

/** Takes the members of a reading, one after the other. */
export class RawReadingBuilder {
  readonly #values = new Map<string, number>();
  readonly #reserved = new Map<string, unknown>();
  #members = 0;
  #numbers = 0;
  #blanks = 0;

  /** @throws MlError `LIMIT` where there is too much of it, or it is nested too deep */
  addObject(object: object): this {
    for (const name of Object.keys(object)) this.add(name, (object as Record<string, unknown>)[name]);
    return this;
  }

  /** A member of the reading itself, which may be its time, device or label. */
  add(name: string, value: unknown): void {
    if (RESERVED.has(name) && !isNested(value)) this.#reserved.set(name, value);
    else this.#addMember(name, value, 1);
  }

  /** A field by its full name; names that are reserved are left out. */
  addField(name: string, value: unknown): void {
    if (!RESERVED.has(name)) this.#addMember(name, value, 1);
  }

  #addMember(path: string, value: unknown, depth: number): void {
    if (++this.#members > MAX_MEMBERS) {
      throw new MlError(
        'LIMIT',
        `A reading may have ${MAX_MEMBERS} members, this one has more. Send only what is measured.`,
      );
    }
    if (isProto(path)) return;
    if (isNested(value)) {
      if (depth >= MAX_DEPTH) {
        throw new MlError('LIMIT', `A reading may be nested ${MAX_DEPTH} levels deep, ${show(path)} lies deeper.`);
      }
      for (const name of Object.keys(value)) {
        // Never a field: an object that is made of field names must not get another prototype.
        if (name !== '__proto__')
          this.#addMember(`${path}.${name}`, (value as Record<string, unknown>)[name], depth + 1);
      }
      return;
    }
    if (path === '' || path === '__proto__') return;
    checkFieldLength(path);
    const number = numberOf(value);
    this.#values.set(path, number);
    if (Number.isNaN(number)) {
      if (isBlank(value)) this.#blanks++;
    } else if (++this.#numbers > MAX_FIELDS) {
      throw new MlError('LIMIT', `A reading may have ${MAX_FIELDS} numeric fields, this one has more. Send fewer.`);
    }
  }

  build(): RawReading {
    const timeName = TIME_NAMES.find((name) => this.#reserved.has(name) && !isBlank(this.#reserved.get(name)));
    return {
      values: this.#values,
      time: timeName === undefined ? undefined : { name: timeName, value: this.#reserved.get(timeName) },
      device: nameText(this.#reserved.get('device')),
      label: labelOf(this.#reserved.get('label')),
      numbers: this.#numbers,
      blanks: this.#blanks,
    };
  }
}

/** Text or a number as a name; undefined where it is neither, or blank. */
export function nameText(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return isBlank(value) ? undefined : String(value).trim();
}

/** Many data sets write 0 for normal. */
function labelOf(value: unknown): string | undefined {
  const text = typeof value === 'boolean' ? String(Number(value)) : nameText(value);
  return text === '0' || text?.toLowerCase() === NORMAL_LABEL ? NORMAL_LABEL : text?.slice(0, MAX_LABEL_LENGTH);
}

/** True for an object that holds members; arrays, buffers and dates are single values that are no number. */
function isNested(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Date)
  );
}
