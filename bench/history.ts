/**
 * How fast does a history become a table? 1,000,000 rows of a PostgreSQL server (DATABASE_URL) in each layout, every
 * field found while reading, in turns with a bare pg cursor over the same rows, in any order, that only counts them; and
 * the peak of memory of a process that reads them.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { messageOf } from '#lib/core/errors';
import { openHistory } from '#lib/postgres/history/open-history';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { serverClient } from '../test/support/databases';
import { DEVICE, END_MS, makeHistoryTables, ROWS, START_MS, type HistoryTable } from './support/history-tables';
import { bench, fixed, printMachine, printTable } from './support/report';
import { race, timedAsync } from './support/timing';

const ROUNDS = 5;
const FETCH_ROWS = 10_000;
const { DATABASE_URL = 'postgres://postgres@127.0.0.1:5432/test' } = process.env;

interface Result {
  readonly layout: string;
  /** Rows a second, of ours and of the bare cursor. */
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
  readonly memory: Memory;
}

/** In MB: of the process before and at its peak, and of the table itself. */
interface Memory {
  readonly before: number;
  readonly peak: number;
  readonly table: number;
}

async function countByCursor(select: string): Promise<void> {
  const client = new Client(DATABASE_URL);
  await client.connect();
  await client.query('BEGIN READ ONLY');
  await client.query(`DECLARE bare NO SCROLL CURSOR FOR ${select}`, [DEVICE]);
  let count = 0;
  for (let isMore = true; isMore;) {
    const { rows } = await client.query(`FETCH ${FETCH_ROWS} FROM bare`);
    count += rows.length;
    isMore = rows.length === FETCH_ROWS;
  }
  await client.query('COMMIT');
  await client.end();
  if (count !== ROWS) throw new Error(`The cursor found ${count} rows.`);
}

async function readTable(client: SqlClient, { source, fields, readings }: HistoryTable): Promise<void> {
  const table = await openHistory(client, source).read({ device: DEVICE, fromMs: START_MS, toMs: END_MS, fields: [] });
  if (table.timestampsMs.length !== readings || table.fields.length !== fields || table.data.some(Number.isNaN)) {
    throw new Error(`The ${source.layout} table has ${table.timestampsMs.length} × ${table.fields.length} numbers.`);
  }
}

function memoryOf({ source }: HistoryTable): Memory {
  const script = join(__dirname, 'support', 'history-memory.js');
  const output = execFileSync(process.execPath, [script, DATABASE_URL, JSON.stringify(source)], { encoding: 'utf8' });
  return JSON.parse(output) as Memory;
}

async function measure(client: SqlClient, tables: readonly HistoryTable[]): Promise<Readonly<Record<string, unknown>>> {
  const results: Result[] = [];
  for (const table of tables) {
    const times = await race(
      {
        bare: () => timedAsync(() => countByCursor(table.select)),
        ours: () => timedAsync(() => readTable(client, table)),
      },
      ROUNDS,
    );
    const perSecond = (ms: number | null): number => (1000 * ROWS) / ms!;
    results.push({
      layout: table.layout,
      ours: perSecond(times.ours),
      bare: perSecond(times.bare),
      ratio: times.bare! / times.ours!,
      memory: memoryOf(table),
    });
  }
  printTable(
    [`${ROWS} rows`, 'rows/s', 'bare cursor', 'ratio', 'peak MB', 'idle MB', 'table MB'],
    results.map(({ layout, ours, bare, ratio, memory }) => [
      layout,
      fixed(ours, 0),
      fixed(bare, 0),
      fixed(ratio, 2),
      fixed(memory.peak, 0),
      fixed(memory.before, 0),
      fixed(memory.table, 0),
    ]),
  );
  const byLayout = (figure: (result: Result) => number): Record<string, number> =>
    Object.fromEntries(results.map((result) => [result.layout, figure(result)]));
  return {
    rows_per_s: byLayout(({ ours }) => ours),
    ratio: byLayout(({ ratio }) => ratio),
    peak_rss_mb: Math.max(...results.map(({ memory }) => memory.peak)),
  };
}

bench(async () => {
  printMachine();
  const client = serverClient(DATABASE_URL, { queryTimeoutMs: 600_000 });
  try {
    const [server] = await client.query<{ version: string }>('SELECT version()');
    console.log(server!.version);
  } catch (error) {
    console.log(`There is no server to read from: ${messageOf(error)} Say where one is by DATABASE_URL.`);
    return { rows_per_s: null, ratio: null, peak_rss_mb: null };
  }
  const schema = `bench_history_${process.pid}`;
  await client.query(`CREATE SCHEMA ${identifier(schema)}`);
  try {
    return await measure(client, await makeHistoryTables(client, schema));
  } finally {
    await client.query(`DROP SCHEMA ${identifier(schema)} CASCADE`);
    await client.close();
  }
});
