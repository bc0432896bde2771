import { messageOf, MlError } from '../core/errors';
import { isConnectionLost } from './database-error';
import type { SqlClient, SqlTransaction } from './sql';

/** As the core MQTT nodes show it. */
export type DatabaseState = 'connecting' | 'connected' | 'disconnected';

export interface DatabaseOptions {
  /** Shown in messages; never holds a password. */
  readonly where: string;
  /** Opens it; called again after it has failed. */
  readonly open: () => Promise<SqlClient>;
  /** Told of each change of state, with the reason where it was lost. */
  readonly onState: (state: DatabaseState, reason: string) => void;
}

/** Waits between tries to reach a database that is away: doubled each time up to the last. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * A database that may come and go. While it is away, statements fail at once instead of each waiting for its time-out,
 * and it is tried again with growing pauses; what must not be lost waits for the state `connected`.
 */
export class Database implements SqlClient {
  #client: SqlClient | null = null;
  #opening: Promise<SqlClient> | null = null;
  #probing: Promise<void> | null = null;
  #state: DatabaseState = 'connecting';
  #reason = '';
  #waitMs = FIRST_WAIT_MS;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly options: DatabaseOptions) {}

  get where(): string {
    return this.options.where;
  }

  get state(): DatabaseState {
    return this.#state;
  }

  /** Why it cannot be reached; empty while it is, or is tried for the first time. */
  get reason(): string {
    return this.#reason;
  }

  /** Tries to reach it, now and then again until it is there; also to be called on a sign that it may be lost. Never rejects. */
  connect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#probing ??= this.#probe().finally(() => (this.#probing = null));
    return this.#probing;
  }

  /**
   * Waits until it is connected, however long that takes.
   * @throws MlError `ABORTED` when it is closed, or the signal aborted, before that
   */
  async whenConnected(signal?: AbortSignal): Promise<void> {
    while (this.#state !== 'connected') {
      if (this.#closed || signal?.aborted === true) throw this.#closedError();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    }
  }

  query<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return this.#use((client) => client.query<R>(text, values));
  }

  transaction<T>(work: (session: SqlTransaction) => Promise<T>, readOnly = false): Promise<T> {
    return this.#use((client) => client.transaction(work, readOnly));
  }

  listen(channel: string, onNotice: (payload: string | null) => void): Promise<() => Promise<void>> {
    return this.#use((client) => client.listen(channel, onNotice));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wake();
    const client = this.#client ?? (await this.#opening?.catch(() => null));
    this.#client = null;
    await client?.close();
  }

  async #use<T>(task: (client: SqlClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closedError();
    if (this.#state === 'disconnected') {
      throw new MlError('DATABASE', `${this.#reason} It is tried again; until then nothing can be read or written.`);
    }
    try {
      const result = await task(await this.#open());
      this.#reached();
      return result;
    } catch (error) {
      if (this.#closed) throw this.#closedError();
      if (isConnectionLost(error)) this.#lost(messageOf(error));
      throw error;
    }
  }

  async #probe(): Promise<void> {
    if (this.#closed) return;
    try {
      await (await this.#open()).query('SELECT 1');
      this.#reached();
    } catch (error) {
      this.#lost(messageOf(error));
    }
  }

  #open(): Promise<SqlClient> {
    if (this.#client !== null) return Promise.resolve(this.#client);
    this.#opening ??= this.options
      .open()
      .then((client) => (this.#client = client))
      .finally(() => (this.#opening = null));
    return this.#opening;
  }

  #reached(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waitMs = FIRST_WAIT_MS;
    this.#become('connected', '');
  }

  /** Many may find it lost at the same moment: one of them has it tried again. */
  #lost(reason: string): void {
    if (this.#closed) return;
    this.#become('disconnected', reason);
    if (this.#timer !== undefined) return;
    const probe = (): void => {
      this.connect().catch(() => undefined);
    };
    this.#timer = setTimeout(probe, this.#waitMs).unref();
    this.#waitMs = Math.min(LONGEST_WAIT_MS, 2 * this.#waitMs);
  }

  #become(state: DatabaseState, reason: string): void {
    this.#reason = reason;
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'connected') this.#wake();
    this.options.onState(state, reason);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #closedError(): MlError {
    return new MlError('ABORTED', `The database ${this.where} was closed.`);
  }
}
