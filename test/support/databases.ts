import { Database } from '#lib/postgres/database';
import { openEmbedded } from '#lib/postgres/pglite-client';
import { ServerClient } from '#lib/postgres/server-client';
import { identifier, type SqlClient } from '#lib/postgres/sql';

/** A kind of database that tests run on. */
export interface TestDatabase {
  readonly what: string;
  /** A client of its own, as another process would have it; on PGlite the same one. */
  readonly open: () => Promise<SqlClient>;
}

/** The address of a PostgreSQL server for tests, by the usual variables; undefined: none was named. */
export const SERVER_URL = process.env.DATABASE_URL ?? process.env.PG_URL;

/** A PostgreSQL server, as tests use it. */
export function serverClient(
  url: string,
  changes: Partial<ConstructorParameters<typeof ServerClient>[0]> = {},
): SqlClient {
  const { host, pathname } = new URL(url);
  return new ServerClient({
    where: `${host}${pathname}`,
    connection: { connectionString: url },
    poolSize: 4,
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 30_000,
    onLost: () => undefined,
    ...changes,
  });
}

/** One embedded database for all tests of a process: making one takes seconds. */
let embedded: Promise<SqlClient> | undefined;

/** What the tests run on: the embedded database always, a server where one is named. */
export const databases: readonly TestDatabase[] = [
  {
    what: 'an embedded database',
    open: () => (embedded ??= openEmbedded(null, __dirname)).then(shared),
  },
  ...(SERVER_URL === undefined
    ? []
    : [{ what: 'a PostgreSQL server', open: () => Promise.resolve(serverClient(SERVER_URL)) }]),
];

/** A hook that opens a database before the first test: an embedded one takes seconds, which are not that test's. */
export function warmUp(open: () => Promise<SqlClient>): (this: Mocha.Context) => Promise<void> {
  return async function () {
    this.timeout(120_000);
    await (await open()).close();
  };
}

/** A client that leaves the database open when it is closed. */
function shared(client: SqlClient): SqlClient {
  return {
    query: (text, values) => client.query(text, values),
    transaction: (work, readOnly) => client.transaction(work, readOnly),
    listen: (channel, onNotice) => client.listen(channel, onNotice),
    close: () => Promise.resolve(),
  };
}

let schemas = 0;

/** Runs `work` with a schema of its own, which is dropped afterwards whatever becomes of it. */
export async function withSchema<T>(client: SqlClient, work: (schema: string) => Promise<T>): Promise<T> {
  const schema = `test_${process.pid}_${++schemas}`;
  await client.query(`CREATE SCHEMA ${identifier(schema)}`);
  try {
    return await work(schema);
  } finally {
    await client.query(`DROP SCHEMA ${identifier(schema)} CASCADE`);
  }
}

/** A client that comes back when it was lost, as nodes use it. */
export function database(open: () => Promise<SqlClient>): Database {
  return new Database({ where: 'the test database', open, onState: () => undefined });
}
