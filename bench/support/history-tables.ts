import type { HistorySource } from '#lib/postgres/history/source';
import { migrate } from '#lib/postgres/migrations';
import { identifier, type SqlClient } from '#lib/postgres/sql';

/** Rows of each table, all of one device. */
export const ROWS = 1_000_000;
export const DEVICE = 'pump-07';
const METRICS = 10;
const STEP_MS = 1_000;
export const START_MS = Date.UTC(2026, 0, 1);
/** A reading a second; the narrow table has its ten metrics in ten rows. */
export const END_MS = START_MS + ROWS * STEP_MS;

/** Fields of a reading, by their columns. */
const FIELDS = {
  flow: 'motor.flow',
  pressure: 'motor.pressure',
  speed: 'motor.speed',
  current: 'motor.current',
  inlet: 'temperature.inlet',
  outlet: 'temperature.outlet',
  bearing: 'temperature.bearing',
  vibration: 'vibration',
};
const COLUMNS = Object.keys(FIELDS);

export interface HistoryTable {
  readonly layout: HistorySource['layout'];
  /** Fields that it has, and readings. */
  readonly fields: number;
  readonly readings: number;
  readonly source: HistorySource;
  /** What the layout needs of each row, for a bare cursor; `$1` is the device. */
  readonly select: string;
}

/** A number that goes up and down, with the digits of a measurement. */
const value = (n: number): string => `round((50 + 20 * sin(i / ${100 + 37 * n}.0) + random())::numeric, 3)::float8`;
const time = `to_timestamp(${START_MS / 1000} + i * ${STEP_MS / 1000})`;
const rows = (count: number): string => `FROM generate_series(0, ${count - 1}) AS i`;

/** Makes and fills a table for each layout. */
export async function makeHistoryTables(client: SqlClient, schema: string): Promise<readonly HistoryTable[]> {
  const table = (name: string): string => identifier(schema, name);
  const wide = table('telemetry');
  const shadow = table('device_shadow_history');
  const narrow = table('metrics');
  const written = table('metrics_history');
  await migrate(client, schema);
  await client.query(`CREATE TABLE ${wide}
    (device text, timestamp timestamptz, ${COLUMNS.map((name) => `${name} double precision`).join(', ')})`);
  await client.query(
    `INSERT INTO ${wide} SELECT '${DEVICE}', ${time}, ${COLUMNS.map((_, n) => value(n)).join(', ')} ${rows(ROWS)}`,
  );
  await client.query(`CREATE TABLE ${shadow} (device_uuid text, timestamp timestamptz, reported_state jsonb)`);
  await client.query(`INSERT INTO ${shadow} SELECT device, timestamp, jsonb_build_object('firmware', '2.4.1',
    'motor', jsonb_build_object('flow', flow, 'pressure', pressure, 'speed', speed, 'current', current),
    'temperature', jsonb_build_object('inlet', inlet, 'outlet', outlet, 'bearing', bearing), 'vibration', vibration)
    FROM ${wide}`);
  await client.query(
    `CREATE TABLE ${narrow} (device text, metric text, timestamp timestamptz, value double precision)`,
  );
  await client.query(`INSERT INTO ${narrow} SELECT '${DEVICE}', 'metric ' || m, ${time}, ${value(1)} + m
    ${rows(ROWS / METRICS)}, generate_series(1, ${METRICS}) AS m`);
  const members = Object.entries(FIELDS).map(([column, field]) => `'${field}', ${column}`);
  await client.query(`INSERT INTO ${written} (id, device, timestamp, values)
    SELECT gen_random_uuid(), device, timestamp, jsonb_build_object(${members.join(', ')}) FROM ${wide}`);
  for (const [name, device] of Object.entries({ [wide]: 'device', [narrow]: 'device', [shadow]: 'device_uuid' })) {
    await client.query(`CREATE INDEX ON ${name} (${device}, timestamp)`);
  }
  for (const name of [wide, shadow, narrow, written]) await client.query(`VACUUM ANALYZE ${name}`);

  const columns = { deviceColumn: 'device', timeColumn: 'timestamp' };
  const byColumns = { fields: COLUMNS.length, readings: ROWS };
  const selectWide = `SELECT timestamp, ${COLUMNS.join(', ')} FROM ${wide} WHERE device = $1`;
  return [
    {
      layout: 'shadow',
      ...byColumns,
      source: {
        layout: 'shadow',
        table: `${schema}.device_shadow_history`,
        deviceColumn: 'device_uuid',
        timeColumn: 'timestamp',
        stateColumn: 'reported_state',
      },
      select: `SELECT timestamp, reported_state FROM ${shadow} WHERE device_uuid = $1`,
    },
    {
      layout: 'narrow',
      fields: METRICS,
      readings: ROWS / METRICS,
      source: {
        layout: 'narrow',
        table: `${schema}.metrics`,
        ...columns,
        metricColumn: 'metric',
        valueColumn: 'value',
      },
      select: `SELECT timestamp, metric, value FROM ${narrow} WHERE device = $1`,
    },
    {
      layout: 'wide',
      ...byColumns,
      source: { layout: 'wide', table: `${schema}.telemetry`, ...columns },
      select: selectWide,
    },
    {
      layout: 'sql',
      ...byColumns,
      source: { layout: 'sql', sql: `SELECT * FROM ${wide} WHERE device = $device AND timestamp >= $from` },
      select: selectWide,
    },
    {
      layout: 'written',
      ...byColumns,
      source: { layout: 'written', schema },
      select: `SELECT timestamp, values FROM ${written} WHERE device = $1`,
    },
  ];
}
