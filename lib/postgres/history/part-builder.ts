import { MlError } from '../../core/errors';
import type { Aggregation } from '../../core/pipeline';
import { NORMAL_LABEL, type ReadingTable } from '../../core/readings';
import { MAX_FIELD_LENGTH, MAX_FIELDS } from '../../readings/limits';
import { isFieldName } from '../../readings/raw-reading';

/** Two numbers of one field and reading as one; a mean is divided in the end. */
const COMBINE: Readonly<Record<Aggregation, (before: number, now: number) => number>> = {
  mean: (before, now) => before + now,
  sum: (before, now) => before + now,
  minimum: Math.min,
  maximum: Math.max,
  last: (_, now) => now,
};

/** Collects readings, cell by cell and in time order, into tables of bounded size. */
export class PartBuilder {
  readonly #columns: Float64Array[] = [];
  readonly #names: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #timestampsMs: Float64Array;
  readonly #labels: (string | null)[];
  /** Complete rows; the open one stands behind them. */
  #rows = 0;
  #isOpen = false;
  #hasNumber = false;
  /** How many numbers each column of the open row is made of. */
  readonly #counts: number[] = [];

  /**
   * @param fields - of each part, whether they have numbers or not; null: those that are found to have some
   * @param capacity - rows to be added between two calls of `take`, at most
   * @param aggregation - what several numbers of one field and reading become
   */
  constructor(
    private readonly device: string,
    private readonly fields: readonly string[] | null,
    private readonly capacity: number,
    private readonly aggregation: Aggregation,
  ) {
    this.#timestampsMs = new Float64Array(capacity + 1);
    this.#labels = new Array<string | null>(capacity + 1).fill(null);
    for (const field of fields ?? []) this.#addColumn(field);
  }

  /**
   * The column of a field; −1 where it is none, or not one of those wanted.
   * @throws MlError `LIMIT` for too many
   */
  column(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    if (this.fields !== null || !isFieldName(name) || name.length > MAX_FIELD_LENGTH) return -1;
    return this.#addColumn(name);
  }

  #addColumn(name: string): number {
    if (this.#names.length >= MAX_FIELDS) {
      throw new MlError(
        'LIMIT',
        `The history may have ${MAX_FIELDS} fields with numbers, it has more. Name those to be read.`,
      );
    }
    this.#indexes.set(name, this.#names.length);
    this.#counts.push(0);
    this.#columns.push(new Float64Array(this.capacity + 1).fill(NaN));
    return this.#names.push(name) - 1;
  }

  /** Ends the open reading and begins another, unless it is of the same time and `joins`. */
  begin(timestampMs: number, label: string | null, joins: boolean): void {
    if (this.#isOpen && joins && this.#timestampsMs[this.#rows] === timestampMs) {
      const known = this.#labels[this.#rows]!;
      if (known === null || known === NORMAL_LABEL) this.#labels[this.#rows] = label ?? known;
      return;
    }
    this.end();
    this.#timestampsMs[this.#rows] = timestampMs;
    this.#labels[this.#rows] = label;
    this.#isOpen = true;
  }

  /** A number of the open reading. @param column - not −1 */
  set(column: number, value: number): void {
    const numbers = this.#columns[column]!;
    const row = this.#rows;
    const isFirst = this.#counts[column]!++ === 0;
    numbers[row] = isFirst ? value : COMBINE[this.aggregation](numbers[row]!, value);
    this.#hasNumber = true;
  }

  /** Ends the open reading; without a number it is forgotten. */
  end(): void {
    if (this.#isOpen && this.#hasNumber) {
      if (this.aggregation === 'mean') this.#divide();
      this.#counts.fill(0);
      this.#rows++;
    }
    this.#isOpen = this.#hasNumber = false;
  }

  #divide(): void {
    this.#counts.forEach((count, column) => {
      if (count > 1) this.#columns[column]![this.#rows]! /= count;
    });
  }

  /** Takes the complete readings out; the open one stays. Null where there are none. */
  take(): ReadingTable | null {
    const rows = this.#rows;
    if (rows === 0) return null;
    const used = this.#names
      .map((name, index) => ({ name, column: this.#columns[index]! }))
      .filter(({ column }) => this.fields !== null || hasNumber(column, rows));
    const data = new Float64Array(rows * used.length);
    used.forEach(({ column }, c) => {
      for (let r = 0, i = c; r < rows; r++, i += used.length) data[i] = column[r]!;
    });
    const labels = this.#labels.slice(0, rows);
    const table = {
      device: this.device,
      fields: used.map(({ name }) => name),
      timestampsMs: this.#timestampsMs.slice(0, rows),
      data,
    };
    this.#moveOpenRow(rows);
    return labels.every((label) => label === null) ? table : { ...table, labels };
  }

  #moveOpenRow(rows: number): void {
    for (const column of this.#columns) {
      column[0] = column[rows]!;
      column.fill(NaN, 1);
    }
    this.#timestampsMs[0] = this.#timestampsMs[rows]!;
    this.#labels[0] = this.#labels[rows]!;
    this.#rows = 0;
  }
}

function hasNumber(column: Float64Array, rows: number): boolean {
  for (let r = 0; r < rows; r++) if (!Number.isNaN(column[r]!)) return true;
  return false;
}
