/** Counts what is lost while a database is away, and tells of it when it begins and when it has ended. */
export class LossReport {
  #count = 0;

  /**
   * @param where - the database in messages
   * @param kept - results kept of each table
   */
  constructor(
    private readonly where: string,
    private readonly kept: number,
    private readonly report: (sentence: string) => void,
  ) {}

  /** Lost since it began; 0 while nothing is. */
  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count += 1;
    if (this.#count > 1) return;
    this.report(
      `The database ${this.where} has not taken results for so long that the oldest are lost from here on: of each ` +
        `table, ${this.kept} are kept.`,
    );
  }

  end(): void {
    if (this.#count === 0) return;
    const lost = this.#count === 1 ? '1 result was' : `${this.#count} results were`;
    this.#count = 0;
    this.report(`The database ${this.where} takes results again: ${lost} lost.`);
  }
}
