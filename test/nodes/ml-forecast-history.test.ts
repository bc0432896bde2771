import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import should from 'should';
import type { Reading } from '#lib/core/readings';
import type { Forecast } from '#lib/forecasting/forecast';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { toReadingTables } from '#lib/readings/reading-tables';
import { openStore } from '#lib/store/open-store';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlForecast from '#nodes/ml-forecast/ml-forecast';
import { serverClient, SERVER_URL } from '../support/databases';
import { give, loadFlow, type Message, nextStatus, type Outcome, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { fitted } from '../support/forecaster';
import { HOUR_MS, START_MS, temperature } from '../support/temperature';

const SERVER = 'a PostgreSQL server';
const places = ['an embedded database', ...(SERVER_URL === undefined ? [] : [SERVER])];

const HOURS = 240;
/** The hour that has just begun: the newest sample of what is stored. */
const NOW_HOUR_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

/** Ten days of temperatures up to now. */
function upToNow(device: string, from = 0, to = HOURS): Reading[] {
  const shiftMs = NOW_HOUR_MS - (START_MS + (HOURS - 1) * HOUR_MS);
  return temperature({ device, from, to }).map((reading) => ({
    ...reading,
    timestampMs: reading.timestampMs + shiftMs,
  }));
}

/** Without the noise. */
function expectedAt(timestamp: string): number {
  const hour = (Date.parse(timestamp) - NOW_HOUR_MS) / HOUR_MS + HOURS - 1;
  return 60 + 10 * Math.sin((2 * Math.PI * hour) / 24);
}

for (const what of places) {
  describe(`ml-forecast with past readings in ${what}`, function () {
    this.timeout(60_000);
    const schema = `test_forecast_history_${process.pid}`;
    let client: SqlClient;

    let home: string;

    before(async () => {
      home = await mkdtemp(join(tmpdir(), 'flowsight-ml-'));
      client = what === SERVER ? serverClient(SERVER_URL!) : await openSharedEmbedded(join(home, 'data'), __dirname);
    });
    after(async () => {
      await client.close();
      await rm(home, { recursive: true, force: true });
    });
    afterEach(async () => {
      await unloadFlow();
      await client.query(`DROP SCHEMA ${identifier(schema)} CASCADE`);
    });
    const folder = temporaryFolder();
    beforeEach(async () => {
      await client.query(`CREATE SCHEMA ${identifier(schema)}`);
      await client.query(`CREATE TABLE ${identifier(schema, 'metrics')}
        (device text, metric text, timestamp timestamptz, value float8)`);
    });

    const stored = async (readings: readonly Reading[]): Promise<void> => {
      const rows = readings.map(({ device, timestampMs, values }) => ({
        device,
        at: new Date(timestampMs).toISOString(),
        value: values.get('temperature'),
      }));
      await client.query(
        `INSERT INTO ${identifier(schema, 'metrics')} SELECT device, 'temperature', at, value
         FROM jsonb_to_recordset($1::jsonb) AS r(device text, at timestamptz, value float8)`,
        [JSON.stringify(rows)],
      );
    };
    const start = (config: object = {}): Promise<void> =>
      loadFlow(
        [mlDatabase, mlForecast],
        [
          what === SERVER
            ? { id: 'database', type: 'ml-database', kind: 'server', address: 'url' }
            : { id: 'database', type: 'ml-database', kind: 'embedded', folder: join(home, 'data') },
          {
            ...{ id: 'forecast', type: 'ml-forecast', wires: [[], []], database: 'database' },
            ...{ historyLayout: 'narrow', historyTable: `${schema}.metrics`, historyRange: '20 d', when: 'asked' },
            ...config,
          },
        ],
        { userDir: folder() },
        what === SERVER ? { database: { url: SERVER_URL } } : {},
      );
    const tell = (message: Message): Promise<Outcome> => give(runningNode('forecast'), message);
    const ask = (device: string): Promise<Outcome> => tell({ action: 'forecast', device });
    const forecastIn = ({ sent, error }: Outcome): Forecast => {
      if (error) throw error;
      return ([sent[0]].flat()[0] as Message).forecast as Forecast;
    };
    const train = async (readings: readonly Reading[], name = 'default'): Promise<void> => {
      const store = openStore(join(folder(), 'flowsight-ml'), { report: () => undefined });
      const table = toReadingTables(readings)[0]!;
      await store.models.save(
        await fitted({ table, series: { field: 'temperature' }, horizonMs: 24 * HOUR_MS }, name),
        true,
      );
      await store.release();
    };
    const iso = (ms: number): string => new Date(ms).toISOString();

    it('forecasts a device that it has never heard', async () => {
      await stored(upToNow('pump-1'));
      await start();
      const made = forecastIn(await ask('pump-1'));
      should(made).containEql({ device: 'pump-1', field: 'temperature', stepMs: HOUR_MS });
      // The newest hour may not be over.
      should([iso(NOW_HOUR_MS), iso(NOW_HOUR_MS + HOUR_MS)]).containEql(made.points[0]!.timestamp);
      for (const { timestamp, value } of made.points) {
        should(Math.abs(value - expectedAt(timestamp))).be.below(3, timestamp);
      }
    });

    it('brings a trained model up to now, which has learned from older readings', async () => {
      await train(upToNow('pump-1', 0, 150));
      await stored(upToNow('pump-1', 150));
      await start();
      const [first] = forecastIn(await ask('pump-1')).points;
      should(Date.parse(first!.timestamp)).be.aboveOrEqual(NOW_HOUR_MS);
      // Asked again, it has nothing more to read, and says the same.
      should(forecastIn(await ask('pump-1')).points[0]).eql(first);
    });

    it('fills the window of a device that has just come back', async () => {
      await train(upToNow('pump-1', 0, 120));
      await stored(upToNow('pump-1', 120, HOURS - 2));
      await start();
      for (const { timestampMs, values } of upToNow('pump-1', HOURS - 2)) {
        await tell({ payload: Object.fromEntries(values), timestamp: timestampMs, device: 'pump-1' });
      }
      const { points } = forecastIn(await ask('pump-1'));
      should(points).have.length(24);
      for (const { timestamp, value } of points) should(Math.abs(value - expectedAt(timestamp))).be.below(3, timestamp);
    });

    it('asks another model where a message names one, once', async () => {
      await train(upToNow('pump-1', 0, 150), 'other');
      await stored(upToNow('pump-1', 150));
      await start({ upperLimit: '0', raiseAfter: '1' });
      const outcome = await tell({ action: 'forecast', device: 'pump-1', model: 'other' });
      should(outcome.sent).have.length(1);
      // No event of a limit, which was set for another model.
      should(Array.isArray(outcome.sent[0])).be.false();
      const made = forecastIn(outcome);
      should(made.model).containEql({ name: 'other', version: 1 });
      should(Date.parse(made.points[0]!.timestamp)).be.aboveOrEqual(NOW_HOUR_MS);

      const problem = async (message: Message): Promise<string | undefined> =>
        (await tell({ action: 'forecast', model: 'other', ...message })).error?.message;
      should(await problem({ device: 'pump-2' })).match(/^There is no model "other" of pump-2: train one/);
      should(await problem({})).match(/msg\.model needs a device/);
      should(await problem({ device: 'pump-1', model: {} })).match(/msg\.model must be a name/);
    });

    it('says so where the database knows nothing of the device either', async () => {
      await start();
      should((await ask('pump-9')).error?.message).match(/No device "pump-9" has been heard here: check msg.device/);
      await stored(upToNow('pump-9', HOURS - 10));
      should((await ask('pump-9')).error?.message).match(/pump-9 cannot be forecast yet: \d+ of 100 samples/);
    });

    it('passes on what the database says', async () => {
      await start({ historyTable: `${schema}.none` });
      should((await ask('pump-1')).error?.message).match(/none" does not exist/);
    });

    it('shows how the database is connected', async () => {
      await start();
      const node = runningNode('forecast');
      const away = nextStatus(node, ({ text }) => text === 'waiting for data' || text === 'connected');
      should((await away).fill).not.equal('red');
    });
  });
}
