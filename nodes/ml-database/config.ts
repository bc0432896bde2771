import type { OwnConfig, VersionedConfig } from '../shared/config';

export interface MlDatabaseConfig extends VersionedConfig {
  /** A PostgreSQL server, or PGlite in this process. */
  readonly kind: 'server' | 'embedded';
  /** Whether the server is given by fields, or by a URL, which is a credential. */
  readonly address: 'fields' | 'url';
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
  /** `require` encrypts and asks nobody who the server is; `verify` has its certificate checked. */
  readonly tls: 'off' | 'require' | 'verify';
  /** File with the certificates of those who vouch for the server; empty: those that Node.js knows. */
  readonly caFile: string;
  /** Of the embedded database; empty: `flowsight-ml-database` in Node-RED's user directory. */
  readonly folder: string;
  /** Schema of this package's tables; empty: `flowsight`. */
  readonly schema: string;
  /** Connections at the same time. */
  readonly poolSize: string;
  /** Seconds. */
  readonly connectTimeout: string;
  /** Seconds that one statement may take. */
  readonly queryTimeout: string;
  /** Days for which readings, scores, events and forecasts are kept; 0: for ever. */
  readonly keepDays: string;
  /** Days for which versions of models that are not in use are kept; 0: for ever. */
  readonly keepModelDays: string;
  /** Results of each table that are kept while the database is away. */
  readonly resultsKept: string;
}

export const ML_DATABASE_DEFAULTS: OwnConfig<MlDatabaseConfig> = {
  kind: 'server',
  address: 'fields',
  host: '',
  port: '',
  database: '',
  user: '',
  tls: 'off',
  caFile: '',
  folder: '',
  schema: '',
  poolSize: '',
  connectTimeout: '',
  queryTimeout: '',
  keepDays: '',
  keepModelDays: '',
  resultsKept: '',
};

/** What is kept apart from the flow, and never sent to the editor. */
export interface DatabaseCredentials {
  readonly password?: string;
  readonly url?: string;
}
