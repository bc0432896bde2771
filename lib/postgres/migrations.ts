import { MlError, show } from '../core/errors';
import { errorCode } from './database-error';
import { activeModels, modelTables } from './model-tables';
import { recentMetrics, resultTables } from './results/result-tables';
import { identifier, type SqlClient, type SqlSession } from './sql';
import { createTable, createView, existingTables } from './tables';

/** One step of the schema's history. Once released it does not change: what comes later is a step of its own. */
interface Migration {
  readonly version: number;
  /** What it brings, in words. */
  readonly what: string;
  /** Statements, each of which does no harm when it runs a second time. */
  readonly statements: (schema: string) => readonly string[];
}

/** The steps, rising by 1. */
const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    what: 'the model store',
    statements: (schema) => [
      ...modelTables.flatMap((table) => createTable(schema, table)),
      ...createView(schema, activeModels),
    ],
  },
  {
    version: 2,
    what: 'results',
    statements: (schema) => [
      ...resultTables.flatMap((table) => createTable(schema, table)),
      ...createView(schema, recentMetrics),
    ],
  },
];

/** SQLSTATE: insufficient privilege. */
const NO_RIGHT = '42501';
const LATEST = MIGRATIONS.at(-1)!.version;

/**
 * Brings a schema to what this package expects, and makes it where it is not there. Where nothing is to be done, it only
 * reads; several instances may call it at once; it happens whole or not at all.
 * @param again - makes each step once more, where somebody has taken away what was there
 * @throws MlError `DATABASE`; where the right to create is missing, it says who can do what
 */
export async function migrate(client: SqlClient, schema: string, again = false): Promise<void> {
  if (!again && (await versionOf(client, schema)) >= LATEST) return;
  await withRights(
    schema,
    client.transaction(async (session) => {
      await session.query(lockText(schema));
      const reached = again ? 0 : await versionOf(session, schema);
      // Asked first: CREATE SCHEMA needs the right to it even where the schema is there.
      const [there] = await session.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
      const preparing = there === undefined ? preparation(schema) : preparation(schema).slice(1);
      for (const statement of preparing) await session.query(statement);
      for (const migration of MIGRATIONS.filter(({ version }) => version > reached)) {
        for (const statement of migrationStatements(schema, migration)) await session.query(statement);
      }
    }),
  );
}

/** Whoever may not make tables learns what is to be made, and who can. */
async function withRights(schema: string, making: Promise<void>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (errorCode(error) !== NO_RIGHT) throw error;
    throw new MlError(
      'DATABASE',
      `The schema ${show(schema)} or a table in it must be made first, and the user of the connection may not: grant it ` +
        'CREATE on the database, or have the owner make them; docs/database.md says how, under "Roles and rights".',
      { cause: error },
    );
  }
}

/** All of it as one text, for a person with the rights to run; a second time it does no harm. */
export function migrationSql(schema: string): string {
  const steps = MIGRATIONS.flatMap((migration) => [
    `-- ${migration.version}: ${migration.what}`,
    ...migrationStatements(schema, migration).map((statement) => `${statement};`),
  ]);
  const before = [lockText(schema), ...preparation(schema)].map((statement) => `${statement};`);
  return ['BEGIN;', ...before, ...steps, 'COMMIT;', ''].join('\n');
}

/** One instance at a time; the others wait, and then find it done. */
function lockText(schema: string): string {
  const name = `flowsight ${schema}`.replaceAll('\0', '').replaceAll("'", "''");
  return `SELECT pg_advisory_xact_lock(hashtextextended('${name}', 0))`;
}

function preparation(schema: string): readonly string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`,
    ...createTable(schema, {
      name: 'ml_migrations',
      comment: 'Which steps have been made to bring this schema up to date.',
      columns: [
        { name: 'version', type: 'integer PRIMARY KEY', comment: 'Number of the step.' },
        { name: 'what', type: 'text NOT NULL', comment: 'What it brought.' },
        { name: 'applied_at', type: 'timestamptz NOT NULL DEFAULT now()', comment: 'When.' },
      ],
      constraints: [],
    }),
  ];
}

function migrationStatements(schema: string, { version, what, statements }: Migration): readonly string[] {
  const made = `INSERT INTO ${identifier(schema, 'ml_migrations')} (version, what) VALUES (${version}, '${what}')`;
  return [...statements(schema), `${made} ON CONFLICT (version) DO NOTHING`];
}

/** The last step made; 0 where there is none. */
async function versionOf(session: SqlSession, schema: string): Promise<number> {
  if ((await existingTables(session, schema, ['ml_migrations'])).length === 0) return 0;
  const [row] = await session.query<{ version: number | null }>(
    `SELECT max(version) AS version FROM ${identifier(schema, 'ml_migrations')}`,
  );
  return row?.version ?? 0;
}
