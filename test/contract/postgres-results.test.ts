// Over 300 lines: one writer, held to the same promises on every database.
import { setTimeout as wait } from 'node:timers/promises';
import should from 'should';
import type { Database } from '#lib/postgres/database';
import { databaseError } from '#lib/postgres/database-error';
import { ResultsWriter } from '#lib/postgres/results/results-writer';
import type { MadeForecast, ScoredReading, ToldEvent } from '#lib/postgres/results/rows';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { database, databases, serverClient, SERVER_URL, warmUp, withSchema } from '../support/databases';

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOW_MS = Date.UTC(2026, 2, 1, 12);
const CLOSE_MS = 15_000;
const HOSTILE = `'; DROP SCHEMA public; --"$1 \\u0000 \\ \n😀`;

const model = { name: 'pump-health', version: 3, algorithm: 'isolation-forest' };
const isoTime = (second: number): string => new Date(NOW_MS + 1000 * second).toISOString();

function scored(changes: Partial<ScoredReading> = {}): ScoredReading {
  return {
    device: 'pump-1',
    model,
    timestamp: isoTime(0),
    isAnomaly: true,
    score: 0.75,
    rawScore: 0.6,
    threshold: 0.7,
    severity: 'warning',
    contributions: [{ feature: 'flow', value: 3, expected: [1, 2], share: 1 }],
    missing: ['current'],
    ...changes,
  };
}

const event = {
  type: 'raised',
  id: 'pump-health/pump-1/x',
  device: 'pump-1',
  model,
  severity: 'critical',
  since: isoTime(-60),
  text: 'pump-1: flow is too high.',
  peakScore: 0.9,
  reading: { flow: 3 },
  acknowledged: false,
} as const satisfies ToldEvent & Record<string, unknown>;

const forecast: MadeForecast = {
  device: 'pump-1',
  field: 'flow',
  model,
  stepMs: 60_000,
  level: 0.9,
  points: [
    { timestamp: isoTime(60), value: 2, lower: 1, upper: 3 },
    { timestamp: isoTime(120), value: 2.5, lower: 1.5, upper: Infinity },
  ],
};

const lost = (): Error =>
  databaseError('it', Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' }));

/** A writer has no events: it is looked at again and again. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(5);
}

/** What a test says of one statement: nothing, or an error to fail with before or after it was run. */
type Fault = (text: string) => { readonly error: Error; readonly afterwards: boolean } | null;

/** A client that fails as told; transactions, by which tables are made, never do. */
function failing(client: SqlClient, fault: Fault): SqlClient {
  return {
    query: async <R extends object>(text: string, values?: readonly unknown[]) => {
      const told = fault(text);
      if (told?.afterwards === false) throw told.error;
      const rows = await client.query<R>(text, values);
      if (told !== null) throw told.error;
      return rows;
    },
    transaction: (work, readOnly) => client.transaction(work, readOnly),
    listen: (channel, onNotice) => client.listen(channel, onNotice),
    close: () => client.close(),
  };
}

for (const { what, open } of databases) {
  describe(`results written to ${what}`, function () {
    this.timeout(30_000);
    before(warmUp(open));
    let client: SqlClient;
    let said: string[];
    beforeEach(async () => {
      client = await open();
      said = [];
    });
    afterEach(() => client.close());

    /** Has `work` write to a schema of its own, closes the writer, and then lets `look` read. */
    async function written(
      work: (writer: ResultsWriter, schema: string, used: Database) => void | Promise<void>,
      look: (rows: (table: string) => Promise<readonly Record<string, unknown>[]>) => Promise<unknown>,
      { kept = 10_000, fault = () => null }: { readonly kept?: number; readonly fault?: Fault } = {},
    ): Promise<void> {
      await withSchema(client, async (schema) => {
        const used = database(() => Promise.resolve(failing(client, fault)));
        const report = (sentence: string): void => void said.push(sentence);
        const writer = new ResultsWriter(used, { schema, kept, now: () => NOW_MS, report });
        await work(writer, schema, used);
        await writer.close(CLOSE_MS);
        await look((table) => client.query(`SELECT * FROM ${identifier(schema, table)} ORDER BY timestamp, id`));
      });
    }
    const settled = (writer: ResultsWriter, waiting = 0): Promise<void> =>
      until(() => writer.status.waiting <= waiting);
    const times = (rows: readonly Record<string, unknown>[]): string[] =>
      rows.map(({ timestamp }) => (timestamp as Date).toISOString());

    it('are read back as they were found', async () => {
      await withSchema(client, async (schema) => {
        const writer = new ResultsWriter(
          database(() => Promise.resolve(client)),
          { schema, kept: 100, now: () => NOW_MS, report: (sentence) => void said.push(sentence) },
        );
        writer.score(scored(), 0.25);
        writer.detection(scored());
        writer.event(event);
        writer.event({ ...event, type: 'cleared', severity: 'normal', until: isoTime(5) });
        writer.forecast(forecast);
        const values = new Map([
          ['flow', 3],
          ['motor.current', 7.5],
        ]);
        writer.reading({ device: 'pump-1', timestampMs: NOW_MS, values, label: 'leak' });
        writer.reading({ device: 'pump-1', timestampMs: NOW_MS + 1, values: new Map() });
        writer.status.waiting.should.equal(7);
        await writer.close(CLOSE_MS);
        writer.status.should.eql({ waiting: 0, lost: 0, isHeld: false });

        const rows = async (table: string, order = 'timestamp'): Promise<readonly Record<string, unknown>[]> => {
          const found = await client.query<Record<string, unknown>>(
            `SELECT * FROM ${identifier(schema, table)} ORDER BY ${order}, id`,
          );
          return found.map(({ id, ...rest }) => {
            should(id).match(UUID_7);
            return rest;
          });
        };
        const said3 = { model_name: 'pump-health', model_version: 3, algorithm: 'isolation-forest' };
        const verdict = {
          device: 'pump-1',
          timestamp: new Date(NOW_MS),
          ...said3,
          score: 0.75,
          raw_score: 0.6,
          threshold: 0.7,
          severity: 'warning',
        };
        should(await rows('anomaly_scores')).eql([
          { ...verdict, is_anomaly: true, missing: ['current'], scoring_ms: 0.25 },
        ]);
        should(await rows('anomaly_detections')).eql([{ ...verdict, contributions: scored().contributions }]);
        const { device, severity, text, peakScore, reading, acknowledged } = event;
        const [since, created_at] = [new Date(event.since), new Date(NOW_MS)];
        const row = { event_id: event.id, device, ...said3, severity, since, text, created_at };
        const details = { peakScore, reading, acknowledged };
        should(await rows('events', 'type DESC')).eql([
          { ...row, type: 'raised', until: null, details },
          { ...row, type: 'cleared', severity: 'normal', until: new Date(isoTime(5)), details },
        ]);
        const made = { device: 'pump-1', field: 'flow', ...said3, made_at: new Date(NOW_MS), level: 0.9 };
        should(await rows('metric_forecasts')).eql([
          { ...made, timestamp: new Date(isoTime(60)), value: 2, lower: 1, upper: 3 },
          { ...made, timestamp: new Date(isoTime(120)), value: 2.5, lower: 1.5, upper: null },
        ]);
        should(await rows('metrics_history')).eql([
          { device: 'pump-1', timestamp: new Date(NOW_MS), values: { flow: 3, 'motor.current': 7.5 }, label: 'leak' },
          { device: 'pump-1', timestamp: new Date(NOW_MS + 1), values: {}, label: null },
        ]);
        said.should.be.empty();
      });
    });

    it('hold hostile text as it is, but for what PostgreSQL cannot hold', async () => {
      const values = new Map([
        [HOSTILE, 1],
        ['__proto__', 2],
        ['a\0b', NaN],
      ]);
      const device = `${HOSTILE}\0\ud800`;
      await written(
        (writer) => {
          writer.reading({ device, timestampMs: NOW_MS, values, label: `\udc00${HOSTILE}` });
          writer.detection(scored({ device, contributions: [{ feature: device, value: -Infinity }] }));
        },
        async (rows) => {
          const [reading] = await rows('metrics_history');
          should(reading).containEql({ device: `${HOSTILE}\ufffd`, label: `\ufffd${HOSTILE}` });
          should(Object.entries(reading!.values as object).sort()).eql(
            [
              [HOSTILE, 1],
              ['__proto__', 2],
              ['ab', null],
            ].sort(),
          );
          const [detection] = await rows('anomaly_detections');
          should(detection!.contributions).eql([{ feature: `${HOSTILE}\ufffd`, value: null }]);
        },
      );
      said.should.be.empty();
    });

    it('hold null where a number is none, and are refused nothing for it', async () => {
      const none = { score: NaN, rawScore: Infinity, threshold: -Infinity };
      await written(
        (writer) => writer.score(scored(none), NaN),
        async (rows) => {
          const [row] = await rows('anomaly_scores');
          should(row).containEql({ score: null, raw_score: null, threshold: null, scoring_ms: null });
        },
      );
      said.should.be.empty();
    });

    it('are the same when what was handed over is changed afterwards', async () => {
      const mine = { ...scored(), missing: ['flow'] };
      await written(
        (writer) => {
          writer.score(mine, null);
          mine.missing.push('changed');
          mine.device = 'changed';
        },
        async (rows) => {
          const [row] = await rows('anomaly_scores');
          should(row).containEql({ device: 'pump-1', missing: ['flow'], scoring_ms: null });
        },
      );
    });

    it('are many, in few statements', async () => {
      let inserts = 0;
      const count = 12_345;
      await written(
        (writer) => {
          for (let i = 0; i < count; i++) writer.score(scored({ timestamp: isoTime(i) }), 1);
        },
        async (rows) => {
          should(times(await rows('anomaly_scores'))).eql(Array.from({ length: count }, (_, i) => isoTime(i)));
          inserts.should.be.belowOrEqual(14);
        },
        // More than is kept while the database is away: it is there.
        {
          kept: 100,
          fault: (text) => {
            if (text.startsWith('INSERT')) inserts += 1;
            return null;
          },
        },
      );
      said.should.be.empty();
    });

    it('are those of all who write into one schema, though none of them finds the tables there', async () => {
      await withSchema(client, async (schema) => {
        const report = (sentence: string): void => void said.push(sentence);
        const instances = await Promise.all(
          Array.from({ length: 3 }, async () => {
            const used = database(open);
            await used.connect();
            return { used, writer: new ResultsWriter(used, { schema, kept: 10, now: () => NOW_MS, report }) };
          }),
        );
        for (let second = 0; second < 1200; second++) {
          instances.forEach(({ writer }, i) =>
            writer.score(scored({ device: `pump-${i}`, timestamp: isoTime(second) }), 1),
          );
        }
        await Promise.all(instances.map(({ writer }) => writer.close(CLOSE_MS)));
        const found = await client.query<{ device: string; rows: number; times: number }>(
          `SELECT device, count(*)::int AS rows, count(DISTINCT timestamp)::int AS times
           FROM ${identifier(schema, 'anomaly_scores')} GROUP BY device ORDER BY device`,
        );
        should(found).eql(instances.map((_, i) => ({ device: `pump-${i}`, rows: 1200, times: 1200 })));
        said.should.be.empty();
        await Promise.all(instances.map(({ used }) => used.close()));
      });
    });

    it('are not there twice when the connection is lost between the writing and the answer', async () => {
      let losses = 0;
      await written(
        (writer) => {
          for (let i = 0; i < 2500; i++) writer.score(scored({ timestamp: isoTime(i) }), 1);
          writer.forecast(forecast);
        },
        async (rows) => {
          should(times(await rows('anomaly_scores'))).eql(Array.from({ length: 2500 }, (_, i) => isoTime(i)));
          (await rows('metric_forecasts')).should.have.length(2);
          losses.should.equal(3);
        },
        {
          fault: (text) =>
            text.startsWith('INSERT') && losses < 3 && ++losses > 0 ? { error: lost(), afterwards: true } : null,
        },
      );
      said.should.be.empty();
    });

    it('are kept while the database is away, up to a limit; then the oldest are lost, counted and told once', async () => {
      let isAway = true;
      await written(
        async (writer, _schema, used) => {
          writer.score(scored({ timestamp: isoTime(0) }), 1);
          await until(() => writer.status.isHeld);
          used.state.should.equal('disconnected');
          for (let i = 1; i < 25; i++) writer.score(scored({ timestamp: isoTime(i) }), 1);
          writer.event(event);
          writer.status.should.eql({ waiting: 11, lost: 15, isHeld: true });
          said.should.have.length(1);
          said[0]!.should.match(/oldest are lost from here on: of each table, 10 are kept\.$/);
          isAway = false;
          await settled(writer);
          writer.status.should.eql({ waiting: 0, lost: 0, isHeld: false });
        },
        async (rows) =>
          should(times(await rows('anomaly_scores'))).eql([15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map(isoTime)),
        { kept: 10, fault: () => (isAway ? { error: lost(), afterwards: false } : null) },
      );
      said.should.have.length(2);
      said[1]!.should.match(/takes results again: 15 results were lost\.$/);
    });

    it('are all there but the one that the database refuses, which is told', async () => {
      // A year that JavaScript writes and PostgreSQL does not read.
      const odd = new Date(8.64e15).toISOString();
      await written(
        (writer) => {
          for (let i = 0; i < 3000; i++) writer.score(scored({ timestamp: i === 1234 ? odd : isoTime(i) }), 1);
        },
        async (rows) => (await rows('anomaly_scores')).should.have.length(2999),
      );
      said.should.have.length(1);
      said[0]!.should.match(/^A result was left out, since the table anomaly_scores cannot hold it: .*275760/);
    });

    it('cost nobody else anything where they cannot be looked at', async () => {
      const trap = Object.defineProperty(scored(), 'device', {
        enumerable: true,
        get: () => {
          throw new Error('hands off');
        },
      });
      await written(
        (writer) => {
          writer.score(trap, 1);
          writer.reading({ device: 'pump-1', timestampMs: NaN, values: new Map() });
          writer.score(scored(), 1);
        },
        async (rows) => (await rows('anomaly_scores')).should.have.length(1),
      );
      said.should.have.length(1);
      said[0]!.should.match(/hands off/);
    });

    it('wait only where a table is at fault, and are written when it is mended', async () => {
      await written(
        async (writer, schema) => {
          writer.event(event);
          await settled(writer);
          const events = identifier(schema, 'events');
          await client.query(`ALTER TABLE ${events} RENAME COLUMN text TO words`);
          writer.event(event);
          await until(() => writer.status.isHeld);
          writer.score(scored(), 1);
          await settled(writer, 1);
          writer.status.should.eql({ waiting: 1, lost: 0, isHeld: true });
          said.should.have.length(1);
          said[0]!.should.match(
            /^Results wait to be written to the table events, .*text.*Check the names of the columns/,
          );
          await client.query(`ALTER TABLE ${events} RENAME COLUMN words TO text`);
          await settled(writer);
          (await client.query(`SELECT id FROM ${events}`)).should.have.length(2);
        },
        async (rows) => (await rows('anomaly_scores')).should.have.length(1),
      );
      said.should.have.length(1);
    });

    for (const [gone, drop] of [
      ['a table', (schema: string) => `DROP TABLE ${identifier(schema, 'anomaly_scores')}`],
      ['the schema', (schema: string) => `DROP SCHEMA ${identifier(schema)} CASCADE`],
    ] as const) {
      it(`find ${gone} made anew when somebody has dropped it`, async () => {
        await written(
          async (writer, schema) => {
            writer.score(scored(), 1);
            await settled(writer);
            await client.query(drop(schema));
            writer.score(scored({ timestamp: isoTime(1) }), 1);
            await settled(writer);
          },
          async (rows) => should(times(await rows('anomaly_scores'))).eql([isoTime(1)]),
        );
      });
    }

    it('that cannot be written when it closes are counted, and nothing waits for them for long', async () => {
      const used = database(() => Promise.reject(lost()));
      const report = (sentence: string): void => void said.push(sentence);
      const writer = new ResultsWriter(used, { schema: 'none', kept: 10, now: () => NOW_MS, report });
      for (let i = 0; i < 3; i++) writer.event(event);
      const startedMs = performance.now();
      await writer.close(200);
      (performance.now() - startedMs).should.be.below(5000);
      said.should.eql(['3 results could not be written to the database the test database and are lost.']);
      await used.close();
    });
  });
}

if (SERVER_URL !== undefined) {
  describe('results, whose connection a server ends again and again', () => {
    it('are each there once', async function () {
      this.timeout(60_000);
      const client = serverClient(SERVER_URL!);
      await withSchema(client, async (schema) => {
        const used = database(() => Promise.resolve(serverClient(SERVER_URL!)));
        const said: string[] = [];
        const report = (sentence: string): void => void said.push(sentence);
        const writer = new ResultsWriter(used, { schema, kept: 100_000, now: Date.now, report });
        let [pushed, ended] = [0, 0];
        while (ended < 5) {
          for (let i = 0; i < 500; i++) writer.score(scored({ timestamp: isoTime(pushed++) }), 1);
          await until(() => writer.status.waiting < 5000);
          const rows = await client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND strpos(query, $1) > 0`,
            [schema],
          );
          ended += rows.length;
        }
        await writer.close(30_000);
        const [row] = await client.query<{ rows: number; times: number }>(
          `SELECT count(*) AS rows, count(DISTINCT timestamp) AS times FROM ${identifier(schema, 'anomaly_scores')}`,
        );
        should(row).eql({ rows: pushed, times: pushed });
        said.should.be.empty();
        await used.close();
      });
      await client.close();
    });
  });
}
