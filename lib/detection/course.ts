import type { Json, JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import { list, object, text } from '../core/shape';

/** Readings that are remembered. */
export const COURSE_ROWS = 128;
/** Fields that are remembered, the first that come. */
const MAX_FIELDS = 32;

/** The newest readings of one device, field by field: 1 KB a field. */
export class Course {
  readonly #times = new Float64Array(COURSE_ROWS);
  readonly #fields = new Map<string, Float64Array>();
  #count = 0;

  /** Readings that are remembered. */
  get length(): number {
    return Math.min(this.#count, COURSE_ROWS);
  }

  push(timestampMs: number, reading: ReadonlyMap<string, number>): void {
    const place = this.#count++ % COURSE_ROWS;
    this.#times[place] = timestampMs;
    for (const [field, values] of this.#fields) values[place] = reading.get(field) ?? NaN;
    if (reading.size <= this.#fields.size || this.#fields.size >= MAX_FIELDS) return;
    for (const [field, value] of reading) {
      if (this.#fields.has(field) || this.#fields.size >= MAX_FIELDS) continue;
      const values = new Float64Array(COURSE_ROWS).fill(NaN);
      values[place] = value;
      this.#fields.set(field, values);
    }
  }

  /** Epoch ms, the oldest first. */
  times(): Float64Array {
    return this.#inOrder(this.#times);
  }

  /** One number a reading, the oldest first, NaN where missing; null for a field that is not remembered. */
  values(field: string): Float64Array | null {
    const values = this.#fields.get(field);
    return values === undefined ? null : this.#inOrder(values);
  }

  snapshot(): JsonObject {
    const fields = [...this.#fields.keys()];
    return {
      times: packNumbers(this.times()),
      fields,
      values: fields.map((field) => packNumbers(this.values(field)!)),
    };
  }

  /** A damaged snapshot begins anew. */
  static restore(snapshot: Json): Course {
    const course = new Course();
    try {
      shape(snapshot, 'course');
    } catch {
      return course;
    }
    const { times, fields, values } = snapshot as unknown as Saved;
    const known = unpackNumbers(times)?.slice(-COURSE_ROWS);
    const columns = values.map((packed) => unpackNumbers(packed)?.slice(-COURSE_ROWS));
    if (known === undefined || columns.length !== fields.length) return course;
    if (known.some((timestampMs) => Number.isNaN(new Date(timestampMs).getTime()))) return course;
    if (columns.some((column) => column?.length !== known.length)) return course;
    known.forEach((timestampMs, i) => {
      course.push(timestampMs, new Map(fields.map((field, f) => [field, columns[f]![i]!])));
    });
    return course;
  }

  #inOrder(ring: Float64Array): Float64Array {
    if (this.#count <= COURSE_ROWS) return ring.slice(0, this.#count);
    const oldest = this.#count % COURSE_ROWS;
    const ordered = new Float64Array(COURSE_ROWS);
    ordered.set(ring.subarray(oldest));
    ordered.set(ring.subarray(0, oldest), COURSE_ROWS - oldest);
    return ordered;
  }
}

interface Saved {
  readonly times: string;
  readonly fields: readonly string[];
  readonly values: readonly string[];
}

const shape = object<Saved>({ times: text(), fields: list(text(), MAX_FIELDS), values: list(text(), MAX_FIELDS) });
