import should from 'should';
import { migrate } from '#lib/postgres/migrations';
import { storedForecasts } from '#lib/postgres/results/stored-forecasts';
import { storedAnomalies, storedEvents, storedScores } from '#lib/postgres/results/stored-results';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { databases, warmUp, withSchema } from '../support/databases';

const minute = (i: number): string => new Date(Date.UTC(2026, 4, 3, 14, i)).toISOString();
const HOSTILE = `x'; DROP TABLE events; --"\\`;

for (const { what, open } of databases) {
  describe(`what was stored, on ${what},`, function () {
    this.timeout(60_000);
    let client: SqlClient;
    before(warmUp(open));
    beforeEach(async () => (client = await open()));
    afterEach(() => client.close());

    const insert = async (schema: string, table: string, row: Record<string, unknown>): Promise<void> => {
      const names = Object.keys(row);
      await client.query(
        `INSERT INTO ${identifier(schema, table)} (id, ${names.map((name) => identifier(name)).join(', ')})
         VALUES (gen_random_uuid(), ${names.map((_, i) => `$${i + 1}`).join(', ')})`,
        Object.values(row).map((value) =>
          typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
        ),
      );
    };
    const model = { model_name: 'health', model_version: 2, algorithm: 'mad' };
    const verdict = { device: 'pump-1', ...model, score: 0.9, raw_score: 5, threshold: 0.7, severity: 'critical' };
    const withTables = (work: (schema: string) => Promise<void>): Promise<void> =>
      withSchema(client, async (schema) => {
        await migrate(client, schema);
        await work(schema);
      });

    it('comes back in the words of the messages, newest first', () =>
      withTables(async (schema) => {
        const contributions = [{ feature: 'flow', value: 9, expected: [1, 2], share: 1 }];
        for (const i of [1, 3, 2]) {
          await insert(schema, 'anomaly_detections', { ...verdict, timestamp: minute(i), contributions });
        }
        const found = await storedAnomalies(client, schema, { limit: 2 });
        should(found.map(({ timestamp }) => timestamp)).eql([minute(3), minute(2)]);
        should(found[0]).eql({
          device: 'pump-1',
          model: { name: 'health', version: 2, algorithm: 'mad' },
          timestamp: minute(3),
          isAnomaly: true,
          score: 0.9,
          rawScore: 5,
          threshold: 0.7,
          severity: 'critical',
          contributions,
        });

        const unknown = { ...verdict, score: null, raw_score: null, severity: 'unknown' };
        const more = { is_anomaly: false, missing: ['flow'], scoring_ms: 1.5 };
        await insert(schema, 'anomaly_scores', { ...unknown, ...more, timestamp: minute(0) });
        should(await storedScores(client, schema, { limit: 10 })).containDeep([
          { score: null, rawScore: null, isAnomaly: false, severity: 'unknown', missing: ['flow'], scoringMs: 1.5 },
        ]);
      }));

    it('gives events as they were told', () =>
      withTables(async (schema) => {
        const event = { event_id: 'e-1', device: 'pump-1', ...model, severity: 'warning', since: minute(0) };
        const raised = { ...event, type: 'raised', text: 'It is hot.', details: { peakScore: 0.9 } };
        await insert(schema, 'events', { ...raised, created_at: minute(1) });
        const cleared = { ...event, type: 'cleared', text: 'It is over.', details: {}, until: minute(5) };
        await insert(schema, 'events', { ...cleared, created_at: minute(6) });
        const [last, first] = await storedEvents(client, schema, { limit: 10 });
        should(first).eql({
          peakScore: 0.9,
          type: 'raised',
          id: 'e-1',
          device: 'pump-1',
          model: { name: 'health', version: 2, algorithm: 'mad' },
          severity: 'warning',
          since: minute(0),
          text: 'It is hot.',
          createdAt: minute(1),
        });
        should(last).containEql({ type: 'cleared', until: minute(5) });
        should(await storedEvents(client, schema, { type: 'raised', limit: 10 })).have.length(1);
      }));

    it('is found by device, model, severity and time, each meant exactly', () =>
      withTables(async (schema) => {
        const rows = [
          { device: 'pump-1', model_name: 'health', severity: 'warning', timestamp: minute(0) },
          { device: 'pump-1', model_name: 'other', severity: 'critical', timestamp: minute(1) },
          { device: 'PUMP-1', model_name: 'health', severity: 'critical', timestamp: minute(2) },
          { device: HOSTILE, model_name: HOSTILE, severity: 'warning', timestamp: minute(3) },
        ];
        for (const row of rows) await insert(schema, 'anomaly_detections', { ...verdict, ...row, contributions: [] });
        const minutes = async (filter: object): Promise<number[]> =>
          (await storedAnomalies(client, schema, { limit: 100, ...filter })).map(({ timestamp }) =>
            new Date(timestamp).getUTCMinutes(),
          );
        should(await minutes({})).eql([3, 2, 1, 0]);
        should(await minutes({ device: 'pump-1' })).eql([1, 0]);
        should(await minutes({ device: 'pump_1' })).eql([]);
        should(await minutes({ device: 'pump-%' })).eql([]);
        should(await minutes({ model: 'health' })).eql([2, 0]);
        should(await minutes({ severity: 'critical', model: 'health' })).eql([2]);
        should(await minutes({ fromMs: Date.parse(minute(1)), toMs: Date.parse(minute(3)) })).eql([2, 1]);
        for (const name of ['device', 'model']) should(await minutes({ [name]: HOSTILE })).eql([3]);
        should(await minutes({ device: 'pump\0-1' })).eql([1, 0]);
        should(await minutes({ severity: "' OR true --" })).eql([]);
      }));

    it('of forecasts: is the newest one of each field, with what came of it', () =>
      withTables(async (schema) => {
        const forecast = { device: 'pump-1', ...model, lower: 0, upper: 10, level: 0.9 };
        for (const [field, madeAt, value] of [
          ['flow', 0, 4],
          ['flow', 10, 5],
          ['level', 0, 6],
        ] as const) {
          for (let i = 1; i <= 3; i++) {
            const times = { made_at: minute(madeAt), timestamp: minute(madeAt + 10 * i) };
            await insert(schema, 'metric_forecasts', { ...forecast, ...times, field, value: value + i });
          }
        }
        const measured = [
          [20, { flow: 6 }],
          [25, { flow: 8, level: 1 }],
          [26, { flow: null }],
          [29, { level: 2, flow: 'x' }],
          [45, { flow: 9 }],
          [50, { flow: 100 }],
        ] as const;
        for (const [i, values] of measured) {
          await insert(schema, 'metrics_history', { device: 'pump-1', timestamp: minute(i), values });
          await insert(schema, 'metrics_history', { device: 'pump-2', timestamp: minute(i), values: { flow: -1 } });
        }
        const found = await storedForecasts(client, schema, { device: 'pump-1', limit: 10 });
        should(found.map(({ field, madeAt }) => [field, madeAt])).eql([
          ['flow', minute(10)],
          ['level', minute(0)],
        ]);
        should(found[0]).eql({
          device: 'pump-1',
          field: 'flow',
          model: { name: 'health', version: 2, algorithm: 'mad' },
          madeAt: minute(10),
          level: 0.9,
          points: [
            { timestamp: minute(20), value: 6, lower: 0, upper: 10, actual: 7 },
            { timestamp: minute(30), value: 7, lower: 0, upper: 10 },
            { timestamp: minute(40), value: 8, lower: 0, upper: 10, actual: 9 },
          ],
        });
        should(await storedForecasts(client, schema, { device: 'pump-1', field: 'level', limit: 10 })).have.length(1);
        should(await storedForecasts(client, schema, { device: 'pump-1', model: 'x', limit: 10 })).eql([]);
        should(await storedForecasts(client, schema, { device: HOSTILE, field: HOSTILE, limit: 10 })).eql([]);
        const [earlier] = await storedForecasts(client, schema, {
          device: 'pump-1',
          field: 'flow',
          toMs: Date.parse(minute(5)),
          limit: 10,
        });
        should(earlier!.madeAt).equal(minute(0));
      }));
  });
}
