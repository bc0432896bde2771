import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import should from 'should';
import { migrate } from '#lib/postgres/migrations';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { databases, warmUp, withSchema } from '../support/databases';

interface Target {
  readonly rawSql: string;
  readonly format: 'table' | 'time_series';
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly Target[];
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
}

const text = readFileSync(join(__dirname, '../../../grafana/dashboard.json'), 'utf8');
const dashboard = JSON.parse(text) as Dashboard;
const { panels } = dashboard;

/** SQL as Grafana sends it: its macros and variables filled in, as its PostgreSQL data source's documentation says. */
function filledIn(sql: string, schema: string): string {
  const seconds = (interval: string): string => (interval.includes('1h') ? '3600' : '60');
  return sql
    .replace(/\$__timeFilter\((\w+)\)/g, "$1 BETWEEN '2024-05-03T00:00:00Z' AND '2024-05-04T00:00:00Z'")
    .replace(/\$__timeGroupAlias\((\w+), ([^)]+)\)/g, (_, column: string, interval: string) => {
      const length = seconds(interval);
      return `floor(extract(epoch from ${column}) / ${length}) * ${length} AS "time"`;
    })
    .replaceAll('${schema}', identifier(schema))
    .replaceAll('${device:sqlstring}', "'pump-07'")
    .replaceAll('${field:sqlstring}', "'pressure'");
}

const MODEL = "'pump-health', 3, 'mahalanobis'";
const NOON = "'2024-05-03T12:00:00Z'";

async function fill(client: SqlClient, schema: string): Promise<void> {
  const insert = (table: string, values: string): Promise<unknown> =>
    client.query(`INSERT INTO ${identifier(schema, table)} VALUES (gen_random_uuid(), ${values})`);
  const verdict = `'pump-07', ${NOON}, ${MODEL}, 0.74, 5.1, 0.7, 'warning'`;
  await insert('anomaly_scores', `${verdict}, true, '[]', 0.2`);
  await insert('anomaly_detections', `${verdict}, '[]'`);
  await insert('events', `'a', 'raised', 'pump-07', ${MODEL}, 'warning', ${NOON}, NULL, 'pump-07: off', '{}', ${NOON}`);
  await insert('metric_forecasts', `'pump-07', 'pressure', ${MODEL}, ${NOON}, ${NOON}, 5, 4, 6, 0.9`);
  await insert('metrics_history', `'pump-07', ${NOON}, '{"pressure": 5.2}', NULL`);
}

for (const { what, open } of databases) {
  describe(`the Grafana dashboard on ${what}`, () => {
    before(warmUp(open));

    for (const { title, targets } of panels) {
      it(`shows "${title}"`, async () => {
        const client = await open();
        try {
          await withSchema(client, async (schema) => {
            await migrate(client, schema);
            await fill(client, schema);
            for (const { rawSql, format } of targets) {
              const rows = await client.query<Record<string, unknown>>(filledIn(rawSql, schema));
              // Models are not filled in: their panels count none, or list none.
              if (!rawSql.includes('active_ml_models')) should(rows).have.length(1);
              if (format === 'time_series') Object.keys(rows[0]!)[0]!.should.equal('time');
            }
          });
        } finally {
          await client.close();
        }
      });
    }

    it('finds devices and fields to choose from', async () => {
      const client = await open();
      try {
        await withSchema(client, async (schema) => {
          await migrate(client, schema);
          await fill(client, schema);
          const queries = dashboard.templating.list.filter(({ type }) => type === 'query');
          const found = await Promise.all(queries.map(({ query }) => client.query(filledIn(query, schema))));
          found.should.eql([[{ device: 'pump-07' }], [{ field: 'pressure' }]]);
        });
      } finally {
        await client.close();
      }
    });
  });
}

describe('the Grafana dashboard', () => {
  it('lays its panels beside each other, and none over another', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    should(new Set(cells).size).equal(cells.length);
  });

  it('names no variable that it does not have', () => {
    const names = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = [...text.matchAll(/\$\{(\w+)(?::\w+)?\}/g)].map(([, name]) => name!);
    should([...new Set(used)].filter((name) => !names.has(name))).eql(['DS_POSTGRESQL']);
  });
});
