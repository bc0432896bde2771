import { setTimeout as wait } from 'node:timers/promises';
import { isMlError } from '../../core/errors';
import type { Database } from '../database';
import { errorCode, isConnectionLost } from '../database-error';
import { RowQueue } from './row-queue';

export interface TableWriterOptions {
  /** Writes rows, each a JSON text, all or none of them. @throws MlError `DATABASE` */
  readonly insert: (rows: readonly string[]) => Promise<void>;
  /** Rows kept while they cannot be written; beyond, the oldest are dropped. */
  readonly kept: number;
  /** Told of each dropped row. */
  readonly onLost: () => void;
  /** Told of each row that the database refuses for what is in it. */
  readonly onRefused: (error: unknown) => void;
  /** Told why rows wait, though the database is there. */
  readonly onHeld: (error: unknown) => void;
  readonly onWritten: () => void;
}

/** Rows, and characters, of one statement. */
const BATCH_ROWS = 1000;
const BATCH_CHARS = 4 * 2 ** 20;
/** Rows wait so long for others to be written with. */
const GATHER_MS = 250;
/** However fast rows come, they never take up more than this. */
const MAX_CHARS = 64 * 2 ** 20;
/** Waits between tries on a table that cannot be written to: doubled each time up to the last. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/**
 * SQLSTATE classes where the fault is not a row's: somebody else was quicker, the table or the right to it is missing,
 * there is no room or time, or the server itself is at fault (58, XX). All others are of what stands in the rows (22 and
 * 23), or are taken to be.
 */
const NOT_THE_ROWS = /^(?:25|40|42|53|55|57|58|3D|3F|XX)...$/;

/**
 * Writes the rows of one table, in their order, several at a time; keeps them while the database is away. A row that the
 * database refuses is found by halving the batch, and left out.
 */
export class TableWriter {
  readonly #rows = new RowQueue();
  readonly #stopping = new AbortController();
  #batchRows = BATCH_ROWS;
  /** Under way, not in the queue. */
  #underWay = 0;
  #isHeld = false;
  #isClosing = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #waitMs = FIRST_WAIT_MS;

  constructor(
    private readonly database: Database,
    private readonly options: TableWriterOptions,
  ) {}

  /** Rows that are not written yet. */
  get waiting(): number {
    return this.#rows.length + this.#underWay;
  }

  /** True while what was to be written last could not be. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  push(row: string): void {
    this.#rows.push(row);
    this.#trim();
    if (this.#running !== null || this.#isClosing) return;
    if (this.#rows.length >= BATCH_ROWS) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), GATHER_MS).unref();
  }

  /** Writes what waits, as long as the signal lets it. Never rejects. @returns rows that may not have been written */
  async close(signal: AbortSignal): Promise<number> {
    this.#isClosing = true;
    const stopped = new Promise<void>((resolve) => {
      const stop = (): void => {
        this.#stopping.abort();
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    await Promise.race([this.#finish(), stopped]);
    this.#stopping.abort();
    clearTimeout(this.#timer);
    return this.waiting;
  }

  /** What ran when it began to close may have been past its last look at the queue. */
  async #finish(): Promise<void> {
    await this.#running;
    if (this.#rows.length === 0 || this.#stopping.signal.aborted) return;
    this.#start();
    await this.#running;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      const { length } = this.#rows;
      if (length > 0 && !this.#isClosing) this.#timer = setTimeout(() => this.#start(), GATHER_MS).unref();
    });
  }

  /** Ends when too few rows are left for a batch; when it closes, with the last one. */
  async #run(): Promise<void> {
    do {
      const rows = this.#rows.take(this.#batchRows, BATCH_CHARS);
      this.#underWay = rows.length;
      try {
        if (rows.length > 0) await this.options.insert(rows);
        this.#underWay = 0;
        this.#succeeded();
      } catch (error) {
        this.#underWay = 0;
        this.#rows.putBack(rows);
        if (!(await this.#goOnAfter(error, rows.length))) return;
      }
    } while (this.#rows.length >= (this.#isClosing || this.#batchRows < BATCH_ROWS ? 1 : BATCH_ROWS));
  }

  #succeeded(): void {
    this.#batchRows = Math.min(BATCH_ROWS, 2 * this.#batchRows);
    this.#waitMs = FIRST_WAIT_MS;
    this.#isHeld = false;
    this.options.onWritten();
  }

  /** @returns false where there is nothing to be gained by another try */
  async #goOnAfter(error: unknown, tried: number): Promise<boolean> {
    if (this.#stopping.signal.aborted || isMlError(error, 'ABORTED')) return false;
    const isAway = isConnectionLost(error) || this.database.state === 'disconnected';
    const code = errorCode(error);
    if (!isAway && code !== '' && !NOT_THE_ROWS.test(code)) {
      // One of the rows tried is at fault.
      if (tried > 1) this.#batchRows = Math.ceil(tried / 2);
      else this.#refuse(error);
      return true;
    }
    this.#isHeld = true;
    this.#trim();
    if (!isAway) this.options.onHeld(error);
    if (this.#isClosing && !isAway) return false;
    const { signal } = this.#stopping;
    const pausing = isAway
      ? this.database.whenConnected(signal)
      : wait(this.#waitMs, undefined, { signal, ref: false });
    if (!isAway) this.#waitMs = Math.min(LONGEST_WAIT_MS, 2 * this.#waitMs);
    return pausing.then(
      () => true,
      () => false,
    );
  }

  #refuse(error: unknown): void {
    this.#rows.drop();
    this.options.onRefused(error);
  }

  #trim(): void {
    while ((this.#isHeld && this.#rows.length > this.options.kept) || this.#rows.chars > MAX_CHARS) {
      this.#rows.drop();
      this.options.onLost();
    }
  }
}
