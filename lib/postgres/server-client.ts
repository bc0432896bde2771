import { setImmediate } from 'node:timers/promises';
import { Pool, types, type ClientConfig, type PoolClient } from 'pg';
import { databaseError, isConnectionLost } from './database-error';
import { Listener } from './listener';
import { Slots } from './slots';
import type { SqlClient, SqlRows, SqlTransaction } from './sql';

/** How to reach a PostgreSQL server. */
export interface ServerOptions {
  /** Shown in messages: host, port and database, never a password. */
  readonly where: string;
  readonly connection: Pick<
    ClientConfig,
    'host' | 'port' | 'database' | 'user' | 'password' | 'connectionString' | 'ssl'
  >;
  /** Connections at the same time. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  /** Of one statement. */
  readonly queryTimeoutMs: number;
  /** Told of connections that break while nobody uses them. */
  readonly onLost: (error: Error) => void;
}

const IDLE_MS = 30_000;
/** What still runs when it closes may run on for so long. */
const LAST_STATEMENTS_MS = 2_000;
const BIGINT_OID = 20;

/** Whole numbers beyond 32 bits come as numbers, not as text: row counts and epoch times fit. */
const TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === BIGINT_OID && format !== 'binary' ? Number : (types.getTypeParser(oid, format) as unknown),
};

/** A PostgreSQL server, over a pool of connections that are opened when they are needed. */
export class ServerClient implements SqlClient {
  readonly #config: ClientConfig;
  readonly #pool: Pool;
  /** The pool would count the time spent waiting for a connection as time spent connecting. */
  readonly #slots: Slots;
  readonly #inUse = new Set<PoolClient>();
  readonly #listeners = new Set<Listener>();

  constructor(private readonly options: ServerOptions) {
    this.#config = {
      ...options.connection,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.queryTimeoutMs,
      query_timeout: options.queryTimeoutMs + options.connectTimeoutMs,
      keepAlive: true,
      application_name: 'flowsight-node-red-ml',
      types: TYPES,
    };
    this.#pool = new Pool({
      ...this.#config,
      max: options.poolSize,
      idleTimeoutMillis: IDLE_MS,
      allowExitOnIdle: true,
    });
    this.#slots = new Slots(options.poolSize);
    // Without a listener, a server that restarts would end the process.
    this.#pool.on('error', options.onLost);
    this.#pool.on('acquire', (client) => this.#inUse.add(client));
    this.#pool.on('release', (_, client) => this.#inUse.delete(client));
  }

  query<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return this.#run(async () => (await this.#pool.query<R>(text, [...values])).rows);
  }

  transaction<T>(work: (session: SqlTransaction) => Promise<T>, readOnly = false): Promise<T> {
    return this.#run(() =>
      this.#withClient(async (client) => {
        await client.query(readOnly ? 'BEGIN READ ONLY' : 'BEGIN');
        const result = await work(this.#session(client));
        await client.query('COMMIT');
        return result;
      }),
    );
  }

  /** Over a connection of its own, beside the pool's. */
  async listen(channel: string, onNotice: (payload: string | null) => void): Promise<() => Promise<void>> {
    const listener = new Listener(this.#config, channel, onNotice);
    this.#listeners.add(listener);
    const stop = async (): Promise<void> => {
      this.#listeners.delete(listener);
      await listener.stop();
    };
    try {
      await listener.open();
    } catch (error) {
      await stop();
      throw databaseError(this.options.where, error);
    }
    return stop;
  }

  /** Lets what runs come to an end, but not for long: then its connections are cut, and it fails. */
  async close(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener.stop()));
    // Who has just asked for a connection gets it in the next tick; from a pool that ends, only after the time-out.
    await setImmediate();
    const ended = this.#pool.end();
    const cut = setTimeout(() => {
      for (const client of this.#inUse) client.end().catch(() => undefined);
    }, LAST_STATEMENTS_MS);
    await ended.finally(() => clearTimeout(cut));
  }

  #session(client: PoolClient): SqlTransaction {
    const asDatabaseError = (error: unknown): never => {
      throw databaseError(this.options.where, error);
    };
    return {
      query: <R extends object>(text: string, values: readonly unknown[] = []) =>
        client.query<R>(text, [...values]).then(({ rows }) => rows, asDatabaseError),
      rows: (text, values = []) =>
        client.query<unknown[]>({ text, values: [...values], rowMode: 'array' }).then(
          ({ fields, rows }): SqlRows => ({
            columns: fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })),
            rows,
          }),
          asDatabaseError,
        ),
    };
  }

  /** A connection for a transaction: undone where `work` fails, and closed where that cannot be. */
  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    // A connection that breaks while it is used fails its query as well; unheard, it would end the process.
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      // A lost one would let the statement wait for its time-out.
      if (isConnectionLost(error)) broken ??= error as Error;
      else await client.query('ROLLBACK').catch(onError);
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  async #run<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await this.#slots.take(task);
    } catch (error) {
      throw databaseError(this.options.where, error);
    }
  }
}
