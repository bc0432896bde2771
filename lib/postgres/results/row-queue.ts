/** Rows as JSON text, first in, first out. Its length and its size in characters are known at any time. */
export class RowQueue {
  #rows: (string | undefined)[] = [];
  #first = 0;
  #chars = 0;

  get length(): number {
    return this.#rows.length - this.#first;
  }

  get chars(): number {
    return this.#chars;
  }

  push(row: string): void {
    this.#rows.push(row);
    this.#chars += row.length;
  }

  /** Takes out the oldest rows: at most so many, and no more characters than that; one row in any case. */
  take(maxRows: number, maxChars: number): string[] {
    const taken: string[] = [];
    let chars = 0;
    while (taken.length < maxRows && this.length > 0) {
      const { length } = this.#rows[this.#first]!;
      if (taken.length > 0 && chars + length > maxChars) break;
      chars += length;
      taken.push(this.drop());
    }
    return taken;
  }

  /** Puts rows back that were taken out last. */
  putBack(rows: readonly string[]): void {
    this.#rows = [...rows, ...this.#rows.slice(this.#first)];
    this.#first = 0;
    for (const { length } of rows) this.#chars += length;
  }

  /** Takes out the oldest row; there must be one. */
  drop(): string {
    const row = this.#rows[this.#first]!;
    this.#rows[this.#first++] = undefined;
    this.#chars -= row.length;
    // What is empty in front goes when it is half of all: each row is moved once, at the most.
    if (2 * this.#first > this.#rows.length) {
      this.#rows = this.#rows.slice(this.#first);
      this.#first = 0;
    }
    return row;
  }
}
