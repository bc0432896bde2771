import { messageOf } from '../../core/errors';
import type { Reading } from '../../core/readings';
import type { Database } from '../database';
import { errorCode } from '../database-error';
import { migrate } from '../migrations';
import { insertText } from './insert';
import { LossReport } from './loss-report';
import { resultTables } from './result-tables';
import { rowId } from './row-id';
import {
  detectionRow,
  eventRow,
  forecastRow,
  type MadeForecast,
  readingRow,
  type ScoredReading,
  scoreRow,
  type ToldEvent,
} from './rows';
import { TableWriter } from './table-writer';

export interface ResultsWriterOptions {
  /** Of this package's tables; made before the first row is written. */
  readonly schema: string;
  /** Results kept of each table while the database is away; beyond, the oldest are dropped. */
  readonly kept: number;
  /** The clock, epoch ms. */
  readonly now: () => number;
  /** Told, in one sentence, what cannot be written, and what is lost. */
  readonly report: (problem: string) => void;
}

/** Where writing stands, for a status line. */
export interface WritingStatus {
  /** Results that are not written yet. */
  readonly waiting: number;
  /** Results that were lost since the database went away; 0 when all is well again. */
  readonly lost: number;
  /** True while what was to be written last could not be. */
  readonly isHeld: boolean;
}

type TableName = 'anomaly_scores' | 'anomaly_detections' | 'events' | 'metric_forecasts' | 'metrics_history';

/** What a forecast's points say each for itself, in the order of `forecastRow`. */
const PER_POINT = ['id', 'timestamp', 'value', 'lower', 'upper'];
/** A table, or the schema, that is not there. */
const MISSING = /^(?:42P01|3F000)$/;

/**
 * Writes results into the tables of `result-tables.ts`, in batches. To hand a result over takes microseconds, waits for
 * nothing and never throws: what the database cannot take now is kept, up to a limit, and written when it can. Each row
 * has an id from here, so that one that is written again after a lost connection stays one row.
 */
export class ResultsWriter {
  readonly #tables: ReadonlyMap<TableName, TableWriter>;
  readonly #loss: LossReport;
  #ready: Promise<void> | null = null;
  /** Tables that were there and are gone. */
  readonly #gone = new Set<string>();
  #refused = 0;
  #heldBy = '';

  constructor(
    private readonly database: Database,
    private readonly options: ResultsWriterOptions,
  ) {
    this.#loss = new LossReport(database.where, options.kept, options.report);
    this.#tables = new Map(
      resultTables.map((table) => {
        const text = insertText(options.schema, table, table.name === 'metric_forecasts' ? PER_POINT : []);
        const writer = new TableWriter(database, {
          kept: options.kept,
          insert: (rows) => this.#insert(table.name, text, rows),
          onLost: () => this.#loss.add(),
          onRefused: (error) => this.#tellRefused(table.name, error),
          onHeld: (error) => this.#tellHeld(table.name, error),
          onWritten: () => this.#written(),
        });
        return [table.name as TableName, writer];
      }),
    );
  }

  get status(): WritingStatus {
    const tables = [...this.#tables.values()];
    return {
      waiting: tables.reduce((sum, { waiting }) => sum + waiting, 0),
      lost: this.#loss.count,
      isHeld: tables.some(({ isHeld }) => isHeld),
    };
  }

  /** A row of `anomaly_scores`. @param scoringMs - from the message's arrival to the verdict; null: not measured */
  score(scored: ScoredReading, scoringMs: number | null): void {
    this.#put('anomaly_scores', () => scoreRow(this.#newId(), scored, scoringMs));
  }

  /** A row of `anomaly_detections`, for a reading that is an anomaly. */
  detection(scored: ScoredReading): void {
    this.#put('anomaly_detections', () => detectionRow(this.#newId(), scored));
  }

  /** A row of `events`. */
  event(event: ToldEvent): void {
    this.#put('events', () => eventRow(this.#newId(), event, this.options.now()));
  }

  /** Rows of `metric_forecasts`, one a point; they count as one result. */
  forecast(forecast: MadeForecast): void {
    if (forecast.points.length > 0) this.#put('metric_forecasts', () => forecastRow(this.#newId, forecast));
  }

  /** A row of `metrics_history`. */
  reading(reading: Reading): void {
    this.#put('metrics_history', () => readingRow(this.#newId(), reading));
  }

  /** Writes what waits, for at most so long, and reports what cannot be written. Never rejects. */
  async close(withinMs: number): Promise<void> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), withinMs);
    const left = await Promise.all([...this.#tables.values()].map((table) => table.close(deadline.signal)));
    clearTimeout(timer);
    const lost = left.reduce((sum, rows) => sum + rows, 0);
    if (lost > 0) {
      const results = lost === 1 ? '1 result' : `${lost} results`;
      this.options.report(`${results} could not be written to the database ${this.database.where} and are lost.`);
    }
  }

  readonly #newId = (): string => rowId(this.options.now());

  #put(table: TableName, row: () => string): void {
    let text: string;
    try {
      text = row();
    } catch (error) {
      this.#tellRefused(table, error);
      return;
    }
    this.#tables.get(table)!.push(text);
  }

  async #insert(table: string, text: string, rows: readonly string[]): Promise<void> {
    try {
      await (this.#ready ??= this.#prepare());
      if (this.#gone.has(table)) await migrate(this.database, this.options.schema, true);
      this.#gone.delete(table);
      await this.database.query(text, [`[${rows.join(',')}]`]);
    } catch (error) {
      if (MISSING.test(errorCode(error))) this.#gone.add(table);
      throw error;
    }
  }

  async #prepare(): Promise<void> {
    try {
      await migrate(this.database, this.options.schema);
    } catch (error) {
      this.#ready = null;
      throw error;
    }
  }

  #written(): void {
    const { waiting, isHeld } = this.status;
    if (isHeld) return;
    this.#heldBy = '';
    if (2 * waiting <= this.options.kept) this.#loss.end();
  }

  #tellRefused(table: string, error: unknown): void {
    this.#refused += 1;
    // The first, the tenth, the hundredth …
    if (!Number.isInteger(Math.log10(this.#refused))) return;
    const count = this.#refused === 1 ? 'A result was' : `${this.#refused} results were`;
    this.options.report(`${count} left out, since the table ${table} cannot hold it: ${messageOf(error)}`);
  }

  /** Once for each reason. */
  #tellHeld(table: string, error: unknown): void {
    const reason = messageOf(error);
    if (reason === this.#heldBy) return;
    this.#heldBy = reason;
    this.options.report(`Results wait to be written to the table ${table}, which is tried again: ${reason}`);
  }
}
