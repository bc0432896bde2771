import should from 'should';
import { openHistory } from '#lib/postgres/history/open-history';
import type { SqlClient, SqlRows } from '#lib/postgres/sql';
import { MAX_HISTORY_VALUES } from '#lib/readings/limits';

const DOUBLE_PRECISION = 701;
const TIMESTAMPTZ = 1184;
const QUERY = { device: 'pump', fromMs: 0, toMs: 1e12, fields: [] };

/** A table of so many columns and rows, at once, as an embedded database answers: without a turn for anything else. */
function endless(fields: number, rows: number): { readonly client: SqlClient; readonly fetches: () => number } {
  let fetches = 0;
  let left = rows;
  const names = Array.from({ length: fields }, (_, i) => `f${i}`);
  const columns = [
    { name: 'timestamp', typeId: TIMESTAMPTZ },
    ...names.map((name) => ({ name, typeId: DOUBLE_PRECISION })),
  ];
  const row = [0, null, ...names.map((_, i) => i)];
  const fetch = (size: number): SqlRows => {
    fetches++;
    const count = Math.min(size, left);
    left -= count;
    return { columns, rows: new Array<readonly unknown[]>(count).fill(row) };
  };
  const client: SqlClient = {
    query: () => Promise.resolve([]),
    transaction: (work) =>
      work({
        query: () => Promise.resolve([]),
        rows: (text) => {
          const size = /^FETCH (\d+) /.exec(text)?.[1];
          return Promise.resolve(size === undefined ? { columns, rows: [] } : fetch(Number(size)));
        },
      }),
    listen: () => Promise.resolve(() => Promise.resolve()),
    close: () => Promise.resolve(),
  };
  return { client, fetches: () => fetches };
}

const source = { layout: 'sql', sql: 'SELECT 1' } as const;

describe('the bounds of a history', () => {
  it('are so many numbers: more are refused, with what to do, long before the end of a table that has none', async () => {
    const { client } = endless(499, Infinity);
    await should(openHistory(client, source).read(QUERY)).rejectedWith({
      code: 'LIMIT',
      message: /^The history of "pump" has more than 4\d{4} readings of 499 fields.*shorter range or fewer fields/,
    });
    const rows = MAX_HISTORY_VALUES / 500;
    (await openHistory(endless(499, rows).client, source).read(QUERY)).timestampsMs.length.should.equal(rows);
  });

  it('are 500 fields', async () => {
    await openHistory(endless(500, 1).client, source).read(QUERY);
    await should(openHistory(endless(501, 1).client, source).read(QUERY)).rejectedWith({
      code: 'LIMIT',
      message: /500 fields with numbers, it has more. Name those/,
    });
  });

  it('let everything else have its turn after each part', async () => {
    const { client, fetches } = endless(10, 50_000);
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns++;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    await openHistory(client, source).read(QUERY);
    isReading = false;
    fetches().should.be.above(5);
    turns.should.be.aboveOrEqual(fetches());
  });
});
