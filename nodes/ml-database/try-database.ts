import type { NodeAPI } from 'node-red';
import { messageOf, MlError } from '../../lib/core/errors';
import { databaseError } from '../../lib/postgres/database-error';
import type { SqlClient } from '../../lib/postgres/sql';
import { migrateConfig } from '../shared/migrate';
import { ML_DATABASE_DEFAULTS, type DatabaseCredentials, type MlDatabaseConfig } from './config';
import { settingsOf, type DatabaseSettings } from './settings';

/** What the editor shows in place of a password that it does not know. */
const UNCHANGED = '__PWRD__';

/** What the button "Test" says. */
export interface Trial {
  readonly works: boolean;
  /** One plain sentence, without credentials. */
  readonly text: string;
}

/**
 * Tries what stands in the form of an `ml-database`. Never rejects.
 * @param body - the form's properties, `id`, and `credentials`, which hold what was typed
 */
export async function tryDatabase(RED: NodeAPI, body: unknown): Promise<Trial> {
  let secrets: readonly string[] = [];
  try {
    const { id, credentials, ...form } = formOf(body);
    const stored = isDatabase(RED, id) ? ((RED.nodes.getCredentials(id) ?? {}) as DatabaseCredentials) : {};
    const config = migrateConfig<MlDatabaseConfig>({ ...form, id } as MlDatabaseConfig, ML_DATABASE_DEFAULTS);
    const settings = settingsOf(config, chosen(credentials, stored), RED.settings.userDir);
    ({ secrets } = settings);
    return { works: true, text: without(secrets, await look(settings)) };
  } catch (error) {
    return { works: false, text: without(secrets, messageOf(error)) };
  }
}

interface Form {
  readonly id: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** @throws MlError `PARAMETER` for anything but an object of texts */
function formOf(body: unknown): Form & Readonly<Record<string, unknown>> {
  const { id, credentials, ...form } = (body ?? {}) as Record<string, unknown>;
  const isText = (value: unknown): boolean => typeof value === 'string';
  const typed = (credentials ?? {}) as Record<string, string>;
  if (!isText(id) || ![...Object.values(form), ...Object.values(typed)].every(isText)) {
    throw new MlError('PARAMETER', 'The form came in another shape: reload the editor, and try again.');
  }
  return { ...form, id: id as string, credentials: typed };
}

/** Nobody may send the credentials of other nodes to a server by this way. */
function isDatabase(RED: NodeAPI, id: string): boolean {
  let found = false;
  RED.nodes.eachNode((node) => (found ||= node.id === id && node.type === 'ml-database'));
  return found;
}

/** What was typed; where nothing was, what is stored. */
function chosen(typed: Form['credentials'], stored: DatabaseCredentials): DatabaseCredentials {
  const one = (name: keyof DatabaseCredentials): string => {
    const given = typed[name];
    return (given === UNCHANGED || given === undefined ? stored[name] : given) ?? '';
  };
  return { password: one('password'), url: one('url') };
}

async function look({ where, schema, open }: DatabaseSettings): Promise<string> {
  let client: SqlClient | undefined;
  try {
    client = await open(() => undefined);
    const [found] = await client.query<{ version: string; user: string; there: boolean; may: boolean }>(
      `SELECT current_setting('server_version') AS version, current_user AS user,
         EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS there,
         has_database_privilege(current_database(), 'CREATE') AS may`,
      [schema],
    );
    const { version, user, there, may } = found!;
    const makes = may ? 'will be made' : `is not there, and the user may not make it: see docs/database.md`;
    const tables = there ? `the schema "${schema}" is there` : `the schema "${schema}" ${makes}`;
    return `Connected to PostgreSQL ${version.split(' ')[0]!}, ${where}, as ${user}; ${tables}.`;
  } catch (error) {
    throw databaseError(where, error);
  } finally {
    await client?.close().catch(() => undefined);
  }
}

function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, '…'), text);
}
