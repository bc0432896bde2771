// Over 300 lines: each action is asked of the same stored rows, on every database.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import should from 'should';
import * as simple from 'simple-statistics';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import type { StoredForecast } from '#lib/postgres/results/stored-forecasts';
import type { StoredAnomaly, StoredEvent } from '#lib/postgres/results/stored-results';
import type { ResultsWriter } from '#lib/postgres/results/results-writer';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import type { ReadingStatistics } from '#lib/readings/reading-statistics';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlModelStore from '#nodes/ml-model-store/ml-model-store';
import mlStore from '#nodes/ml-store/ml-store';
import { serverClient, SERVER_URL } from '../support/databases';
import {
  arrivals,
  type FlowNode,
  give,
  loadFlow,
  type Message,
  type NodeModule,
  runningNode,
  unloadFlow,
} from '../support/flow';
import { telemetry } from '../support/telemetry';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const splitAndJoin = require('@node-red/nodes/core/sequence/17-split.js') as NodeModule;

const HOSTILE = `'; DROP SCHEMA public; --"\\ $device`;
const minute = (i: number): string => new Date(Date.UTC(2026, 4, 3, 14, i)).toISOString();
const RANGE = { from: minute(0), to: minute(600) };

/** As `ml-database` is told, and as the test reaches the same database. */
const places: readonly (readonly [string, object, object, (folder: string) => Promise<SqlClient>])[] = [
  [
    'an embedded database',
    { kind: 'embedded', folder: 'embedded' },
    {},
    (folder) => openSharedEmbedded(join(folder, 'embedded'), folder),
  ],
  ...(SERVER_URL === undefined
    ? []
    : [
        [
          'a PostgreSQL server',
          { kind: 'server', address: 'url' },
          { url: SERVER_URL },
          () => Promise.resolve(serverClient(SERVER_URL!)),
        ] as const,
      ]),
];

for (const [what, config, credentials, open] of places) {
  describe(`ml-model-store with ${what}`, function () {
    this.timeout(90_000);
    const schema = `test_data_${process.pid}`;
    let folder: string;
    let client: SqlClient;
    // Open all the time: an embedded database takes seconds to start.
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'flowsight-'));
      client = await open(folder);
    });
    after(async () => {
      await client.close();
      await rm(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      await unloadFlow();
      await client.query(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
    });

    const start = (settings: object = {}, more: readonly FlowNode[] = []): Promise<void> =>
      loadFlow(
        [mlDatabase, mlStore, mlModelStore, splitAndJoin],
        [
          { id: 'database', type: 'ml-database', schema, keepDays: '0', ...config },
          { id: 'asked', type: 'ml-model-store', database: 'database', wires: [['next']], ...settings },
          ...more,
        ],
        { userDir: folder },
        { database: credentials },
      );
    const writer = (): ResultsWriter => (runningNode('database') as unknown as { results: ResultsWriter }).results;
    const answer = async (message: Message): Promise<Message> => {
      const { sent, error } = await give(runningNode('asked'), message);
      if (error !== undefined) throw error;
      sent.should.have.length(1);
      return sent[0] as Message;
    };
    const ask = async (message: Message): Promise<unknown> => (await answer(message)).payload;
    /** Waits until all that was handed over has been written. */
    const written = async (): Promise<void> => {
      while (writer().status.waiting > 0) await setTimeout(10);
    };
    const rows = (device = 'pump-1', count = 50): Message[] =>
      Array.from({ length: count }, (_, i) => ({
        device,
        timestamp: minute(i),
        flow: 10 + (i % 7),
        motor: { current: i / 8 },
        label: i < 40 ? 'normal' : 'leak',
      }));
    const flat = ({ motor, ...row }: Message): Message => ({
      ...row,
      'motor.current': (motor as { current: number }).current,
    });

    it('writes readings and gives them back as a batch, cut where there are too many', async () => {
      await start();
      should(await ask({ action: 'write', payload: rows() })).eql({ readings: 50 });
      should(await ask({ action: 'write', device: HOSTILE, payload: { timestamp: minute(1), flow: 1 } })).eql({
        readings: 1,
      });
      await written();
      should(await ask({ action: 'readings', device: HOSTILE, ...RANGE })).have.length(1);
      should(await ask({ action: 'readings', device: 'pump-1', ...RANGE })).eql(rows().map(flat));

      const message = await answer({ action: 'readings', device: 'pump-1', ...RANGE, limit: 7, topic: 'kept' });
      should(message).containEql({ truncated: true, topic: 'kept' });
      should(message.payload).eql(rows().slice(0, 7).map(flat));
      should(await answer({ action: 'readings', device: 'pump-1', ...RANGE })).containEql({ truncated: false });
      should(await ask({ action: 'readings', ...RANGE })).have.length(51);
      should(await ask({ action: 'readings', from: minute(10), to: minute(12), fields: 'flow' })).eql(
        rows()
          .slice(10, 12)
          .map(({ device, timestamp, flow, label }) => ({ device, timestamp, flow, label })),
      );
      should(await ask({ action: 'readings', device: 'pump-2', ...RANGE })).eql([]);
    });

    it('describes readings as a plain computation does', async () => {
      await start();
      await ask({ action: 'write', payload: [...rows('pump-1'), ...rows('pump-2', 5)] });
      await written();
      const described = (await ask({ action: 'statistics', device: 'pump-1', ...RANGE })) as ReadingStatistics;
      const { fields, ...others } = described;
      should(others).eql({
        device: 'pump-1',
        readings: 50,
        from: minute(0),
        to: minute(49),
        durationMs: 49 * 60_000,
        labels: { normal: 40, leak: 10 },
        sampled: false,
      });
      const flow = rows().map((row) => row.flow as number);
      fields.flow!.mean.should.be.approximately(simple.mean(flow), 1e-12);
      fields.flow!.deviation!.should.be.approximately(simple.sampleStandardDeviation(flow), 1e-12);
      should(fields.flow!.quantiles.p95).equal(simple.quantile(flow, 0.95));
      should([fields.flow!.count, fields.flow!.min, fields.flow!.max]).eql([50, 10, 16]);
      const [{ sd, p25 } = { sd: NaN, p25: NaN }] = await client.query<{ sd: number; p25: number }>(
        `SELECT stddev((("values" -> 'motor.current')::float8)) AS sd,
           percentile_cont(0.25) WITHIN GROUP (ORDER BY ("values" -> 'motor.current')::float8) AS p25
         FROM ${identifier(schema, 'metrics_history')} WHERE device = 'pump-1'`,
      );
      fields['motor.current']!.deviation!.should.be.approximately(sd, 1e-12);
      should(fields['motor.current']!.quantiles.p25).equal(p25);
      const all = (await ask({ action: 'statistics', ...RANGE })) as (ReadingStatistics & { device: string })[];
      should(all.map(({ device, readings }) => [device, readings])).eql([
        ['pump-1', 50],
        ['pump-2', 5],
      ]);
    });

    it('exports readings in pieces that a join node puts together', async () => {
      await start({}, [
        { id: 'next', type: 'join', mode: 'auto', build: 'string', wires: [['joined']] },
        { id: 'joined', type: 'helper' },
      ]);
      await ask({ action: 'write', payload: [...rows('pump-1'), ...rows('=pump,2', 5)] });
      await written();
      const exported = async (format: string): Promise<string> => {
        const arrived = arrivals('joined', 1);
        runningNode('asked').receive({ action: 'export-readings', format, ...RANGE });
        return (await arrived)[0]!.payload as string;
      };
      should(JSON.parse(await exported('json'))).eql([...rows('=pump,2', 5), ...rows('pump-1')].map(flat));
      const csv = (await exported('csv')).split('\r\n');
      csv.should.have.length(57);
      should([csv[0], csv[1], csv[56]]).eql([
        'device,timestamp,flow,motor.current,label',
        `"'=pump,2",${minute(0)},10,0,normal`,
        '',
      ]);

      const message = { action: 'export-readings', format: 'csv', ...RANGE, parts: { id: 'outer', index: 0 } };
      const { sent } = await give(runningNode('asked'), message);
      const pieces = sent as (Message & { parts: Message })[];
      pieces.length.should.be.above(1);
      pieces.forEach(({ parts, complete }, index) => {
        const isLast = index === pieces.length - 1;
        should(parts).containEql({ index, type: 'string', ch: '', parts: { id: 'outer', index: 0 } });
        should(parts.count).equal(isLast ? pieces.length : undefined);
        should(complete).equal(isLast ? true : undefined);
      });
    });

    it('ends an export when it closes, and sends nothing more', async () => {
      await start();
      should(await ask({ action: 'readings', ...RANGE })).eql([]);
      await client.query(
        `INSERT INTO ${identifier(schema, 'metrics_history')} (id, device, "timestamp", "values")
         SELECT gen_random_uuid(), 'pump-1', $1::timestamptz + i * interval '1 s', '{"flow": 1}'
         FROM generate_series(0, 11999) AS i`,
        [minute(0)],
      );
      const whole = await give(runningNode('asked'), { action: 'export-readings', ...RANGE });
      const cut = give(runningNode('asked'), { action: 'export-readings', ...RANGE });
      const closingMs = performance.now();
      await unloadFlow();
      (performance.now() - closingMs).should.be.below(8000);
      const { sent, error } = await cut;
      should(error).be.undefined();
      should(sent.length).be.below(whole.sent.length);
    });

    it('writes what it was given before it closes', async () => {
      await start();
      should(await ask({ action: 'readings', ...RANGE })).eql([]);
      const waits = give(runningNode('asked'), { action: 'statistics', ...RANGE });
      const given = give(runningNode('asked'), { action: 'write', payload: rows() });
      await unloadFlow();
      should((await waits).error).be.undefined();
      should((await given).error).be.undefined();
      const found = await client.query(`SELECT FROM ${identifier(schema, 'metrics_history')}`);
      should(found).have.length(50);
    });

    it('answers an HTTP request with one piece', async () => {
      await start();
      await ask({ action: 'write', payload: rows() });
      await written();
      const message = await answer({ action: 'export-readings', format: 'csv', fields: ['flow'], ...RANGE, res: {} });
      should(message.headers).eql({ 'content-type': 'text/csv; charset=utf-8' });
      should((message.payload as string).split('\r\n')[50]).equal(`pump-1,${minute(49)},10,leak`);
      should(message.parts).be.undefined();
    });

    it('gives results back in the words of the messages that they were in', async () => {
      await start();
      for (const action of ['anomalies', 'scores', 'events']) should(await ask({ action })).eql([]);
      const model = { name: 'health', version: 2, algorithm: 'mad' };
      const verdict = { device: 'pump-1', model, isAnomaly: true, score: 0.9, rawScore: 5, threshold: 0.7 };
      const contributions = [{ feature: 'flow', value: 9, expected: [1, 2], share: 1 }];
      const severities = ['warning', 'critical', 'warning'] as const;
      severities.forEach((severity, i) => {
        const scored = { ...verdict, severity, timestamp: minute(i), contributions, missing: [] };
        writer().detection(scored);
        writer().score(scored, 2.5);
        writer().detection({ ...scored, device: HOSTILE });
      });
      const event = {
        id: 'e-1',
        device: 'pump-1',
        model,
        severity: 'warning',
        since: minute(0),
        text: 'Hot.',
      } as const;
      writer().event({ ...event, type: 'raised', peakScore: 0.9 } as Parameters<ResultsWriter['event']>[0]);
      writer().forecast({
        ...{ device: 'pump-1', field: 'flow', model, stepMs: 60_000, level: 0.9 },
        points: [1, 2].map((i) => ({ timestamp: minute(i), value: i, lower: 0, upper: 9 })),
      });
      await ask({ action: 'write', payload: { device: 'pump-1', timestamp: minute(1), flow: 1.5 } });
      await written();

      const mine = (await ask({ action: 'anomalies', device: 'pump-1', severity: 'warning' })) as StoredAnomaly[];
      should(mine.map(({ timestamp }) => timestamp)).eql([minute(2), minute(0)]);
      should(mine[0]).eql({ ...verdict, severity: 'warning', timestamp: minute(2), contributions });
      should(await ask({ action: 'anomalies', device: HOSTILE, model: 'health', limit: 2 })).have.length(2);
      should(await ask({ action: 'anomalies', from: minute(1), to: minute(2) })).have.length(2);
      should(await ask({ action: 'anomalies', model: HOSTILE })).eql([]);
      should(await ask({ action: 'anomalies' })).have.length(6);
      const scores = (await ask({ action: 'scores', device: 'pump-1' })) as unknown[];
      scores.should.have.length(3);
      should(scores[0]).containEql({ scoringMs: 2.5, missing: [] });
      const [told] = (await ask({ action: 'events', type: 'raised' })) as StoredEvent[];
      should(told).containEql({ ...event, type: 'raised', peakScore: 0.9 });
      should(await ask({ action: 'events', type: 'cleared' })).eql([]);
      const [forecast] = (await ask({ action: 'forecasts', device: 'pump-1' })) as StoredForecast[];
      should(forecast).containEql({ field: 'flow', madeAt: minute(0), level: 0.9 });
      should(forecast!.points).eql([
        { timestamp: minute(1), value: 1, lower: 0, upper: 9, actual: 1.5 },
        { timestamp: minute(2), value: 2, lower: 0, upper: 9 },
      ]);
    });

    it("reads the user's own tables", async () => {
      const { timestampsMs } = telemetry({ rows: 3, device: 'pump-1' });
      await start({ historyLayout: 'shadow', historyTable: `${schema}.device_shadow_history`, device: 'pump-1' });
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`);
      const table = identifier(schema, 'device_shadow_history');
      await client.query(`CREATE TABLE ${table} (device_uuid text, "timestamp" timestamptz, reported_state jsonb)`);
      for (const [i, ms] of timestampsMs.entries()) {
        const state = JSON.stringify({ system: { cpuUsage: i } });
        await client.query(`INSERT INTO ${table} VALUES ('pump-1', to_timestamp($1::float8 / 1000), $2)`, [ms, state]);
      }
      const from = timestampsMs[0];
      should(await ask({ action: 'readings', from, hours: 1 })).eql(
        Array.from(timestampsMs, (ms, i) => ({
          device: 'pump-1',
          timestamp: new Date(ms).toISOString(),
          'system.cpuUsage': i,
        })),
      );
    });

    it('says what is wrong with a request, and goes on', async () => {
      await start();
      const cases: readonly (readonly [Message, RegExp])[] = [
        [{ action: 'anomalies', severity: 'bad' }, /msg\.severity must be one of normal, warning, critical, unknown/],
        [{ action: 'scores', limit: 10_001 }, /msg\.limit may be 10000 at most/],
        [{ action: 'readings', limit: 100_001 }, /msg\.limit may be 100000 at most/],
        [{ action: 'events', limit: 0 }, /msg\.limit must be a whole number/],
        [{ action: 'events', device: {} }, /msg\.device must be a name/],
        [{ action: 'scores', from: 'yesterday' }, /msg\.from must be a time/],
        [{ action: 'scores', from: minute(1), to: minute(0) }, /msg\.from must be before msg\.to/],
        [{ action: 'scores', hours: -1 }, /msg\.hours must be/],
        [{ action: 'forecasts' }, /name the device/],
        [{ action: 'export-readings', format: 'xml' }, /msg\.format must be one of json, csv/],
        [{ action: 'statistics', fields: [1] }, /msg\.fields must be/],
        [{ action: 'write', payload: 'no numbers' }, /Expected an object of numbers/],
        [{ action: 'wipe' }, /msg\.action must be one of list, .*export-readings, write/],
      ];
      for (const [message, sentence] of cases) {
        const { sent, error } = await give(runningNode('asked'), message);
        should(error?.message).match(sentence);
        sent.should.be.empty();
      }
      should(await ask({ action: 'anomalies' })).eql([]);
    });
  });
}

describe('ml-model-store without a database', () => {
  afterEach(unloadFlow);

  it('says that one is needed for readings and results, and looks after models all the same', async () => {
    await loadFlow([mlStore, mlModelStore], [{ id: 'asked', type: 'ml-model-store' }], {});
    const { error } = await give(runningNode('asked'), { action: 'anomalies' });
    should(error!.message).match(/For the action anomalies, choose a database in the node's settings/);
    should((await give(runningNode('asked'), { action: 'list' })).error).be.undefined();
  });
});
