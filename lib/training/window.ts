import { fromBase64, toBase64 } from '../core/base64';
import type { Json, JsonObject } from '../core/json';
import { NORMAL_LABEL, type ReadingTable } from '../core/readings';

/** Distinct fields and labels that one window keeps; what comes beyond is left out. */
const MAX_FIELDS = 256;
const MAX_LABELS = 255;
const FIRST_CAPACITY = 64;

export interface WindowLimits {
  readonly maxRows: number;
  /** Rows older than this before the newest are dropped. */
  readonly maxAgeMs?: number;
}

/** The last readings of one device, as columns: 8 bytes a number. The oldest make room for new ones. */
export class ReadingWindow {
  readonly #columns = new Map<string, Float64Array>();
  readonly #labelNames: string[] = [];
  #timestampsMs = new Float64Array(FIRST_CAPACITY);
  /** 0: normal or not known; else 1 + index in `labelNames`. */
  #labels = new Uint8Array(FIRST_CAPACITY);
  #capacity = FIRST_CAPACITY;
  #start = 0;
  #rows = 0;

  /** @param mayGrow - asked before the window takes memory for so many more numbers; refused, it drops its oldest rows instead */
  constructor(
    private readonly limits: WindowLimits,
    private readonly mayGrow: (numbers: number) => boolean = () => true,
  ) {}

  get rows(): number {
    return this.#rows;
  }

  /** Numbers that it has memory for. */
  get size(): number {
    return this.#capacity * (this.#columns.size + 1);
  }

  add(timestampMs: number, values: ReadonlyMap<string, number>, label?: string): void {
    if (this.#rows >= this.limits.maxRows || (this.#rows === this.#capacity && !this.#grow())) this.#dropOldest();
    const slot = (this.#start + this.#rows) % this.#capacity;
    for (const column of this.#columns.values()) column[slot] = NaN;
    for (const [field, value] of values) {
      const column = this.#columns.get(field) ?? this.#addColumn(field);
      if (column !== undefined) column[slot] = value;
    }
    this.#timestampsMs[slot] = timestampMs;
    this.#labels[slot] = this.#labelCode(label);
    this.#rows++;
    this.#dropAged();
  }

  /** A copy of the rows in time order. */
  table(device: string): ReadingTable {
    const order = this.#slotsByTime();
    const columns = [...this.#columns.values()];
    const timestampsMs = Float64Array.from(order, (slot) => this.#timestampsMs[slot]!);
    const data = new Float64Array(order.length * columns.length);
    columns.forEach((column, c) => {
      for (let r = 0; r < order.length; r++) data[r * columns.length + c] = column[order[r]!]!;
    });
    const table = { device, fields: [...this.#columns.keys()], timestampsMs, data };
    if (this.#labelNames.length === 0) return table;
    return { ...table, labels: order.map((slot) => this.#labelNames[this.#labels[slot]! - 1] ?? null) };
  }

  /** @param maxNumbers - of a larger window the newest rows are kept */
  snapshot(maxNumbers = Infinity): JsonObject {
    const { fields, timestampsMs, data, labels } = this.table('');
    const first = Math.max(0, timestampsMs.length - Math.floor(maxNumbers / (fields.length + 1)));
    return {
      fields,
      timestampsMs: toBase64(timestampsMs.subarray(first)),
      data: toBase64(data.subarray(first * fields.length)),
      labels: labels?.slice(first) ?? null,
    };
  }

  /** Adds the rows of a snapshot; of a damaged one as much as can be read. */
  restore(snapshot: Json): void {
    const { fields, timestampsMs, data, labels } = (snapshot ?? {}) as Record<string, Json>;
    if (!Array.isArray(fields)) return;
    const times = fromBase64(textOf(timestampsMs));
    const numbers = fromBase64(textOf(data));
    for (const field of fields) if (!this.#columns.has(String(field))) this.#addColumn(String(field));
    const rows = fields.length === 0 ? 0 : Math.min(times.length, Math.floor(numbers.length / fields.length));
    for (let r = 0; r < rows; r++) {
      const values = new Map<string, number>();
      fields.forEach((field, c) => {
        const value = numbers[r * fields.length + c]!;
        if (!Number.isNaN(value)) values.set(String(field), value);
      });
      const label: unknown = Array.isArray(labels) ? labels[r] : null;
      this.add(times[r]!, values, typeof label === 'string' ? label : undefined);
    }
  }

  #addColumn(field: string): Float64Array | undefined {
    if (this.#columns.size >= MAX_FIELDS || !this.mayGrow(this.#capacity)) return undefined;
    const column = new Float64Array(this.#capacity).fill(NaN);
    this.#columns.set(field, column);
    return column;
  }

  #grow(): boolean {
    const capacity = Math.min(this.#capacity * 2, Math.max(this.limits.maxRows, FIRST_CAPACITY));
    if (!this.mayGrow((capacity - this.#capacity) * (this.#columns.size + 1))) return false;
    const moved = <A extends Float64Array | Uint8Array>(from: A, to: A): A => {
      to.set(from.subarray(this.#start));
      to.set(from.subarray(0, this.#start), this.#capacity - this.#start);
      return to;
    };
    for (const [field, column] of this.#columns) this.#columns.set(field, moved(column, new Float64Array(capacity)));
    this.#timestampsMs = moved(this.#timestampsMs, new Float64Array(capacity));
    this.#labels = moved(this.#labels, new Uint8Array(capacity));
    this.#capacity = capacity;
    this.#start = 0;
    return true;
  }

  #dropOldest(): void {
    this.#start = (this.#start + 1) % this.#capacity;
    this.#rows--;
  }

  /** Age counts from the middle one of the last three times, so that one wrong clock does not empty the window. */
  #dropAged(): void {
    const { maxAgeMs } = this.limits;
    if (maxAgeMs === undefined || this.#rows < 3) return;
    const [, newest] = [1, 2, 3].map((back) => this.#timeAt(this.#rows - back)).sort((a, b) => a - b) as [
      number,
      number,
    ];
    while (this.#rows > 3 && this.#timeAt(0) < newest - maxAgeMs) this.#dropOldest();
  }

  #timeAt(row: number): number {
    return this.#timestampsMs[(this.#start + row) % this.#capacity]!;
  }

  #slotsByTime(): number[] {
    const slots = Array.from({ length: this.#rows }, (_, row) => (this.#start + row) % this.#capacity);
    const times = this.#timestampsMs;
    const inOrder = slots.every((slot, i) => i === 0 || times[slots[i - 1]!]! <= times[slot]!);
    return inOrder ? slots : slots.sort((a, b) => times[a]! - times[b]!);
  }

  #labelCode(label: string | undefined): number {
    if (label === undefined || label === NORMAL_LABEL) return 0;
    let index = this.#labelNames.indexOf(label);
    if (index < 0 && this.#labelNames.length < MAX_LABELS) index = this.#labelNames.push(label) - 1;
    return index < 0 ? MAX_LABELS : index + 1;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
