import { MlError } from '../../core/errors';
import { NORMAL_LABEL, type ReadingTable } from '../../core/readings';
import { MAX_FIELD_LENGTH, MAX_FIELDS } from '../../readings/limits';
import { isFieldName } from '../../readings/raw-reading';

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

  /**
   * @param fields - of each part, whether they have numbers or not; null: those that are found to have some
   * @param capacity - rows to be added between two calls of `take`, at most
   */
  constructor(
    private readonly device: string,
    private readonly fields: readonly string[] | null,
    private readonly capacity: number,
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
    this.#columns[column]![this.#rows] = value;
    this.#hasNumber = true;
  }

  /** Ends the open reading; without a number it is forgotten. */
  end(): void {
    if (this.#isOpen && this.#hasNumber) this.#rows++;
    this.#isOpen = this.#hasNumber = false;
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
