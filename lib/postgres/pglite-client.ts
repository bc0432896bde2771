import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PGlite, Transaction } from '@electric-sql/pglite';
import { MlError } from '../core/errors';
import { databaseError } from './database-error';
import type { SqlClient, SqlRows, SqlTransaction } from './sql';

const PACKAGE = '@electric-sql/pglite';

/**
 * An embedded database: PostgreSQL as WebAssembly, in this process.
 * @param folder - where it keeps its files; null: in memory
 * @param installedIn - a folder whose `node_modules` may hold the package, such as Node-RED's user directory
 * @throws MlError `DATABASE` where the package is not installed, or the folder cannot be used
 */
export async function openEmbedded(folder: string | null, installedIn: string): Promise<SqlClient> {
  const where = folder ?? 'in memory';
  const { PGlite: Embedded } = load(installedIn);
  try {
    // Made here: where it cannot be made, the package would wait for ever.
    if (folder !== null) await mkdir(folder, { recursive: true, mode: 0o700 });
    return new PgliteClient(where, await (folder === null ? Embedded.create() : Embedded.create(folder)));
  } catch (error) {
    throw databaseError(where, error);
  }
}

function load(installedIn: string): typeof import('@electric-sql/pglite') {
  for (const from of [join(installedIn, 'package.json'), __filename]) {
    try {
      return createRequire(from)(PACKAGE) as typeof import('@electric-sql/pglite');
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  const how = `run "npm install ${PACKAGE}" in ${installedIn}, or use a PostgreSQL server`;
  throw new MlError('DATABASE', `The embedded database needs the package ${PACKAGE}, which is not installed: ${how}.`);
}

class PgliteClient implements SqlClient {
  constructor(
    private readonly where: string,
    private readonly database: PGlite,
  ) {}

  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return this.#run(async () => (await this.database.query<R>(text, [...values])).rows);
  }

  transaction<T>(work: (session: SqlTransaction) => Promise<T>, readOnly = false): Promise<T> {
    return this.#run(() =>
      this.database.transaction(async (inside) => {
        if (readOnly) await inside.exec('SET TRANSACTION READ ONLY');
        return work(this.#session(inside));
      }),
    );
  }

  async listen(channel: string, onNotice: (payload: string | null) => void): Promise<() => Promise<void>> {
    const stop = await this.#run(() => this.database.listen(channel, onNotice));
    return () => stop();
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  #session(inside: Transaction): SqlTransaction {
    return {
      query: <R extends object>(text: string, values: readonly unknown[] = []) =>
        this.#run(async () => (await inside.query<R>(text, [...values])).rows),
      rows: (text, values = []) =>
        this.#run(async (): Promise<SqlRows> => {
          const { fields, rows } = await inside.query<unknown[]>(text, [...values], { rowMode: 'array' });
          return { columns: fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })), rows };
        }),
    };
  }

  async #run<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw databaseError(this.where, error);
    }
  }
}
