import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import should from 'should';
import { migrate } from '#lib/postgres/migrations';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { databases, warmUp, withSchema } from '../support/databases';

const guide = readFileSync(join(__dirname, '../../../docs/database.md'), 'utf8');
/** The guide's SELECTs. */
const questions = [...guide.matchAll(/```sql\n(SELECT [^`]+)```/g)].map(([, sql]) => sql!);

const MODEL = "'pump-health', 1, 'mahalanobis'";
const NOW = `'${new Date().toISOString()}'::timestamptz`;
const HOUR_AGO = `${NOW} - interval '1 hour'`;

/**
 * Two devices: pump-07 had two alarms, one of them critical, of 20 and 10 minutes; pump-08 has one that is open, and had
 * one long ago.
 */
async function fill(client: SqlClient, schema: string): Promise<void> {
  const insert = (table: string, values: string): Promise<unknown> =>
    client.query(`INSERT INTO ${identifier(schema, table)} VALUES (gen_random_uuid(), ${values})`);
  const event = (id: string, type: string, device: string, severity: string, hours: number, minutes?: number) => {
    const since = `${NOW} - interval '${hours} hours'`;
    const until = minutes === undefined ? 'NULL' : `${since} + interval '${minutes} minutes'`;
    const told = `${since} + interval '${minutes ?? (type === 'changed' ? 1 : 0)} minutes'`;
    const values = [`'${id}'`, `'${type}'`, `'${device}'`, MODEL, `'${severity}'`, since, until];
    return insert('events', [...values, `'${device} ${type}.'`, "'{}'", told].join(', '));
  };
  await event('a', 'raised', 'pump-07', 'warning', 30);
  await event('a', 'changed', 'pump-07', 'critical', 30);
  await event('a', 'cleared', 'pump-07', 'normal', 30, 20);
  await event('b', 'raised', 'pump-07', 'warning', 20);
  await event('b', 'cleared', 'pump-07', 'normal', 20, 10);
  await event('c', 'raised', 'pump-08', 'warning', 10);
  await event('d', 'raised', 'pump-08', 'warning', 900);
  await event('d', 'cleared', 'pump-08', 'normal', 900, 60);
  await event('e', 'no-data', 'pump-08', 'warning', 5);

  const anomaly = (reasons: object): Promise<unknown> =>
    insert('anomaly_detections', `'pump-07', ${NOW}, ${MODEL}, 0.8, 9, 0.7, 'warning', '${JSON.stringify(reasons)}'`);
  const [flow, speed] = [
    { feature: 'flow', share: 0.6 },
    { feature: 'speed', share: 0.3 },
  ];
  await anomaly([flow, speed]);
  await anomaly([{ ...flow, share: 0.8 }, speed]);
  await anomaly([speed]);

  // Points at 0 and 30 minutes and the end of that step; what came was 5 and 6, then 9.
  const point = (minutes: number, value: number): Promise<unknown> => {
    const at = `${HOUR_AGO} + interval '${minutes} minutes'`;
    return insert(
      'metric_forecasts',
      `'pump-07', 'flow', ${MODEL}, ${HOUR_AGO} - interval '1 minute', ${at}, ${value}, ${value - 1}, ${value + 1}, 0.9`,
    );
  };
  for (const [i, value] of [5, 5, 5].entries()) await point(30 * i, value);
  const reading = (minutes: number, value: number): Promise<unknown> =>
    insert('metrics_history', `'pump-07', ${HOUR_AGO} + interval '${minutes} minutes', '{"flow": ${value}}', NULL`);
  for (const [minutes, value] of [
    [1, 5],
    [16, 6],
    [31, 9],
  ] as const)
    await reading(minutes, value);
}

for (const { what, open } of databases) {
  describe(`the questions of docs/database.md on ${what}`, () => {
    before(warmUp(open));
    let client: SqlClient;
    let schema: string;
    const ask = (words: string): Promise<readonly Record<string, unknown>[]> => {
      const [sql] = new RegExp(`${words}[^\`]*\`\`\`sql\\n([^\`]+)\`\`\``).exec(guide)!.slice(1);
      return client.query(sql!.replace(/;\s*$/, '').replaceAll('flowsight.', `${identifier(schema)}.`));
    };
    const answered = (test: () => Promise<void>) => async (): Promise<void> => {
      client = await open();
      try {
        await withSchema(client, async (own) => {
          schema = own;
          await migrate(client, schema);
          await fill(client, schema);
          await test();
        });
      } finally {
        await client.close();
      }
    };

    it(
      'say which alarms are open',
      answered(async () => {
        const open = await ask('Alarms that are open');
        should(open.map(({ device, text }) => [device, text])).eql([['pump-08', 'pump-08 raised.']]);
      }),
    );

    it(
      'tell of the alarms of the last week',
      answered(async () => {
        const alarms = await ask('The alarms of the last week');
        should(alarms.map((alarm) => [alarm.device, alarm.until !== null, alarm.was_critical, alarm.what])).eql([
          ['pump-08', false, false, 'pump-08 raised.'],
          ['pump-07', true, false, 'pump-07 raised. pump-07 cleared.'],
          ['pump-07', true, true, 'pump-07 raised. pump-07 changed. pump-07 cleared.'],
        ]);
      }),
    );

    it(
      'find the worst devices',
      answered(async () => {
        const worst = await ask('The worst devices');
        should(worst.map(({ device, alarms }) => [device, Number(alarms)])).eql([
          ['pump-07', 2],
          ['pump-08', 1],
        ]);
        should(worst[0]!.in_alarm).not.be.null();
        should(worst[1]!.in_alarm).be.null();
      }),
    );

    it(
      'count how often each field was to blame',
      answered(async () => {
        const blamed = await ask('How often each field');
        should(blamed.map(({ field, times }) => [field, Number(times)])).eql([
          ['flow', 2],
          ['speed', 1],
        ]);
        should(blamed[0]!.mean_share).be.approximately(0.7, 1e-9);
      }),
    );

    it(
      'measure how good the forecasts were',
      answered(async () => {
        const measured = await ask('How good the forecasts');
        // The first two points: off by 0.5, inside, and by 4, outside. The last has no next one.
        should(measured).have.length(1);
        const [{ field, points, mean_error, inside }] = measured as [Record<string, unknown>];
        should([field, Number(points), mean_error, Number(inside)]).eql(['flow', 2, 2.25, 0.5]);
      }),
    );

    it(
      'all run, those about models too',
      answered(async () => {
        should(questions.length).be.above(5);
        for (const sql of questions) {
          await client.query(sql.replace(/;\s*$/, '').replaceAll('flowsight.', `${identifier(schema)}.`));
        }
      }),
    );
  });
}
