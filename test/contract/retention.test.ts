import { EventEmitter, once } from 'node:events';
import should from 'should';
import { Database } from '#lib/postgres/database';
import { databaseError } from '#lib/postgres/database-error';
import { migrate } from '#lib/postgres/migrations';
import { deleteOldResults } from '#lib/postgres/results/retention';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { PostgresStore } from '#lib/store/postgres-store';
import { deleteUnusedVersions } from '#lib/store/unused-versions';
import { startRetention } from '#nodes/ml-database/retention';
import { makeArtifact } from '../support/artifact';
import { database, databases, serverClient, SERVER_URL, warmUp, withSchema } from '../support/databases';

const DAY_MS = 86_400_000;

/** For each table that grows, what a row needs besides its id and its time. */
const ROWS: readonly (readonly [table: string, time: string, columns: string, values: string])[] = [
  [
    'anomaly_scores',
    'timestamp',
    'device, model_name, model_version, algorithm, threshold, severity, is_anomaly, missing',
    "'pump-1', 'm', 1, 'mad', 0.7, 'normal', false, '[]'",
  ],
  [
    'anomaly_detections',
    'timestamp',
    'device, model_name, model_version, algorithm, threshold, severity, contributions',
    "'pump-1', 'm', 1, 'mad', 0.7, 'warning', '[]'",
  ],
  [
    'events',
    'created_at',
    'event_id, type, device, model_name, model_version, algorithm, severity, since, text, details',
    "'e', 'raised', 'pump-1', 'm', 1, 'mad', 'warning', now() - interval '200 days', 'It is hot.', '{}'",
  ],
  [
    'metric_forecasts',
    'timestamp',
    'device, field, model_name, model_version, algorithm, made_at, value, lower, upper, level',
    "'pump-1', 'flow', 'm', 1, 'theta', now() - interval '200 days', 1, 0, 2, 0.9",
  ],
  ['metrics_history', 'timestamp', 'device, values', `'pump-1', '{"flow": 1}'`],
];

for (const { what, open } of databases) {
  describe(`what is old, on ${what},`, function () {
    this.timeout(60_000);
    let client: SqlClient;
    before(warmUp(open));
    beforeEach(async () => (client = await open()));
    afterEach(() => client.close());

    const add = (schema: string, row: (typeof ROWS)[number], days: number, count = 1): Promise<unknown> => {
      const [table, time, columns, values] = row;
      return client.query(
        `INSERT INTO ${identifier(schema, table)} (id, ${time}, ${columns.replace('values', '"values"')})
         SELECT gen_random_uuid(), now() - make_interval(days => $1::int), ${values} FROM generate_series(1, $2::int)`,
        [days, count],
      );
    };
    const count = async (schema: string, table: string): Promise<number> => {
      const [row] = await client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${identifier(schema, table)}`,
      );
      return row!.count;
    };

    it('goes from every table that grows, and nothing else does', () =>
      withSchema(client, async (schema) => {
        await migrate(client, schema);
        for (const row of ROWS) for (const days of [0, 89, 91, 400]) await add(schema, row, days);
        should(await deleteOldResults(client, schema, 90)).equal(2 * ROWS.length);
        for (const [table] of ROWS) should(await count(schema, table)).equal(2);
        should(await deleteOldResults(client, schema, 90)).equal(0);
      }));

    it('goes in batches, however much it is', () =>
      withSchema(client, async (schema) => {
        await migrate(client, schema);
        const history = ROWS.at(-1)!;
        await add(schema, history, 100, 4500);
        await add(schema, history, 1, 10);
        should(await deleteOldResults(client, schema, 90)).equal(4500);
        should(await count(schema, 'metrics_history')).equal(10);
      }));

    it('stays from the batch on in which it was stopped', () =>
      withSchema(client, async (schema) => {
        await migrate(client, schema);
        await add(schema, ROWS[0]!, 100, 4500);
        const stop = new AbortController();
        const deleting = deleteOldResults(client, schema, 90, stop.signal);
        stop.abort();
        should(await deleting).be.belowOrEqual(2000);
      }));

    it('is no matter where the tables, or the schema, are not there', async () => {
      await withSchema(client, async (schema) => {
        await client.query(`CREATE TABLE ${identifier(schema, 'metrics_history')} ("timestamp" timestamptz)`);
        await client.query(`INSERT INTO ${identifier(schema, 'metrics_history')} VALUES (now() - interval '1 year')`);
        should(await deleteOldResults(client, schema, 90)).equal(1);
        should(await deleteUnusedVersions(client, schema, 30)).equal(0);
      });
      should(await deleteOldResults(client, `no'such"schema`, 90)).equal(0);
      should(await deleteUnusedVersions(client, `no'such"schema`, 30)).equal(0);
    });

    it('of a model: goes, but for the version in use, the one before it and the newest', () =>
      withSchema(client, async (schema) => {
        const store = new PostgresStore(client, schema, { keep: 20 });
        const save = async (name: string, days: number): Promise<void> => {
          const { version } = await store.save(makeArtifact({ name }), true);
          await client.query(
            `UPDATE ${identifier(schema, 'ml_models')} SET stored_at = now() - make_interval(days => $1::int)
             WHERE name = $2 AND version = $3`,
            [days, name, version],
          );
        };
        for (const days of [90, 80, 70, 60, 50, 40, 10]) await save('pump', days);
        await store.rollback({ name: 'pump', device: 'pump-07' }, 4);
        for (const days of [90, 80]) await save('fan', days);
        await save('alone', 400);
        should(await deleteUnusedVersions(client, schema, 30)).equal(4);
        const left = Object.fromEntries(
          (await store.list()).map(({ name, versions }) => [name, versions.map(({ version }) => version)]),
        );
        left.should.eql({ alone: [1], fan: [1, 2], pump: [3, 4, 7] });
        should(await deleteUnusedVersions(client, schema, 30)).equal(0);
        should((await store.rollback({ name: 'pump', device: 'pump-07' })).active).equal(3);
      }));

    it('of a model: stays where it was trained long ago, and imported just now', () =>
      withSchema(client, async (schema) => {
        const store = new PostgresStore(client, schema);
        const artifact = makeArtifact({ createdMs: Date.now() - 400 * DAY_MS });
        for (let i = 0; i < 4; i++) await store.save(artifact, true);
        await store.delete({ name: artifact.name, device: artifact.device }, 1);
        const bundle = await store.export();
        await store.delete({ name: artifact.name, device: artifact.device });
        await store.import(bundle);
        should(await deleteUnusedVersions(client, schema, 30)).equal(0);
        should((await store.list())[0]!.versions).have.length(3);
      }));

    it('is looked for as soon as the database is there', () =>
      withSchema(client, async (schema) => {
        await migrate(client, schema);
        for (const days of [1, 8]) await add(schema, ROWS.at(-1)!, days);
        const used = database(open);
        const told = new EventEmitter();
        const deleted = once(told, 'deleted');
        const stop = startRetention({
          database: used,
          schema,
          keepDays: 7,
          keepModelDays: 0,
          log: (rows, versions) => told.emit('deleted', rows, versions),
          warn: (problem) => told.emit('error', new Error(problem)),
        });
        await used.connect();
        should(await deleted).eql([1, 0]);
        should(await count(schema, 'metrics_history')).equal(1);
        stop();
        await used.close();
      }));
  });
}

describe('retention without the right to delete', () => {
  it('warns once, in words, throws nothing, and is tried again each hour', async () => {
    let tried = 0;
    const refuse = (): Promise<never> => {
      tried += 1;
      return Promise.reject(databaseError('plant', Object.assign(new Error('permission denied'), { code: '42501' })));
    };
    const client: SqlClient = {
      query: <R extends object>(text: string) =>
        Promise.resolve((text.includes('pg_tables') ? [{ name: 'events' }] : []) as unknown as readonly R[]),
      transaction: refuse,
      listen: refuse,
      close: () => Promise.resolve(),
    };
    const used = new Database({ where: 'plant', open: () => Promise.resolve(client), onState: () => undefined });
    const clock = new EventEmitter();
    const warnings: string[] = [];
    const waits = once(clock, 'waits');
    const stop = startRetention({
      database: used,
      schema: 'flowsight',
      keepDays: 90,
      keepModelDays: 30,
      log: () => undefined,
      warn: (problem) => warnings.push(problem),
      timers: {
        nowMs: () => 0,
        after: (delayMs, task) => {
          clock.emit('waits', delayMs, task);
          return () => undefined;
        },
      },
    });
    await used.connect();
    const [delayMs, again] = (await waits) as [number, () => void];
    delayMs.should.equal(3_600_000);
    const waitsAgain = once(clock, 'waits');
    again();
    await waitsAgain;
    tried.should.equal(2);
    warnings.should.have.length(1);
    warnings[0]!.should.match(/permission denied.*Grant the user the right/);
    stop();
    await used.close();
  });
});

if (SERVER_URL !== undefined) {
  it('what is old is left to the one who is already at it', async () => {
    const [one, other] = [serverClient(SERVER_URL!), serverClient(SERVER_URL!)];
    await withSchema(one, async (schema) => {
      await migrate(one, schema);
      const table = identifier(schema, 'metrics_history');
      await one.query(
        `INSERT INTO ${table} (id, device, "timestamp", "values")
         VALUES (gen_random_uuid(), 'pump-1', now() - interval '1 year', '{}')`,
      );
      await other.transaction(async (session) => {
        await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`flowsight retention ${schema}`]);
        should(await deleteOldResults(one, schema, 90)).equal(0);
      });
      should(await deleteOldResults(one, schema, 90)).equal(1);
    });
    await Promise.all([one.close(), other.close()]);
  });
}
