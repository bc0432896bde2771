import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf, MlError, show } from '../../lib/core/errors';
import type { ParamSpecs } from '../../lib/core/params';
import { ServerClient, type ServerOptions } from '../../lib/postgres/server-client';
import { openSharedEmbedded } from '../../lib/postgres/shared-embedded';
import type { SqlClient } from '../../lib/postgres/sql';
import { numberSettings } from '../shared/settings';
import type { DatabaseCredentials, MlDatabaseConfig } from './config';

const OWNER = 'ml-database';
/** PostgreSQL cuts longer names. */
const MAX_SCHEMA_BYTES = 63;

/** The form's numbers, as the editor checks them. */
export const settingSpecs = {
  port: { type: 'int', default: 5432, min: 1, max: 65_535, doc: 'Port of the server.' },
  poolSize: { type: 'int', default: 4, min: 1, max: 100, doc: 'Connections at the same time.' },
  connectTimeout: { type: 'number', default: 10, min: 0.1, max: 300, unit: 's', doc: 'Time to connect in.' },
  queryTimeout: { type: 'number', default: 60, min: 0.1, max: 3600, unit: 's', doc: 'Time one statement may take.' },
  keepDays: {
    type: 'int',
    default: 90,
    min: 0,
    max: 36_500,
    unit: 'd',
    doc: 'How long readings and results are kept.',
  },
  keepModelDays: { type: 'int', default: 30, min: 0, max: 36_500, unit: 'd', doc: 'How long unused models are kept.' },
  resultsKept: {
    type: 'int',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    unit: 'results',
    doc: 'Results of each table that are kept while the database is away.',
  },
} as const satisfies ParamSpecs;

/** A configuration, read and checked. */
export interface DatabaseSettings {
  /** The database in messages; holds no credentials. */
  readonly where: string;
  readonly schema: string;
  /** 0: for ever. */
  readonly keepDays: number;
  /** Of versions that are not in use; 0: for ever. */
  readonly keepModelDays: number;
  /** Results of each table that are kept while the database is away. */
  readonly resultsKept: number;
  /** @param onLost - told that a connection broke while nobody used it */
  readonly open: (onLost: () => void) => Promise<SqlClient>;
  /** What must never be shown. */
  readonly secrets: readonly string[];
}

/** @throws MlError `PARAMETER` naming the setting and what to do */
export function settingsOf(
  config: MlDatabaseConfig,
  { password = '', url = '' }: DatabaseCredentials,
  userDir = join(homedir(), '.node-red'),
): DatabaseSettings {
  const schema = schemaOf(config.schema);
  const numbers = numberSettings(OWNER, settingSpecs, config);
  const { keepDays, keepModelDays, resultsKept } = numbers;
  const kept = { schema, keepDays, keepModelDays, resultsKept };
  if (oneOf('kind', ['server', 'embedded'], config.kind) === 'embedded') {
    const folder = resolve(userDir, config.folder.trim() || 'flowsight-ml-database');
    return { ...kept, where: folder, open: () => openSharedEmbedded(folder, userDir), secrets: [] };
  }
  const byUrl = oneOf('address', ['fields', 'url'], config.address) === 'url';
  const { where, connection } = byUrl ? fromUrl(url.trim()) : fromFields(config, numbers.port, password);
  const tls = oneOf('tls', ['off', 'require', 'verify'], config.tls);
  const open = async (onLost: () => void): Promise<SqlClient> =>
    new ServerClient({
      where,
      connection: { ...(tls !== 'off' && { ssl: await sslOf(tls, config.caFile.trim()) }), ...connection },
      poolSize: numbers.poolSize,
      connectTimeoutMs: numbers.connectTimeout * 1000,
      queryTimeoutMs: numbers.queryTimeout * 1000,
      onLost,
    });
  return { ...kept, where, open, secrets: byUrl ? secretsIn(url.trim()) : [password].filter((each) => each !== '') };
}

type Server = Pick<ServerOptions, 'where' | 'connection'>;

function fromFields({ host, database, user }: MlDatabaseConfig, port: number, password: string): Server {
  const [server, name] = [host.trim() || 'localhost', database.trim() || 'postgres'];
  const connection = { host: server, port, database: name, user: user.trim() || 'postgres', password };
  return { where: `${server}:${port}/${name}`, connection };
}

function fromUrl(url: string): Server {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
    decodeURIComponent(parsed.username + parsed.password + parsed.pathname);
  } catch {
    parsed = undefined;
  }
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.host === '') {
    const how = 'postgres://user:password@host:5432/database, with special characters as %XX';
    throw new MlError('PARAMETER', `${OWNER}: the URL must be of the form ${how}.`);
  }
  const where = `${parsed.hostname}:${parsed.port || settingSpecs.port.default}${parsed.pathname}`;
  return { where, connection: { connectionString: url } };
}

function secretsIn(url: string): readonly string[] {
  const { password } = new URL(url);
  return [url, password, decodeURIComponent(password)].filter((each) => each !== '');
}

async function sslOf(tls: 'require' | 'verify', caFile: string): Promise<object> {
  if (tls === 'require') return { rejectUnauthorized: false };
  if (caFile === '') return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: await readFile(caFile, 'utf8') };
  } catch (error) {
    throw new MlError('DATABASE', `The CA file cannot be read: ${messageOf(error)}. Check its path and its rights.`);
  }
}

function schemaOf(given: string): string {
  const schema = given.trim() || 'flowsight';
  const fits = Buffer.byteLength(schema) <= MAX_SCHEMA_BYTES && !schema.includes('\0') && !/^pg_/i.test(schema);
  if (fits) return schema;
  const rule = `at most ${MAX_SCHEMA_BYTES} bytes and not begin with pg_, which PostgreSQL keeps for itself`;
  throw new MlError('PARAMETER', `${OWNER}: the name of the schema must have ${rule}, got ${show(schema)}.`);
}

function oneOf<T extends string>(name: string, options: readonly T[], given: T): T {
  if (options.includes(given)) return given;
  throw new MlError('PARAMETER', `${OWNER}: ${name} must be one of ${options.join(', ')}, got ${show(given)}.`);
}
