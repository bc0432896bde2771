// Over 300 lines: one flow of each node is held to what it writes, on every database.
import { join } from 'node:path';
import type { NodeStatus } from 'node-red';
import should from 'should';
import { Random } from '#lib/core/random';
import type { Artifact } from '#lib/core/artifact';
import type { Anomaly } from '#lib/detection/anomaly';
import type { EventEnvelope } from '#lib/core/events';
import type { Forecast } from '#lib/forecasting/forecast';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { openStore } from '#lib/store/open-store';
import { toReadingTables } from '#lib/readings/reading-tables';
import { train } from '#lib/training/train';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlDetect from '#nodes/ml-detect/ml-detect';
import mlForecast from '#nodes/ml-forecast/ml-forecast';
import mlStore from '#nodes/ml-store/ml-store';
import { serverClient, SERVER_URL } from '../support/databases';
import { type FlowNode, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { fitted } from '../support/forecaster';
import { Gate } from '../support/gate';
import { telemetry } from '../support/telemetry';
import { HOUR_MS, START_MS, temperature } from '../support/temperature';
import { detectionRequest } from '../support/detection-request';

type Row = Readonly<Record<string, unknown>>;

const SCHEMA = `test_results_${process.pid}`;
const modules = [mlDatabase, mlStore, mlDetect, mlForecast];

const isoTime = (second: number): string => new Date(START_MS + 1000 * second).toISOString();

/** Readings of a pump, whose flow jumps from row 300 on, for eight rows. */
function pump(rows: number): Message[] {
  const random = new Random(3);
  return Array.from({ length: rows }, (_, row) => ({
    timestamp: START_MS + 1000 * row,
    flow: random.normal(row >= 300 && row < 308 ? 300 : 100, 2),
    motor: { current: random.normal(6, 0.05) },
    label: row >= 300 && row < 308 ? 'leak' : 'normal',
  }));
}

/** A message's way through a node: the message, and the events beside it. */
async function through(id: string, message: Message): Promise<{ message: Message; events: EventEnvelope[] }> {
  const { sent, error } = await give(runningNode(id), message);
  if (error) throw error;
  const [first, events] = (Array.isArray(sent[0]) ? sent[0] : [sent[0], null]) as [Message, Message[] | null];
  return { message: first, events: (events ?? []).map(({ payload }) => payload as EventEnvelope) };
}

const places = [
  {
    what: 'an embedded database',
    config: { kind: 'embedded', folder: 'data' },
    credentials: {},
    open: (folder: string): Promise<SqlClient> => openSharedEmbedded(join(folder, 'data'), folder),
  },
  ...(SERVER_URL === undefined
    ? []
    : [
        {
          what: 'a PostgreSQL server',
          config: { kind: 'server', address: 'url' },
          credentials: { url: SERVER_URL },
          open: (): Promise<SqlClient> => Promise.resolve(serverClient(SERVER_URL!)),
        },
      ]),
];

for (const { what, config, credentials, open } of places) {
  describe(`results that nodes write to ${what}`, function () {
    this.timeout(90_000);
    let client: SqlClient | undefined;
    // Before the folder goes.
    afterEach(async () => {
      await unloadFlow();
      client ??= await open(folder());
      await client.query(`DROP SCHEMA IF EXISTS ${identifier(SCHEMA)} CASCADE`);
      await client.close();
      client = undefined;
    });
    const folder = temporaryFolder();

    const start = (nodes: readonly FlowNode[]): Promise<void> =>
      loadFlow(
        modules,
        [{ id: 'database', type: 'ml-database', schema: SCHEMA, keepDays: '0', ...config }, ...nodes],
        { userDir: folder() },
        { database: credentials },
      );
    async function keep(artifact: Artifact): Promise<void> {
      const store = openStore(join(folder(), 'flowsight-ml'), { report: () => undefined });
      await store.models.save(artifact, true);
      await store.release();
    }
    /** What is in a table after Node-RED has closed, which writes what waits. */
    async function rows(table: string, order: string): Promise<readonly Row[]> {
      client ??= await open(folder());
      return client.query<Row>(`SELECT * FROM ${identifier(SCHEMA, table)} ORDER BY ${order}`);
    }
    const timesOf = (found: readonly Row[], column = 'timestamp'): string[] =>
      found.map((row) => (row[column] as Date).toISOString());

    it('are what ml-detect has sent: scores, anomalies, events and readings, as each node is asked to', async () => {
      const detect = { type: 'ml-detect', resultsDatabase: 'database', warmUpRows: '100', wires: [[], []] };
      await start([
        { id: 'detect-all', model: 'all', writeReadings: true, ...detect },
        { id: 'detect-anomalies', model: 'anomalies', writeScores: 'anomalies', ...detect },
        { id: 'detect-none', model: 'none', writeScores: 'none', ...detect },
      ]);
      const anomalies: Anomaly[] = [];
      const told: EventEnvelope[] = [];
      for (const payload of pump(330)) {
        for (const id of ['detect-all', 'detect-anomalies', 'detect-none']) {
          const { message, events } = await through(id, { payload, device: 'pump-1' });
          if (id !== 'detect-all') continue;
          anomalies.push(message.anomaly as Anomaly);
          told.push(...events);
        }
      }
      await unloadFlow();
      const found = anomalies.filter(({ isAnomaly }) => isAnomaly);
      found.length.should.be.aboveOrEqual(8);
      told.map(({ id }) => id).should.have.length(2);

      const scores = await rows('anomaly_scores', 'model_name, timestamp');
      const [all, only] = ['all', 'anomalies'].map((name) => scores.filter(({ model_name }) => model_name === name));
      scores.should.have.length(all!.length + only!.length);
      timesOf(only!).should.eql(found.map(({ timestamp }) => timestamp));
      should(
        all!.map((row) => [
          row.device,
          row.algorithm,
          row.score,
          row.raw_score,
          row.threshold,
          row.severity,
          row.is_anomaly,
        ]),
      ).eql(
        anomalies.map((a) => ['pump-1', a.model.algorithm, a.score, a.rawScore, a.threshold, a.severity, a.isAnomaly]),
      );
      timesOf(all!).should.eql(anomalies.map(({ timestamp }) => timestamp));
      for (const { scoring_ms } of all!) should(scoring_ms).be.within(0, 60_000);

      const detections = await rows('anomaly_detections', 'model_name, timestamp');
      detections.should.have.length(3 * found.length);
      detections
        .slice(0, found.length)
        .map(({ contributions }) => contributions)
        .should.eql(found.map(({ contributions }) => contributions));
      const events = (await rows('events', 'model_name, id')).filter(({ model_name }) => model_name === 'all');
      events
        .map(({ event_id, type, text }) => ({ id: event_id, type, text }))
        .should.eql(told.map(({ id, type, text }: EventEnvelope & { type?: string }) => ({ id, type, text })));

      const readings = await rows('metrics_history', 'timestamp');
      should(readings.map(({ device, values, label }) => ({ device, values, label }))).eql(
        pump(330).map(({ flow, motor, label }) => ({
          device: 'pump-1',
          values: { flow, 'motor.current': (motor as { current: number }).current },
          label,
        })),
      );
    });

    it('are verdicts where each message is judged by itself, too', async () => {
      await keep(
        await train(
          detectionRequest({
            name: 'default',
            algorithm: 'mad',
            tables: [telemetry({ rows: 300 })],
          }),
        ),
      );
      await start([{ id: 'alone', type: 'ml-detect', resultsDatabase: 'database', source: 'batch', wires: [[], []] }]);
      const payload = [{ flow: 100 }, { flow: 300 }].map((changed, i) => ({
        ...{ timestamp: isoTime(i), pressure: 6, current: 20, temperature: 50 },
        ...changed,
      }));
      await through('alone', { payload, device: 'pump-1' });
      await unloadFlow();
      const scores = await rows('anomaly_scores', 'timestamp');
      scores.map(({ is_anomaly }) => is_anomaly).should.eql([false, true]);
      timesOf(scores).should.eql([isoTime(0), isoTime(1)]);
      timesOf(await rows('anomaly_detections', 'timestamp')).should.eql([isoTime(1)]);
    });

    it('are forecasts, one a few hours, and breaches, as ml-forecast has sent them', async () => {
      const table = toReadingTables(temperature({ to: 200 }))[0]!;
      const job = { table, series: { field: 'temperature' }, horizonMs: 24 * HOUR_MS };
      await keep(await fitted(job, 'default'));
      await start([
        {
          id: 'forecast',
          type: 'ml-forecast',
          resultsDatabase: 'database',
          writeEvery: '180',
          horizon: '6 h',
          upperLimit: '65',
          raiseAfter: '1',
          wires: [[], []],
        },
      ]);
      const forecasts: Forecast[] = [];
      const told: EventEnvelope[] = [];
      for (const { device, timestampMs, values } of temperature({ from: 200, to: 230 })) {
        const payload = { timestamp: timestampMs, ...Object.fromEntries(values) };
        const { message, events } = await through('forecast', { payload, device });
        forecasts.push(message.forecast as Forecast);
        told.push(...events);
      }
      await unloadFlow();
      forecasts.should.have.length(30);
      told.should.not.be.empty();

      const points = await rows('metric_forecasts', 'made_at, timestamp');
      should(points.map(({ timestamp, value, lower, upper }) => ({ timestamp, value, lower, upper }))).eql(
        forecasts
          .filter((_, i) => i % 3 === 0)
          .flatMap((forecast) => forecast.points.map((point) => ({ ...point, timestamp: new Date(point.timestamp) }))),
      );
      should([...new Set(timesOf(points, 'made_at'))]).eql(
        Array.from({ length: 10 }, (_, i) => new Date(START_MS + (200 + 3 * i) * HOUR_MS).toISOString()),
      );
      const [point] = points;
      should(point).containEql({ device: 'pump-1', field: 'temperature', level: 0.9, model_version: 1 });
      const events = await rows('events', 'id');
      should(events.map(({ event_id, text, details }) => [event_id, text, (details as Row).limit])).eql(
        told.map(({ id, text }) => [id, text, 65]),
      );
    });
  });
}

describe('nodes that write results', () => {
  afterEach(unloadFlow);
  const folder = temporaryFolder();

  it('say what is wrong with their settings', async () => {
    const detect = { type: 'ml-detect', wires: [[], []] };
    await loadFlow(
      modules,
      [
        { id: 'gone', ...detect, resultsDatabase: 'nowhere' },
        { id: 'wrong', ...detect, writeScores: 'some' },
        { id: 'every', type: 'ml-forecast', resultsDatabase: '', writeEvery: '-1', wires: [[], []] },
      ],
      { userDir: folder() },
    );
    const refusal = async (id: string): Promise<string> => (await give(runningNode(id), { payload: 1 })).error!.message;
    should(await refusal('gone')).match(/database this node uses is missing or switched off; choose another/);
    should(await refusal('wrong')).match(/writeScores must be one of all, anomalies, none, got "some"/);
    should(await refusal('every')).match(/writeEvery must be .* from 0 to 10080, got -1/);
  });

  if (SERVER_URL !== undefined) {
    it('go on while the database is away, say what waits and what is lost, and write the rest when it is back', async function () {
      this.timeout(60_000);
      const gate = await Gate.before(SERVER_URL!);
      const client = serverClient(SERVER_URL!);
      try {
        await loadFlow(
          modules,
          [
            { id: 'database', type: 'ml-database', address: 'url', schema: SCHEMA, keepDays: '0', resultsKept: '20' },
            { id: 'detect', type: 'ml-detect', resultsDatabase: 'database', wires: [[], []] },
          ],
          { userDir: folder() },
          { database: { url: gate.url } },
        );
        const node = runningNode('detect');
        const shows = (text: string): Promise<NodeStatus> => nextStatus(node, (status) => status.text === text);
        const payloads = pump(50);
        const waiting = shows('20 results waiting');
        for (const payload of payloads.slice(0, 20)) await through('detect', { payload });
        should(await waiting).containEql({ fill: 'red', shape: 'ring' });
        const lost = shows('30 results lost');
        for (const payload of payloads.slice(20)) {
          const { message } = await through('detect', { payload });
          message.should.have.property('anomaly');
        }
        should(await lost).containEql({ fill: 'red', shape: 'ring' });
        const up = nextStatus(node, ({ text }) => text?.startsWith('learning') === true);
        await gate.open();
        await up;
        await unloadFlow();
        const rows = await client.query<{ timestamp: Date }>(
          `SELECT timestamp FROM ${identifier(SCHEMA, 'anomaly_scores')} ORDER BY timestamp`,
        );
        should(rows.map(({ timestamp }) => timestamp.getTime())).eql(payloads.slice(30).map((row) => row.timestamp));
      } finally {
        await unloadFlow();
        await gate.shut();
        await client.query(`DROP SCHEMA IF EXISTS ${identifier(SCHEMA)} CASCADE`);
        await client.close();
      }
    });
  }
});
