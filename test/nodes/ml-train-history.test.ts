// Over 300 lines: each story is told of every database, on the tables that are made once for all.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import should from 'should';
import type { ModelCard } from '#lib/core/artifact';
import type { ReadingTable } from '#lib/core/readings';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { openStore } from '#lib/store/open-store';
import type { TrainingProgress } from '#lib/training/model-trainer';
import type { MlDatabaseNode } from '#nodes/ml-database/database-of';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlTrain from '#nodes/ml-train/ml-train';
import { serverClient, SERVER_URL } from '../support/databases';
import { arrivals, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { MINUTE_MS, START_MS, telemetry } from '../support/telemetry';

/** A database as a node's form describes it, and a client of its own. */
interface Place {
  readonly config: object;
  readonly credentials: object;
  readonly client: SqlClient;
}

const SERVER = 'a PostgreSQL server';

const places: readonly (readonly [what: string, make: (folder: string) => Promise<Place>])[] = [
  [
    'an embedded database',
    async (folder) => ({
      config: { kind: 'embedded', folder },
      credentials: {},
      client: await openSharedEmbedded(folder, __dirname),
    }),
  ],
  ...(SERVER_URL === undefined
    ? []
    : [
        [
          SERVER,
          () =>
            Promise.resolve({
              config: { kind: 'server', address: 'url' },
              credentials: { url: SERVER_URL },
              client: serverClient(SERVER_URL!),
            }),
        ] as const,
      ]),
];

/** The tables of a plant that has kept its readings in every layout there is. */
async function fillTables(client: SqlClient, schema: string, tables: readonly ReadingTable[]): Promise<void> {
  const rows = tables.flatMap(({ device, fields, timestampsMs, data, labels }) =>
    Array.from(timestampsMs, (ms, row) => ({
      device,
      at: new Date(ms).toISOString(),
      label: labels?.[row] ?? null,
      ...Object.fromEntries(fields.map((field, c) => [field, data[row * fields.length + c]!])),
    })),
  );
  const into = (table: string): string => `${identifier(schema)}.${identifier(table)}`;
  const given = `jsonb_to_recordset($1::jsonb)
    AS r(device text, at timestamptz, label text, flow float8, pressure float8, current float8, temperature float8)`;
  const text = JSON.stringify(rows);
  await client.query(`CREATE TABLE ${into('device_shadow_history')}
    (device_uuid text, timestamp timestamptz, reported_state jsonb)`);
  await client.query(
    `INSERT INTO ${into('device_shadow_history')} SELECT device, at, jsonb_build_object('flow', flow,
       'motor', jsonb_build_object('current', current, 'name', 'M1')) FROM ${given}`,
    [text],
  );
  await client.query(`CREATE TABLE ${into('device_shadows')} (device_uuid text, status text)`);
  await client.query(`CREATE TABLE ${into('tags')} (pump text, tag text, "when" timestamptz, number float8)`);
  await client.query(
    `INSERT INTO ${into('tags')} SELECT device, tag, at, number FROM ${given},
       LATERAL (VALUES ('flow', flow), ('pressure', pressure)) AS t(tag, number)`,
    [text],
  );
  await client.query(`CREATE TABLE ${into('telemetry')}
    (device text, timestamp timestamptz, label text, flow float8, temperature float8)`);
  await client.query(`INSERT INTO ${into('telemetry')} SELECT device, at, label, flow, temperature FROM ${given}`, [
    text,
  ]);
}

const cardsOf = (sent: readonly unknown[]): ModelCard[] =>
  (sent as (Message | null)[][]).flatMap(([first]) => (first ? [first.payload as ModelCard] : []));

for (const [what, make] of places) {
  describe(`ml-train with past readings in ${what}`, function () {
    this.timeout(60_000);
    const schema = `test_history_${process.pid}`;
    let home: string;
    let place: Place;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'flowsight-ml-'));
      place = await make(join(home, 'database'));
      await place.client.query(`CREATE SCHEMA ${identifier(schema)}`);
      await fillTables(place.client, schema, [
        telemetry({ rows: 300, device: 'a', leak: { from: 200, to: 220 }, label: 'leak' }),
        telemetry({ rows: 40, device: 'b' }),
        telemetry({ rows: 300, device: 'c', seed: 3 }),
      ]);
      await place.client.query(
        `INSERT INTO ${identifier(schema, 'device_shadows')} VALUES ('c', 'online'), ('a', 'offline')`,
      );
    });
    after(async () => {
      await place.client.query(`DROP SCHEMA ${identifier(schema)} CASCADE`);
      await place.client.close();
      await rm(home, { recursive: true, force: true });
    });

    afterEach(unloadFlow);
    const folder = temporaryFolder();

    const start = (config: object = {}, database: object = place.config): Promise<void> =>
      loadFlow(
        [mlDatabase, mlTrain],
        [
          { id: 'database', type: 'ml-database', ...database },
          {
            ...{ id: 'train', type: 'ml-train', wires: [['cards'], ['progress']] },
            ...{ model: 'pumps', algorithm: 'mad', source: 'history', database: 'database' },
            historyTable: `${schema}.device_shadow_history`,
            ...config,
          },
          { id: 'cards', type: 'helper' },
          { id: 'progress', type: 'helper' },
        ],
        { userDir: folder() },
        { database: place.credentials },
      );
    const cancel = (): void => {
      tell({ action: 'cancel' }).catch((error: unknown) => should.not.exist(error));
    };
    /** In the days of the tables. */
    const asked = { from: START_MS, hours: 24 };
    const tell = (message: Message = {}): ReturnType<typeof give> =>
      give(runningNode('train'), { ...asked, ...message });

    describe('trains one device that is asked for', () => {
      it('from a JSON document a row', async () => {
        await start();
        const { sent, error } = await tell({ device: 'a', topic: 'plant', _msgid: 'm' });
        should(error).be.undefined();
        const [[message]] = sent as [[Message]];
        message.should.have.only.keys('_msgid', 'topic', 'payload', 'device', 'model');
        const [card] = cardsOf(sent);
        should(card).containEql({ name: 'pumps', device: 'a', version: 1, rows: 300, active: true });
        card!.features.should.eql(['flow', 'motor.current']);
        card!.stepMs.should.equal(MINUTE_MS);
        card!.span.from.should.equal(new Date(START_MS).toISOString());
      });

      it('from a value a row', async () => {
        await start({
          historyLayout: 'narrow',
          historyTable: `${schema}.tags`,
          historyDevice: 'pump',
          historyTime: 'when',
          historyMetric: 'tag',
          historyValue: 'number',
        });
        const [card] = cardsOf((await tell({ device: 'c' })).sent);
        [...card!.features].sort().should.eql(['flow', 'pressure']);
        card!.rows.should.equal(300);
      });

      it('from a column for each field, with labels', async () => {
        await start({ historyLayout: 'wide', historyTable: `${schema}.telemetry` });
        const [card] = cardsOf((await tell({ device: 'a' })).sent);
        card!.features.should.eql(['flow', 'temperature']);
        card!.rows.should.equal(280);
        card!.metrics.labelledRows!.should.equal(20);
      });

      it('from what SQL gives', async () => {
        const historySql = `SELECT timestamp, flow * 2 AS doubled FROM ${schema}.telemetry
          WHERE device = $device AND timestamp >= $from AND timestamp < $to ORDER BY timestamp`;
        await start({ historyLayout: 'sql', historySql });
        const [card] = cardsOf((await tell({ device: 'c' })).sent);
        card!.features.should.eql(['doubled']);
        card!.rows.should.equal(300);
      });

      it('from the fields that are named', async () => {
        await start({ fields: 'motor.current' });
        const [card] = cardsOf((await tell({ device: 'c' })).sent);
        card!.features.should.eql(['motor.current']);
      });

      it('from the hours that are asked for', async () => {
        await start();
        const [card] = cardsOf((await tell({ device: 'c', hours: 2 })).sent);
        card!.rows.should.equal(120);
      });

      it('to forecast a field', async () => {
        await start({ task: 'forecast', target: 'flow', algorithm: 'seasonal-naive', horizon: '10 min' });
        const [card] = cardsOf((await tell({ device: 'c' })).sent);
        should(card).containEql({ device: 'c', field: 'flow', horizon: 10 });
      });
    });

    it('trains all devices, goes on past one that fails, and says which', async () => {
      await start();
      const { sent, error } = await tell();
      should(cardsOf(sent).map(({ device }) => device)).eql(['a', 'c']);
      should(error?.message).equal(
        '1 of 3 trainings failed. "pumps" for b: 40 readings came; at least 100 are needed. Collect more, then train again.',
      );
    });

    it('trains those that are online', async () => {
      await start({ historyDevices: 'online' });
      const { sent, error } = await tell({ device: '*' });
      should(error).be.undefined();
      should(cardsOf(sent).map(({ device }) => device)).eql(['c']);
    });

    it('trains one model for all', async () => {
      await start({ shared: true });
      const { sent } = await tell();
      should(cardsOf(sent).map(({ device, rows }) => ({ device, rows }))).eql([{ device: '*', rows: 640 }]);
    });

    it('learns rows that are averaged in the database, and takes their time for its step', async () => {
      await start({ historyBucket: '120', minRows: '50' });
      const [card] = cardsOf((await tell({ device: 'c' })).sent);
      card!.stepMs.should.equal(2 * MINUTE_MS);
      // The newest step may not be over yet.
      card!.rows.should.equal(149);
      const store = openStore(join(folder(), 'flowsight-ml'), { report: () => undefined });
      const { artifact } = (await store.models.active({ name: 'pumps', device: 'c' }))!;
      should(artifact.kind === 'detector' && artifact.pipeline).containEql({ stepGiven: true, aggregation: 'mean' });
      await store.release();
    });

    it('says that it reads, then that it trains', async () => {
      await start();
      const states: string[] = [];
      runningNode('progress').on('input', ({ payload }) => states.push((payload as TrainingProgress).state));
      const shown = nextStatus(runningNode('train'), ({ fill }) => fill === 'green');
      await tell({ device: 'c' });
      await shown;
      should([...new Set(states)]).eql(['waiting', 'reading', 'training', 'trained']);
    });

    it('is cancelled quietly while it reads', async () => {
      await start();
      const ended = new Promise<readonly TrainingProgress[]>((resolve) => {
        const told: TrainingProgress[] = [];
        runningNode('progress').on('input', ({ payload }) => {
          const progress = payload as TrainingProgress;
          if (progress.state === 'reading' && told.length === 0) cancel();
          if (progress.state === 'cancelled') told.push(progress);
          if (told.length === 3) resolve(told);
        });
      });
      const { sent, error } = await tell();
      should(error).be.undefined();
      should(sent).be.empty();
      should((await ended).map(({ device }) => device).sort()).eql(['a', 'b', 'c']);
      // The queue is free again.
      should(cardsOf((await tell({ device: 'c' })).sent)).have.length(1);
    });

    if (what === SERVER) {
      it('says that the connection was lost in the middle of a read, and trains the next time', async () => {
        const slow = `SELECT device, timestamp, flow, temperature FROM ${identifier(schema, 'telemetry')}
          WHERE device = $device AND pg_sleep(0.005) IS NOT NULL`;
        await start({ historyLayout: 'sql', historySql: slow });
        const other = serverClient(SERVER_URL!);
        const training = tell({ device: 'c' });
        let ended: readonly object[] = [];
        while (ended.length === 0) {
          ended = await other.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND query LIKE 'FETCH%' AND state = 'active'
               AND EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid AND relation = $1::regclass)`,
            [identifier(schema, 'telemetry')],
          );
        }
        const { sent, error } = await training;
        should(sent).be.empty();
        should(error?.message).match(
          /^"pumps" for c: The database .* says: .*The connection was lost; ask again when the database is back\.$/,
        );
        await (runningNode('database') as unknown as MlDatabaseNode).database.whenConnected();
        should(cardsOf((await tell({ device: 'c' })).sent)).have.length(1);
        await other.close();
      });

      it('is cancelled at once while the database lets it wait', async () => {
        await start();
        const other = serverClient(SERVER_URL!);
        await other.transaction(async (session) => {
          await session.query(`LOCK TABLE ${identifier(schema, 'device_shadow_history')} IN ACCESS EXCLUSIVE MODE`);
          runningNode('progress').on('input', ({ payload }) => {
            if ((payload as TrainingProgress).state === 'reading') cancel();
          });
          should(await tell({ device: 'a' })).eql({ sent: [] });
        });
        await other.close();
      });
    }

    it('trains all devices again on a schedule, and tells what failed', async () => {
      await start({ retrainHours: '0.0003', historyRange: '520 w' });
      const failed = new Promise<string>((resolve) => {
        (runningNode('train') as unknown as NodeJS.EventEmitter).on('call:error', ({ args }: { args: [string] }) =>
          resolve(args[0]),
        );
      });
      const [card, other] = await arrivals('cards', 2);
      should(await failed).match(/^1 of 3 trainings failed\. "pumps" for b: 40 readings came/);
      should([card!.device, other!.device]).eql(['a', 'c']);
      card!.should.have.only.keys('_msgid', 'payload', 'device', 'model');
    });

    describe('says in a sentence what is wrong:', () => {
      const wrong: readonly (readonly [string, object, Message, RegExp])[] = [
        ['the table', { historyTable: `${schema}.none` }, {}, /none" does not exist.*Check the name of the table/],
        [
          'a column',
          { historyTime: 'at' },
          { device: 'a' },
          /device_shadow_history" has no column "at" for the time; it has "device_uuid"/,
        ],
        ['the device', {}, { device: `'; DROP TABLE x; --` }, /No readings are in the database from 2026-05-04T00/],
        ['the time', {}, { device: 'a', from: '2031-01-01' }, /No readings are in the database from 2031-01-01T00/],
        ['the range', {}, { hours: 'all' }, /msg\.hours must be a number/],
        ['no database', { database: '' }, {}, /database this node uses is missing/],
        ['no SQL', { historyLayout: 'sql' }, {}, /give the SQL that past readings are read with/],
        ['the layout', { historyLayout: 'tall' }, {}, /historyLayout must be one of shadow, narrow/],
        ['how far back', { historyRange: 'a week' }, {}, /historyRange must be a time such as "24 h"/],
        ['the bucket', { historyBucket: '-1' }, {}, /historyBucket must be/],
      ];
      for (const [which, config, message, sentence] of wrong) {
        it(which, async () => {
          await start(config);
          const { sent, error } = await tell(message);
          should(sent).be.empty();
          should(error?.message).match(sentence);
        });
      }

      it('the database is away', async () => {
        const inside = join(folder(), 'file');
        await writeFile(inside, 'a file, so that no folder can be here');
        const away =
          what === SERVER
            ? { kind: 'server', address: 'fields', host: '127.0.0.1', port: '1' }
            : { kind: 'embedded', folder: join(inside, 'data') };
        await start({}, away);
        await nextStatus(runningNode('train'), ({ text }) => text === 'disconnected');
        const { error } = await tell({ device: 'a' });
        should(error?.message).match(
          /^("pumps" for a: )?The database .*It is tried again; until then nothing can be read/,
        );
      });
    });
  });
}
