// Over 300 lines: one reader, whose layouts are held against each other on the same readings.
import fc from 'fast-check';
import should from 'should';
import { AGGREGATIONS, type Aggregation } from '#lib/core/pipeline';
import type { ReadingTable } from '#lib/core/readings';
import { openHistory } from '#lib/postgres/history/open-history';
import type { HistoryQuery, HistorySource } from '#lib/postgres/history/source';
import { migrate } from '#lib/postgres/migrations';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { Bucket } from '#lib/readings/bucket';
import { database, databases, SERVER_URL, serverClient, warmUp, withSchema } from '../support/databases';
import {
  END_MS,
  FIELDS,
  fill,
  LAYOUTS,
  readings,
  ROWS,
  sourceOf,
  START_MS,
  STEP_MS,
  tableOf,
} from '../support/histories';

const ALL: HistoryQuery = { device: 'pump-01', fromMs: START_MS, toMs: END_MS, fields: [] };

/** The same readings, each number within a part in a million: some layouts here hold single precision. */
function shouldBe(actual: ReadingTable, expected: ReadingTable): void {
  actual.device.should.equal(expected.device);
  actual.fields.should.eql(expected.fields);
  [...actual.timestampsMs].should.eql([...expected.timestampsMs]);
  should(actual.labels).eql(expected.labels);
  actual.data.length.should.equal(expected.data.length);
  actual.data.forEach((value, i) => {
    const wanted = expected.data[i]!;
    if (Number.isNaN(wanted)) Number.isNaN(value).should.equal(true, `number ${i} should be missing`);
    else value.should.be.approximately(wanted, 1e-6 * Math.max(1, Math.abs(wanted)));
  });
}

/** What the steps that lie wholly in the range should be, by the rules for live readings. */
function bucketed(device: string, stepMs: number, aggregation: Aggregation): ReadingTable {
  const buckets = new Map<number, Bucket>();
  for (const { timestampMs, values, label } of readings.filter((reading) => reading.device === device)) {
    const index = Math.floor(timestampMs / stepMs);
    if (index * stepMs < START_MS || (index + 1) * stepMs > END_MS) continue;
    const bucket = buckets.get(index) ?? new Bucket(index, aggregation, FIELDS.length);
    buckets.set(index, bucket);
    bucket.add(
      timestampMs,
      Float64Array.from(FIELDS, (field) => values.get(field) ?? NaN),
      label,
    );
  }
  const rows = [...buckets.values()].sort((a, b) => a.index - b.index);
  return {
    device,
    fields: FIELDS,
    timestampsMs: Float64Array.from(rows, ({ index }) => index * stepMs),
    data: Float64Array.from(rows.flatMap((bucket) => [...bucket.values()])),
    labels: rows.map(({ label }) => label ?? null),
  };
}

for (const { what, open } of databases) {
  describe(`the history in ${what}`, () => {
    let client: SqlClient;
    before(warmUp(open));
    before(async () => {
      client = await open();
    });
    after(() => client.close());

    const filled = (work: (schema: string) => Promise<void>): Promise<void> =>
      withSchema(client, async (schema) => {
        await fill(client, schema);
        await work(schema);
      });

    it('is the same readings whatever the layout, whether fields are named or not', () =>
      filled(async (schema) => {
        for (const layout of LAYOUTS) {
          const history = openHistory(client, sourceOf(layout, schema));
          for (const device of ['pump-01', 'pump-02']) {
            shouldBe(await history.read({ ...ALL, device }), tableOf(device));
            shouldBe(await history.read({ ...ALL, device, fields: FIELDS }), tableOf(device));
          }
          const few = await history.read({ ...ALL, fields: ['system.cpuUsage', 'flow'], toMs: START_MS + 2 * STEP_MS });
          [...few.data].should.have.length(4);
          few.fields.should.eql(['system.cpuUsage', 'flow']);
          few.data[2]!.should.be.approximately(20.125, 1e-9);
        }
      }));

    it('is averaged per step as live readings are, by every aggregation, whatever the layout', () =>
      filled(async (schema) => {
        for (const layout of LAYOUTS) {
          const history = openHistory(client, sourceOf(layout, schema));
          for (const aggregation of AGGREGATIONS) {
            const expected = bucketed('pump-01', 30_000, aggregation);
            expected.timestampsMs.length.should.equal(13);
            const query = { ...ALL, stepMs: 30_000, aggregation };
            shouldBe(await history.read(query), expected);
            shouldBe(await history.read({ ...query, fields: FIELDS }), expected);
          }
        }
      }));

    it('puts a reading on a step that begins at its very time into that step', () =>
      withSchema(client, async (schema) => {
        const table = identifier(schema, 'telemetry');
        await client.query(`CREATE TABLE ${table} (device text, timestamp timestamptz, n integer)`);
        // Tenths of a second: none of them is exact as a binary number of seconds.
        const fromMs = Date.UTC(2026, 4, 3);
        await client.query(
          `INSERT INTO ${table} SELECT 'a', to_timestamp($1) + i * interval '100 ms', i FROM generate_series(0, 999) AS i`,
          [fromMs / 1000],
        );
        const history = openHistory(client, sourceOf('wide', schema));
        const query = { device: 'a', fromMs, toMs: fromMs + 100_000, fields: [], stepMs: 100 };
        [...(await history.read(query)).data].should.eql(Array.from({ length: 1000 }, (_, i) => i));
      }));

    it('puts readings of one step together that were fetched one after the other', () =>
      withSchema(client, async (schema) => {
        const table = identifier(schema, 'device_shadow_history');
        await client.query(`CREATE TABLE ${table} (device_uuid text, timestamp timestamptz, reported_state jsonb)`);
        await client.query(
          `INSERT INTO ${table} SELECT 'a', to_timestamp(i), jsonb_build_object('n', i) FROM generate_series(0, 6999) AS i`,
        );
        const query = { device: 'a', fromMs: 0, toMs: 7_000_000, fields: [], stepMs: 700_000 };
        const { timestampsMs, data } = await openHistory(client, sourceOf('shadow', schema)).read(query);
        [...timestampsMs].should.eql(Array.from({ length: 10 }, (_, i) => i * 700_000));
        [...data].should.eql(Array.from({ length: 10 }, (_, i) => i * 700 + 349.5));
      }));

    it('lists the devices, with or without an index, and those online', () =>
      filled(async (schema) => {
        await client.query(`CREATE TABLE ${identifier(schema, 'device_shadows')} (device_uuid text, status text)`);
        await client.query(
          `INSERT INTO ${identifier(schema, 'device_shadows')} VALUES ('pump-02', 'online'), ('pump-01', 'offline')`,
        );
        for (const layout of LAYOUTS.filter((each) => each !== 'sql')) {
          const source = sourceOf(layout, schema);
          (await openHistory(client, source).devices()).should.eql(['pump-01', 'pump-02']);
          if (layout === 'written') continue;
          (await openHistory(client, { ...source, devicesFrom: 'online' }).devices()).should.eql(['pump-02']);
        }
        const telemetry = identifier(schema, 'telemetry');
        await client.query(`CREATE INDEX ON ${telemetry} (device, timestamp)`);
        await client.query(`INSERT INTO ${telemetry} VALUES (NULL), (''), ('*'), ('Z'), ('a')`);
        const wide = openHistory(client, sourceOf('wide', schema));
        (await wide.devices()).should.eql(['Z', 'a', 'pump-01', 'pump-02']);
        const bySql = (sql: string): Promise<readonly string[]> =>
          openHistory(client, { layout: 'sql', sql }).devices();
        (await bySql(`SELECT * FROM ${telemetry} WHERE timestamp < $to`)).should.eql(['pump-01', 'pump-02']);
        (await bySql(`SELECT timestamp, flow FROM ${telemetry}`)).should.eql(['default']);
        await should(bySql(`SELECT * FROM ${telemetry} WHERE device = $device`)).rejectedWith({
          code: 'PARAMETER',
          message: /asks for one device by \$device/,
        });
      }));

    it('knows a time as timestamptz, timestamp, date, or a number of s, ms or µs', () =>
      withSchema(client, async (schema) => {
        const fromMs = Date.UTC(2026, 2, 29);
        const types = {
          timestamptz: (i: string) => `to_timestamp(${fromMs / 1000} + ${i} * 86400)`,
          timestamp: (i: string) => `to_timestamp(${fromMs / 1000} + ${i} * 86400) AT TIME ZONE 'UTC'`,
          date: (i: string) => `(to_timestamp(${fromMs / 1000} + ${i} * 86400) AT TIME ZONE 'UTC')::date`,
          integer: (i: string) => `${fromMs / 1000} + ${i} * 86400`,
          bigint: (i: string) => `(${fromMs} + ${i}::bigint * 86400000)`,
          numeric: (i: string) => `(${fromMs} + ${i}::bigint * 86400000) * 1000`,
          'double precision': (i: string) => `${fromMs / 1000} + ${i} * 86400`,
        };
        for (const [type, sql] of Object.entries(types)) {
          const name = `by ${type}`;
          await client.query(`CREATE TABLE ${identifier(schema, name)} (device text, timestamp ${type}, n integer)`);
          await client.query(
            `INSERT INTO ${identifier(schema, name)} SELECT 'a', ${sql('i')}, i FROM generate_series(0, 9) AS i`,
          );
          const history = openHistory(client, {
            ...sourceOf('wide', schema),
            table: `${schema}.${name}`,
          } as HistorySource);
          const days = { device: 'a', fromMs: fromMs + 86_400_000, toMs: fromMs + 4 * 86_400_000, fields: [] };
          const { timestampsMs, data } = await history.read(days);
          [...data].should.eql([1, 2, 3], type);
          [...timestampsMs].should.eql([1, 2, 3].map((i) => fromMs + i * 86_400_000));
          const steps = await history.read({ ...days, stepMs: 2 * 86_400_000, toMs: fromMs + 9 * 86_400_000 });
          [...steps.timestampsMs].every((timeMs) => timeMs % (2 * 86_400_000) === 0).should.be.true();
        }
      }));

    it('knows devices by uuid, and says in a sentence that a name is none', () =>
      withSchema(client, async (schema) => {
        const table = identifier(schema, 'device_shadow_history');
        await client.query(`CREATE TABLE ${table} (device_uuid uuid, timestamp timestamptz, reported_state jsonb)`);
        await client.query(`CREATE INDEX ON ${table} (device_uuid)`);
        const devices = ['0b6e3ad0-5f0c-4c60-8e7a-6a1d6c1f0001', 'f3a1b2c4-0000-4000-8000-000000000002'];
        for (const device of devices) {
          await client.query(`INSERT INTO ${table} VALUES ($1, to_timestamp(60), '{"flow": 5}')`, [device]);
        }
        const history = openHistory(client, sourceOf('shadow', schema));
        should(await history.devices()).eql(devices);
        const range = { fromMs: 0, toMs: 120_000, fields: [] };
        should([...(await history.read({ ...range, device: devices[1]!.toUpperCase() })).data]).eql([5]);
        await should(history.read({ ...range, device: 'pump-01' })).rejectedWith({
          code: 'DATABASE',
          message: /type uuid: "pump-01"\. Check the types of the columns and values\.$/,
        });
      }));

    it('counts as numbers in documents what counts in messages, and nothing else', () =>
      withSchema(client, async (schema) => {
        const table = identifier(schema, 'device_shadow_history');
        await client.query(`CREATE TABLE ${table} (device_uuid text, timestamp timestamptz, reported_state jsonb)`);
        const state = {
          ...{ a: ' 12.5e1 ', b: true, c: 'true', d: '0x10', e: 1e300, f: '1e400', g: -1e-320, h: [1], i: null, j: '' },
          ...{ ts: 5, nested: { ts: 6, label: 7, 'x.y': { z: 8 } }, __proto__x: 1, '': 9, k: '.5', l: '5.', m: 'NaN' },
        };
        const hostile = JSON.stringify(state).replace('"ts":5', '"ts":5,"__proto__":{"p":1}');
        await client.query(`INSERT INTO ${table} VALUES ('a', to_timestamp(60), $1), ('a', to_timestamp(61), '[1]')`, [
          hostile,
        ]);
        const history = openHistory(client, sourceOf('shadow', schema));
        const query = { device: 'a', fromMs: 0, toMs: 120_000, fields: [] };
        const expected = {
          ...{ __proto__x: 1, a: 125, b: 1, g: 0, k: 0.5, l: 5 },
          ...{ 'nested.label': 7, 'nested.ts': 6, 'nested.x.y.z': 8 },
        };
        for (const stepMs of [undefined, 60_000]) {
          for (const fields of [[], Object.keys(expected)]) {
            const table = await history.read({ ...query, fields, ...(stepMs === undefined ? {} : { stepMs }) });
            table.timestampsMs.length.should.equal(1);
            const values = Object.fromEntries(
              table.fields.map((field, i) => [field, Math.round(1e9 * table.data[i]!) / 1e9]),
            );
            values.should.eql(expected);
          }
        }
      }));

    it('comes in parts of bounded size, and lets go of the database where nobody reads on', () =>
      withSchema(client, async (schema) => {
        const table = identifier(schema, 'metrics');
        await client.query(
          `CREATE TABLE ${table} (device text, timestamp bigint, metric text, value double precision)`,
        );
        await client.query(
          `INSERT INTO ${table} SELECT 'a', t * 1000, m, t FROM generate_series(1, 20000) AS t, (VALUES ('x'), ('y'), ('z')) AS m(m)`,
        );
        const history = openHistory(client, sourceOf('narrow', schema));
        const query = { device: 'a', fromMs: 0, toMs: 1e12, fields: [] };
        const times: number[] = [];
        let parts = 0;
        for await (const part of history.parts(query)) {
          part.fields.should.eql(['x', 'y', 'z']);
          part.data.every((value, i) => value === part.timestampsMs[Math.floor(i / 3)]! / 1e6).should.be.true();
          times.push(...part.timestampsMs);
          parts++;
        }
        parts.should.be.above(4);
        times.should.eql(Array.from({ length: 20_000 }, (_, i) => (i + 1) * 1e6));
        for await (const part of history.parts(query)) {
          part.timestampsMs.length.should.be.above(0);
          break;
        }
        await client.query('SELECT 1');
        const failing = async (): Promise<void> => {
          for await (const part of history.parts(query)) throw new Error(`no room for ${part.device}`);
        };
        await should(failing()).rejectedWith(/no room for a/);
      }));

    it('stops between two fetches when it is cancelled', () =>
      filled(async (schema) => {
        const history = openHistory(client, sourceOf('wide', schema));
        await should(history.read(ALL, AbortSignal.abort())).rejectedWith({ code: 'ABORTED' });
        await should(history.devices(AbortSignal.abort())).rejectedWith({ code: 'ABORTED' });
        await client.query(
          `INSERT INTO ${identifier(schema, 'telemetry')} (device, timestamp, flow)
           SELECT 'big', to_timestamp(i), i FROM generate_series(1, 50000) AS i`,
        );
        const controller = new AbortController();
        let rows = 0;
        const walk = async (): Promise<void> => {
          for await (const part of history.parts({ ...ALL, device: 'big', fromMs: 0 }, controller.signal)) {
            rows += part.timestampsMs.length;
            controller.abort();
          }
        };
        await should(walk()).rejectedWith({ code: 'ABORTED', message: /history was cancelled/ });
        rows.should.be.within(1, 20_000);
      }));

    it('says in a sentence what is not as the source says', () =>
      filled(async (schema) => {
        const wide = sourceOf('wide', schema);
        const read = (changes: object, query: Partial<HistoryQuery> = {}): Promise<unknown> =>
          openHistory(client, { ...wide, ...changes }).read({ ...ALL, ...query });
        const refused = (task: Promise<unknown>, code: string, message: RegExp): Promise<unknown> =>
          should(task).rejectedWith({ code, message });
        await refused(read({ table: `${schema}.pumps` }), 'DATABASE', /pumps.* Check the name of the table/);
        await refused(read({ table: 'no_schema_here.pumps' }), 'DATABASE', /no_schema_here.* Check the name/);
        await refused(
          read({ timeColumn: 'zeit' }),
          'DATABASE',
          /no column "zeit" for the time; it has "device", "timestamp"/,
        );
        await refused(read({ timeColumn: 'note' }), 'DATABASE', /"note" holds no times/);
        await refused(
          read({ deviceColumn: 'Device' }),
          'DATABASE',
          /no column "Device" for the device.*capital letters/,
        );
        await refused(read({}, { fields: ['flwo'] }), 'DATABASE', /no column "flwo" for a field/);
        await refused(read({}, { fields: ['timestamp'] }), 'DATABASE', /"timestamp" holds no numbers/);
        await refused(read({}, { fromMs: NaN }), 'PARAMETER', /range of a history/);
        await refused(read({}, { stepMs: 0 }), 'PARAMETER', /step of a history.* got 0/);
        await refused(read({ layout: 'shadow', stateColumn: 'flow' }), 'DATABASE', /"flow" holds no JSON/);
        await refused(
          read({ layout: 'shadow', stateColumn: 'note' }),
          'DATABASE',
          /invalid input syntax for type json/,
        );
        await refused(read({ layout: 'sql', sql: 'SELEKT 1' }), 'DATABASE', /Check the SQL/);
        const nothing = openHistory(client, { layout: 'written', schema: `${schema}_new` });
        for (const task of [nothing.read(ALL), nothing.devices()]) {
          await refused(task, 'DATABASE', /^No readings have been written to the schema ".*_new" yet: tick .* or use/);
        }
        await refused(
          read({ layout: 'sql', sql: 'SELECT 1 AS n' }),
          'DATABASE',
          /Your own SQL has no column "timestamp"/,
        );
        await refused(read({ layout: 'sql', sql: ' -- later' }), 'PARAMETER', /is empty/);
        await refused(read({ layout: 'sql', sql: 'SELECT $1' }), 'PARAMETER', /only \$device, \$from and \$to/);
        const none = await openHistory(client, wide).read({ ...ALL, device: 'pump-99' });
        none.timestampsMs.length.should.equal(0);
      }));

    it('changes nothing whatever the own SQL says', () =>
      filled(async (schema) => {
        const victim = identifier(schema, 'telemetry');
        const now = `SELECT timestamptz '2026-02-01Z' AS timestamp, 1 AS n`;
        const attempts = [
          `${now}; DROP TABLE ${victim}`,
          `${now}) AS reading; COMMIT; DROP TABLE ${victim}; --`,
          `${now}) AS reading LIMIT 1; ROLLBACK; DROP TABLE ${victim}; SELECT * FROM (${now}`,
          `WITH gone AS (DELETE FROM ${victim} RETURNING *) SELECT timestamp, 1 AS n FROM gone`,
          `DROP TABLE ${victim}`,
          `COMMIT`,
          `SELECT timestamptz '2026-02-01Z' AS timestamp, set_config('transaction_read_only', 'off', true)::integer AS n`,
          `SELECT timestamptz '2026-02-01Z' AS timestamp, length(query_to_xml('DROP TABLE ${victim}', true, true, '')::text) AS n`,
        ];
        for (const sql of attempts) {
          const history = openHistory(client, { layout: 'sql', sql });
          await should(history.read(ALL)).rejected();
          await history.devices().catch(() => []);
        }
        const [row] = await client.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${victim}`);
        row!.n.should.equal(2 * ROWS);
      }));

    it('takes hostile names for what they are: names', async function () {
      this.timeout(60_000);
      await filled(async (schema) => {
        const victim = identifier(schema, 'telemetry');
        const hostile = [
          `'; DROP TABLE ${victim}; --`,
          `" ; DROP TABLE ${victim}; --`,
          `flow") FROM ${victim}; DELETE FROM ${victim}; --`,
          `$1`,
          `'||(SELECT 1)||'`,
          `\\'; DROP TABLE ${victim}; --`,
          `{"a":1}`,
          `a,b}`,
          `\0`,
          `ünï"cödé 🚰`,
          `pump-01' OR '1'='1`,
        ];
        const attack = async (name: string): Promise<void> => {
          for (const layout of LAYOUTS) {
            const source = sourceOf(layout, schema);
            const tables = [
              await readOrRefusal(source, { device: name }),
              await readOrRefusal(source, { fields: [name] }),
              await readOrRefusal(source, { fields: [name], stepMs: 60_000 }),
            ];
            for (const key of ['table', 'deviceColumn', 'timeColumn', 'stateColumn', 'metricColumn', 'schema', 'sql']) {
              if (key in source) tables.push(await readOrRefusal({ ...source, [key]: name }, {}));
            }
            for (const table of tables) should(table?.timestampsMs.length ?? 0).equal(0, `${layout}: ${name}`);
          }
        };
        const readOrRefusal = async (
          source: HistorySource,
          query: Partial<HistoryQuery>,
        ): Promise<ReadingTable | null> => {
          try {
            return await openHistory(client, source).read({ ...ALL, ...query });
          } catch (error) {
            should((error as { name?: string }).name).equal('MlError');
            return null;
          }
        };
        for (const name of hostile) await attack(name);
        const nasty = fc.string({ unit: fc.constantFrom(...`'"\\;-$.,{}()*/ \0aE`), minLength: 1, maxLength: 12 });
        await fc.assert(fc.asyncProperty(nasty, attack), { seed: 5, numRuns: 15 });
        const [row] = await client.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${victim}`);
        row!.n.should.equal(2 * ROWS);
      });
    });

    it('is read through a database that comes and goes as well', () =>
      filled(async (schema) => {
        const coming = database(open);
        shouldBe(await openHistory(coming, sourceOf('shadow', schema)).read(ALL), tableOf('pump-01'));
        await coming.close();
      }));
  });
}

if (SERVER_URL !== undefined) {
  const url = SERVER_URL;

  describe('the history on a server that', () => {
    it('ends the connection in the middle of a read: fails in a sentence, at once, and can be read again', async () => {
      const coming = database(() => Promise.resolve(serverClient(url)));
      const other = serverClient(url);
      const sql = 'SELECT to_timestamp(i) AS timestamp, pg_backend_pid() AS pid FROM generate_series(1, 50000) AS i';
      const history = openHistory(coming, { layout: 'sql', sql });
      const query = { ...ALL, fromMs: 0 };
      const walk = async (): Promise<void> => {
        for await (const part of history.parts(query)) {
          await other.query('SELECT pg_terminate_backend($1)', [part.data[0]]);
        }
      };
      try {
        await should(walk()).rejectedWith({
          code: 'DATABASE',
          message: /^The database .* says: .*\. The connection was lost; ask again when the database is back\.$/,
        });
        coming.state.should.equal('disconnected');
        await coming.whenConnected();
        (await history.read(query)).timestampsMs.length.should.equal(50_000);
      } finally {
        await Promise.all([coming.close(), other.close()]);
      }
    });

    it('is left while it still works: lets go soon, and nobody is told of a lost connection', async () => {
      const coming = database(() => Promise.resolve(serverClient(url, { poolSize: 1 })));
      const other = serverClient(url);
      const nap = `SELECT pg_sleep(60) AS nap_${process.pid}`;
      const [running, waiting] = [nap, 'SELECT 1'].map((text) => coming.query(text).catch((error: unknown) => error));
      const isRunning = (): Promise<readonly object[]> =>
        other.query(`SELECT FROM pg_stat_activity WHERE query = $1 AND state = 'active'`, [nap]);
      while ((await isRunning()).length === 0);
      const closedMs = performance.now();
      await coming.close();
      (performance.now() - closedMs).should.be.below(10_000);
      should(await running).containEql({ code: 'ABORTED' });
      should(await waiting).containEql({ code: 'ABORTED' });
      await other.close();
    });

    it('is slower than the time allowed: fails in a sentence', async () => {
      const hasty = serverClient(url, { queryTimeoutMs: 100 });
      const sql =
        'SELECT to_timestamp(i) AS timestamp, 1 AS n, pg_sleep(5)::text AS nap FROM generate_series(1, 9) AS i';
      try {
        await should(openHistory(hasty, { layout: 'sql', sql }).read({ ...ALL, fromMs: 0 })).rejectedWith({
          code: 'DATABASE',
          message: /It took longer than the time allowed/,
        });
        await hasty.query('SELECT 1');
      } finally {
        await hasty.close();
      }
    });

    it('denies the right to read: says so, with the table', async () => {
      const owner = serverClient(url);
      const role = `test_reader_${process.pid}`;
      const reader = serverClient(`${url}?options=-c%20role%3D${role}`);
      try {
        await withSchema(owner, async (schema) => {
          await fill(owner, schema);
          await owner.query(`CREATE ROLE ${role}`);
          await owner.query(`GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${role}`);
          const history = openHistory(reader, sourceOf('wide', schema));
          await should(history.read(ALL)).rejectedWith({
            message: /denied for table telemetry\. Grant the user the right/,
          });
          await owner.query(`GRANT SELECT ON ${identifier(schema, 'telemetry')} TO ${role}`);
          shouldBe(await history.read(ALL), tableOf('pump-01'));
          await should(migrate(reader, `${schema}_new`)).rejectedWith({
            code: 'DATABASE',
            message: /_new".* must be made first, and the user .* may not: grant it CREATE .* or have the owner make/,
          });
        });
      } finally {
        await owner.query(`DROP ROLE IF EXISTS ${role}`);
        await Promise.all([owner.close(), reader.close()]);
      }
    });
  });
}
