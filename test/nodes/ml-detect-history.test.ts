import { join } from 'node:path';
import should from 'should';
import type { ReadingTable } from '#lib/core/readings';
import type { Anomaly } from '#lib/detection/anomaly';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import type { PipelineOptions } from '#lib/readings/fit-pipeline';
import { openStore } from '#lib/store/open-store';
import { train } from '#lib/training/train';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlDetect from '#nodes/ml-detect/ml-detect';
import { serverClient, SERVER_URL } from '../support/databases';
import { give, loadFlow, type Message, type Outcome, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { MINUTE_MS, START_MS, telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const SERVER = 'a PostgreSQL server';
const places = ['an embedded database', ...(SERVER_URL === undefined ? [] : [SERVER])];

/** A day of the pump, with a leak in its minutes 100 to 119. */
const DAY = telemetry({ rows: 300, seed: 8, leak: { from: 100, to: 120 } });
const iso = (minute: number): string => new Date(START_MS + minute * MINUTE_MS).toISOString();

for (const what of places) {
  describe(`ml-detect with past readings in ${what}`, function () {
    this.timeout(60_000);
    const schema = `test_detect_history_${process.pid}`;
    const table = identifier(schema, 'metrics');
    let client: SqlClient;

    afterEach(async () => {
      await unloadFlow();
      await client.query(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
      await client.close();
    });
    const folder = temporaryFolder();
    beforeEach(async () => {
      client =
        what === SERVER ? serverClient(SERVER_URL!) : await openSharedEmbedded(join(folder(), 'data'), __dirname);
      await client.query(`CREATE SCHEMA ${identifier(schema)}`);
      await client.query(`CREATE TABLE ${table} (device text, metric text, timestamp timestamptz, value float8)`);
      await keep(DAY);
      await save({});
    });

    async function keep({ device, fields, timestampsMs, data }: ReadingTable): Promise<void> {
      const rows = [...data].map((value, i) => ({
        metric: fields[i % fields.length],
        at: new Date(timestampsMs[Math.floor(i / fields.length)]!).toISOString(),
        value,
      }));
      await client.query(
        `INSERT INTO ${table} SELECT $1, metric, at, value
         FROM jsonb_to_recordset($2::jsonb) AS r(metric text, at timestamptz, value float8)`,
        [device, JSON.stringify(rows)],
      );
    }
    async function save(pipeline: PipelineOptions, name = 'pump'): Promise<void> {
      const store = openStore(join(folder(), 'flowsight-ml'), { report: () => undefined });
      const artifact = await train(
        detectionRequest({
          name,
          device: '*',
          algorithm: 'mad',
          pipeline,
          tables: [telemetry({ rows: 300 })],
        }),
      );
      await store.models.save(artifact, true);
      await store.release();
    }
    const start = (config: object = {}): Promise<void> =>
      loadFlow(
        [mlDatabase, mlDetect],
        [
          what === SERVER
            ? { id: 'database', type: 'ml-database', kind: 'server', address: 'url' }
            : { id: 'database', type: 'ml-database', kind: 'embedded', folder: 'data' },
          {
            ...{ id: 'detect', type: 'ml-detect', wires: [[], []], model: 'pump', source: 'history' },
            ...{ database: 'database', historyLayout: 'narrow', historyTable: `${schema}.metrics`, ...config },
          },
        ],
        { userDir: folder() },
        what === SERVER ? { database: { url: SERVER_URL } } : {},
      );
    const tell = (message: Message): Promise<Outcome> => give(runningNode('detect'), { device: 'pump-1', ...message });
    async function verdicts(message: Message): Promise<readonly Anomaly[]> {
      const { sent, error } = await tell(message);
      if (error) throw error;
      return (sent[0] as Message).anomaly as Anomaly[];
    }
    const odd = (anomalies: readonly Anomaly[]): string[] =>
      anomalies.filter(({ isAnomaly }) => isAnomaly).map(({ timestamp }) => timestamp);

    it('judges the stretch of time that a message asks for', async () => {
      await start();
      const found = await verdicts({ from: iso(90), to: iso(150), payload: 'kept' });
      should(found.map(({ timestamp }) => timestamp)).eql(Array.from({ length: 60 }, (_, i) => iso(90 + i)));
      const leak = Array.from({ length: 20 }, (_, i) => iso(100 + i));
      should(odd(found).filter((time) => leak.includes(time))).eql(leak);
      should(odd(found).length).be.below(23);
      const { sent } = await tell({ from: iso(100), to: iso(101), payload: 'kept' });
      should((sent[0] as Message).payload).equal('kept');
      should((sent[0] as Message).anomaly)
        .be.an.Array()
        .and.have.length(1);
    });

    it('reads what the model looks back on as well, so that the first verdict is worth as much as the last', async () => {
      const meanOf9 = { window: 9, mean: true, deviation: false, minimum: false, maximum: false };
      await save({ features: [{ field: 'flow', ...meanOf9, lags: [], rate: false }] }, 'windows');
      await start({ model: 'windows' });
      const all = await verdicts({ from: iso(0), to: iso(150) });
      should(
        all.slice(0, 8).every(({ note }) => (note ?? '').includes('earlier readings that are not there')),
      ).be.true();
      should(await verdicts({ from: iso(90), to: iso(150) })).eql(all.slice(90));
    });

    it('reads no fields that the model does not look at', async () => {
      await save({ fields: ['flow'] }, 'flow');
      await client.query(`DELETE FROM ${table} WHERE metric <> 'flow'`);
      await start({ model: 'flow' });
      should(await verdicts({ from: iso(0), to: iso(10) })).have.length(10);
    });

    const refused: [what: string, message: Message, code: string, sentence: RegExp][] = [
      ['no device', { device: '' }, 'PARAMETER', /msg\.device must say whose past readings/],
      ['a device without a model', { model: 'other' }, 'NOT_FOUND', /no trained model "other" for "pump-1"/],
      ['a time without readings', { from: iso(900), to: iso(950) }, 'TOO_FEW_ROWS', /pump-1 has no readings from 2026/],
      ['a hostile name', { device: `'; DROP TABLE ${table}; --` }, 'TOO_FEW_ROWS', /has no readings/],
      ['a time that is none', { from: 'soon' }, 'DATA', /msg\.from/],
    ];
    for (const [name, message, code, sentence] of refused) {
      it(`says what is wrong with ${name}`, async () => {
        await start();
        const { error, sent } = await tell(message);
        should(sent).eql([]);
        should(error?.message).match(sentence);
        should(error).have.property('code', code);
        should(await client.query(`SELECT count(*)::int AS n FROM ${table}`)).eql([{ n: 1200 }]);
      });
    }

    it('says what the database says of a table that is not there', async () => {
      await start({ historyTable: `${schema}.none` });
      const { error } = await tell({ from: iso(0), to: iso(10) });
      should(error?.message).match(/none" does not exist/);
      should(error).have.property('code', 'DATABASE');
    });
  });
}
