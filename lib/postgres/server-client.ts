import { Pool, types, type ClientConfig, type PoolClient } from 'pg';
import { databaseError } from './database-error';
import { identifier, type SqlClient, type SqlSession } from './sql';

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
const LISTEN_AGAIN_MS = 2_000;
const BIGINT_OID = 20;

/** Whole numbers beyond 32 bits come as numbers, not as text: row counts and epoch times fit. */
const TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === BIGINT_OID && format !== 'binary' ? Number : (types.getTypeParser(oid, format) as unknown),
};

/** A PostgreSQL server, over a pool of connections that are opened when they are needed. */
export class ServerClient implements SqlClient {
  readonly #pool: Pool;

  constructor(private readonly options: ServerOptions) {
    this.#pool = new Pool({
      ...options.connection,
      max: options.poolSize,
      connectionTimeoutMillis: options.connectTimeoutMs,
      idleTimeoutMillis: IDLE_MS,
      statement_timeout: options.queryTimeoutMs,
      query_timeout: options.queryTimeoutMs + options.connectTimeoutMs,
      keepAlive: true,
      application_name: 'flowsight-node-red-ml',
      allowExitOnIdle: true,
      types: TYPES,
    });
    // Without a listener, a server that restarts would end the process.
    this.#pool.on('error', options.onLost);
  }

  query<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return this.#run(async () => (await this.#pool.query<R>(text, [...values])).rows);
  }

  transaction<T>(work: (session: SqlSession) => Promise<T>, readOnly = false): Promise<T> {
    return this.#run(() =>
      this.#withClient(async (client) => {
        await client.query(readOnly ? 'BEGIN READ ONLY' : 'BEGIN');
        try {
          const result = await work({
            query: async <R extends object>(text: string, values: readonly unknown[] = []) =>
              (await client.query<R>(text, [...values])).rows,
          });
          await client.query('COMMIT');
          return result;
        } catch (error) {
          await client.query('ROLLBACK').catch(() => undefined);
          throw error;
        }
      }),
    );
  }

  /** Keeps a connection of its own open, and opens another one when it breaks. */
  async listen(channel: string, onNotice: (payload: string | null) => void): Promise<() => Promise<void>> {
    let stopped = false;
    let current: PoolClient | undefined;
    let timer: NodeJS.Timeout | undefined;
    const open = async (): Promise<void> => {
      const client = await this.#pool.connect();
      if (stopped) return client.release();
      current = client;
      client.on('notification', ({ payload }) => onNotice(payload ?? ''));
      client.once('error', () => {
        if (current !== client) return;
        current = undefined;
        client.release(true);
        again();
      });
      await client.query(`LISTEN ${identifier(channel)}`);
    };
    const again = (): void => {
      if (stopped) return;
      const retry = (): void => {
        open().then(() => onNotice(null), again);
      };
      timer = setTimeout(retry, LISTEN_AGAIN_MS).unref();
    };
    await this.#run(open);
    return () => {
      stopped = true;
      clearTimeout(timer);
      const client = current;
      current = undefined;
      client?.release(true);
      return Promise.resolve();
    };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

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
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  async #run<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw databaseError(this.options.where, error);
    }
  }
}
