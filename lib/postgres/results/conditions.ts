/** What stands after WHERE, with its values as parameters. */
export class Conditions {
  readonly #texts: string[] = [];
  readonly #values: unknown[] = [];

  /** For `$1`, `$2` … in the text, in this order. */
  get values(): readonly unknown[] {
    return this.#values;
  }

  /** Such as ` WHERE device = $1 AND type = $2`; empty: all rows. */
  get text(): string {
    return this.#texts.length === 0 ? '' : ` WHERE ${this.#texts.join(' AND ')}`;
  }

  /**
   * One condition more, where its value is given.
   * @param condition - SQL of this package, with `?` for the value
   * @param value - of a text, NUL is left out: the database holds none
   */
  add(condition: string, value: string | number | undefined): this {
    if (value === undefined) return this;
    const parameter = this.parameter(value);
    this.#texts.push(condition.replace('?', () => parameter));
    return this;
  }

  /** Puts a value in; gives what stands for it in the text. */
  parameter(value: string | number): string {
    return `$${this.#values.push(typeof value === 'string' ? value.replaceAll('\0', '') : value)}`;
  }
}
