import { Random } from '#lib/core/random';
import type { SqlClient } from '#lib/postgres/sql';

export const STEP_MS = 5 * 60_000;
const DAY_STEPS = 288;

/** A gateway's reported states, one every five minutes up to now, the oldest first, and busy for a while. */
export function shadowStates(days: number, busy: { readonly from: number; readonly to: number }, seed = 5): object[] {
  const random = new Random(seed);
  const rows = days * DAY_STEPS;
  return Array.from({ length: rows }, (_, row) => {
    const ago = rows - row;
    const isBusy = ago <= busy.from && ago > busy.to;
    const daily = Math.sin((2 * Math.PI * row) / DAY_STEPS);
    return {
      system: {
        cpuUsage: isBusy ? 99 : 40 + 15 * daily + random.normal(0, 1),
        memoryUsed: (isBusy ? 7800 : 3000) + random.normal(0, 50),
        memoryTotal: 8000,
        diskUsed: 200 + random.normal(0, 1),
        diskTotal: 500,
      },
      network: {
        received: (isBusy ? 9000 : 1000) + random.normal(0, 30),
        sent: (isBusy ? 5000 : 400) + random.normal(0, 10),
      },
    };
  });
}

/** Tables of device shadows: `gateway-1` with four days and a busy half hour, `gateway-2` with an hour, `gateway-3` offline. */
export async function seedShadows(client: SqlClient): Promise<void> {
  await client.query('CREATE TABLE device_shadows (device_uuid text PRIMARY KEY, status text)');
  await client.query("INSERT INTO device_shadows VALUES ('gateway-1', 'online'), ('gateway-3', 'offline')");
  await client.query(
    'CREATE TABLE device_shadow_history (device_uuid text, timestamp timestamptz, reported_state jsonb)',
  );
  const insert = async (device: string, states: readonly object[]): Promise<void> => {
    const nowMs = Date.now();
    const rows = states.map((state, row) => ({
      at: new Date(nowMs - (states.length - row - 0.5) * STEP_MS).toISOString(),
      state,
    }));
    await client.query(
      `INSERT INTO device_shadow_history
       SELECT $1, at, state FROM jsonb_to_recordset($2::jsonb) AS r(at timestamptz, state jsonb)`,
      [device, JSON.stringify(rows)],
    );
  };
  await insert('gateway-1', shadowStates(4, { from: 24, to: 18 }));
  await insert('gateway-2', shadowStates(4, { from: 0, to: 0 }, 6).slice(-12));
  await insert('gateway-3', shadowStates(4, { from: 0, to: 0 }, 7));
}

/** The metrics of an asset, one row a value: `press-1` with four days and 15 hot minutes, `press-2` with an hour. */
export async function seedMetrics(client: SqlClient): Promise<void> {
  await client.query('CREATE TABLE metrics (device text, metric text, timestamp timestamptz, value float8)');
  const random = new Random(9);
  const insert = async (device: string, rows: number): Promise<void> => {
    const nowMs = Date.now();
    const values = Array.from({ length: rows }, (_, row) => {
      const ago = rows - row;
      const isHot = ago <= 24 && ago > 21;
      const at = new Date(nowMs - (ago - 0.5) * STEP_MS).toISOString();
      return [
        { at, metric: 'temperature', value: (isHot ? 95 : 60) + random.normal(0, 0.5) },
        { at, metric: 'pressure', value: 6 + random.normal(0, 0.05) },
        { at, metric: 'vibration', value: (isHot ? 9 : 2) + random.normal(0, 0.1) },
      ];
    });
    await client.query(
      `INSERT INTO metrics SELECT $1, metric, at, value
       FROM jsonb_to_recordset($2::jsonb) AS r(at timestamptz, metric text, value float8)`,
      [device, JSON.stringify(values.flat())],
    );
  };
  await insert('press-1', 4 * DAY_STEPS);
  await insert('press-2', 12);
}
