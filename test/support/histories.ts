import type { Reading, ReadingTable } from '#lib/core/readings';
import type { HistorySource } from '#lib/postgres/history/source';
import { migrate } from '#lib/postgres/migrations';
import { identifier, type SqlClient } from '#lib/postgres/sql';

export const FIELDS = ['flow', 'running', 'system.cpuUsage'] as const;
/** No multiple of a step, so that buckets are met at both ends. */
export const START_MS = Date.UTC(2026, 0, 31, 23, 58, 3, 120);
export const STEP_MS = 7_100;
export const ROWS = 60;
export const END_MS = START_MS + ROWS * STEP_MS;

/** Readings of two pumps; some lack a field, some have a label. */
export const readings: readonly Reading[] = ['pump-01', 'pump-02'].flatMap((device, d) =>
  Array.from({ length: ROWS }, (_, i): Reading => {
    const values = new Map<string, number>([['flow', 10 + d + Math.sin(i)]]);
    if (i % 5 !== 0) values.set('running', i % 3 === 0 ? 0 : 1);
    if (i % 7 !== 3) values.set('system.cpuUsage', 20 + i / 8);
    const reading = { device, timestampMs: START_MS + i * STEP_MS, values };
    return i % 10 < 4 ? reading : { ...reading, label: i % 10 < 8 ? 'normal' : 'leak' };
  }),
);

/** The table that `readings` of a device are. */
export function tableOf(device: string, rows: readonly Reading[] = readings): ReadingTable {
  const own = rows.filter((reading) => reading.device === device);
  return {
    device,
    fields: FIELDS,
    timestampsMs: Float64Array.from(own, ({ timestampMs }) => timestampMs),
    data: Float64Array.from(own.flatMap(({ values }) => FIELDS.map((field) => values.get(field) ?? NaN))),
    labels: own.map(({ label }) => label ?? null),
  };
}

export const LAYOUTS = ['shadow', 'narrow', 'wide', 'sql', 'written'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Where `fill` puts the readings. */
export function sourceOf(layout: Layout, schema: string): HistorySource {
  const columns = { deviceColumn: 'device', timeColumn: 'timestamp' };
  switch (layout) {
    case 'shadow': {
      const table = `${schema}.device_shadow_history`;
      return { layout, table, deviceColumn: 'device_uuid', timeColumn: 'timestamp', stateColumn: 'reported_state' };
    }
    case 'narrow':
      return { layout, table: `${schema}.metrics`, ...columns, metricColumn: 'metric', valueColumn: 'value' };
    case 'wide':
      return { layout, table: `${schema}.telemetry`, ...columns };
    case 'sql':
      return {
        layout,
        sql: `SELECT timestamp, flow, running, "system.cpuUsage", label FROM ${identifier(schema, 'telemetry')}
          WHERE device = $device AND timestamp >= $from AND timestamp < $to; -- '`,
      };
    case 'written':
      return { layout, schema };
  }
}

/** Makes a table for each layout, and puts the readings into all of them, the newest first. */
export async function fill(client: SqlClient, schema: string): Promise<void> {
  const table = (name: string): string => identifier(schema, name);
  await migrate(client, schema);
  await client.query(`CREATE TABLE ${table('device_shadow_history')}
    (device_uuid text, timestamp timestamptz, reported_state jsonb)`);
  await client.query(`CREATE TABLE ${table('metrics')}
    (device varchar(40), metric text, timestamp timestamptz, value real, label text)`);
  await client.query(`CREATE TABLE ${table('telemetry')}
    (device text, timestamp timestamptz, note text, flow numeric, running boolean, "system.cpuUsage" double precision,
     unused integer, label text)`);
  const rows = JSON.stringify([...readings].reverse().map(asRow));
  const insert = (into: string, select: string): Promise<unknown> =>
    client.query(
      `INSERT INTO ${into} ${select.replace('ROWS', 'jsonb_array_elements($1::jsonb) WITH ORDINALITY AS each(r, n)')}`,
      [rows],
    );
  const common = `r->>'device', (r->>'time')::timestamptz`;
  await insert(table('device_shadow_history'), `SELECT ${common}, r->'state' FROM ROWS ORDER BY n`);
  await insert(
    table('metrics'),
    `SELECT r->>'device', metric.key, (r->>'time')::timestamptz, metric.value::real, r->>'label'
     FROM ROWS, jsonb_each_text(r->'values') AS metric ORDER BY n`,
  );
  await insert(
    table('telemetry'),
    `SELECT ${common}, 'checked', (r->'values'->>'flow')::numeric, (r->'values'->>'running')::integer::boolean,
     (r->'values'->>'system.cpuUsage')::double precision, NULL, r->>'label' FROM ROWS ORDER BY n`,
  );
  await insert(
    table('metrics_history'),
    `SELECT gen_random_uuid(), ${common}, r->'values', r->>'label' FROM ROWS ORDER BY n`,
  );
}

function asRow({ device, timestampMs, values, label }: Reading): object {
  const [flow, running, cpuUsage] = FIELDS.map((field) => values.get(field));
  // Shadows come as devices report them: nested or with dots in a key, numbers as text, true and false.
  const nested = timestampMs % 2 === 0 ? { system: { cpuUsage } } : { 'system.cpuUsage': String(cpuUsage ?? '') };
  const isOn = running === undefined ? null : running === 1;
  return {
    device,
    time: new Date(timestampMs).toISOString(),
    values: Object.fromEntries(values),
    label,
    state: { device, flow, running: isOn, ...nested, version: 'A 12', ports: [1, 2], label },
  };
}
