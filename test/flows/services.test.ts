/**
 * The services in `examples/services`, each endpoint over real HTTP against a real Node-RED and a real database.
 * Over 300 lines: tables of requests and answers.
 */
import should from 'should';
import { seedMetrics, seedShadows, STEP_MS } from '../support/plant-history';
import { describeService } from '../support/service';

type Row = Record<string, unknown>;
const rowsOf = (value: unknown): Row[] => value as Row[];

describeService('IoT ML service.json', {
  seed: seedShadows,
  ready: '/health',
  cases: [
    {
      what: 'says that it is well',
      method: 'GET',
      path: '/health',
      status: 200,
      check: (body) => should(body).eql({ status: 'healthy', database: 'connected', models: 0 }),
    },
    {
      what: 'has nothing to judge by before it was trained',
      method: 'GET',
      path: '/ml/anomalies/detect/gateway-1?hours=24',
      status: 404,
      check: ({ error }) => should(error).match(/no trained model "iot" for "gateway-1"/),
    },
    {
      what: 'learns what is normal for a device',
      method: 'POST',
      path: '/ml/anomalies/train/gateway-1?hours=168',
      status: 200,
      check: (body) => {
        should(body).containEql({ status: 'trained', device: 'gateway-1', model_version: 1, active: true });
        should(body).containEql({ algorithm: 'isolation-forest', training_samples: 1152 });
        should(body.features).containDeep(['memory usage in percent', 'disk usage in percent', 'network total']);
      },
    },
    {
      what: 'finds the busy half hour',
      method: 'GET',
      path: '/ml/anomalies/detect/gateway-1?hours=24',
      status: 200,
      check: (body) => {
        should(body).containEql({ device: 'gateway-1', hours: 24, model_version: 1, analyzed_points: 288 });
        const anomalies = rowsOf(body.anomalies);
        should(anomalies).have.length(body.anomalies_detected as number);
        const hour = anomalies.filter(({ timestamp }) => {
          const agoMs = Date.now() - Date.parse(timestamp as string);
          return agoMs > 85 * 60_000 && agoMs < 125 * 60_000;
        });
        should(hour).have.length(6);
        should(hour[0]).have.only.keys('timestamp', 'is_anomaly', 'anomaly_score', 'severity');
        should(hour[0]).containEql({ is_anomaly: true });
        should(hour[0]!.anomaly_score).be.within(0.5, 1);
      },
    },
    {
      what: 'judges the last day where nothing else is said',
      method: 'GET',
      path: '/ml/anomalies/detect/gateway-1',
      status: 200,
      check: (body) => should(body.analyzed_points).equal(288),
    },
    {
      what: 'makes the next version when it learns again',
      method: 'POST',
      path: '/ml/anomalies/train/gateway-1?hours=48',
      status: 200,
      check: (body) => should(body).containEql({ model_version: 2, training_samples: 576 }),
    },
    {
      what: 'learns nothing from an hour',
      method: 'POST',
      path: '/ml/anomalies/train/gateway-2',
      status: 400,
      check: ({ error }) => should(error).match(/12 readings.*at least 100/),
    },
    {
      what: 'learns nothing from a device that it does not know',
      method: 'POST',
      path: '/ml/anomalies/train/nobody',
      status: 400,
      check: ({ error }) => should(error).match(/nobody/),
    },
    {
      what: 'is not taken in by a hostile name',
      method: 'GET',
      path: `/ml/anomalies/detect/${encodeURIComponent("'; DROP TABLE device_shadow_history; --")}`,
      status: 404,
      check: ({ error }) => should(error).match(/no trained model/),
    },
    ...['abc', '0', '-1', '1e9', ''].map((hours) => ({
      what: 'names a parameter that makes no sense',
      method: 'POST' as const,
      path: `/ml/anomalies/train/gateway-1?hours=${hours}`,
      status: 422,
      check: (body: Row) => should(body).containEql({ field: 'hours' }),
    })),
    {
      what: 'learns of one device at a time',
      method: 'POST',
      path: '/ml/anomalies/train/*',
      status: 422,
      check: (body) => should(body).containEql({ field: 'device' }),
    },
    {
      what: 'needs to know which field to forecast',
      method: 'POST',
      path: '/ml/forecasts/train/gateway-1',
      status: 422,
      check: (body) => should(body).containEql({ field: 'field' }),
    },
    {
      what: 'cannot forecast a field that is not there',
      method: 'POST',
      path: '/ml/forecasts/train/gateway-1?field=system.colour',
      status: 400,
      check: ({ error }) => should(error).match(/No readings of system\.colour are in the database/),
    },
    {
      what: 'does not forecast what it has not learned',
      method: 'GET',
      path: '/ml/forecasts/predict/gateway-1?field=system.cpuUsage',
      status: 404,
      check: ({ error }) => should(error).match(/forecast system\.cpuUsage/),
    },
    {
      what: 'learns to forecast a field',
      method: 'POST',
      path: '/ml/forecasts/train/gateway-1?field=system.cpuUsage&hours=168',
      status: 200,
      check: (body) =>
        should(body).containEql({ status: 'trained', device: 'gateway-1', field: 'system.cpuUsage', active: true }),
    },
    {
      what: 'forecasts it from now on',
      method: 'GET',
      path: '/ml/forecasts/predict/gateway-1?field=system.cpuUsage',
      status: 200,
      check: (body) => {
        should(body).containEql({ device: 'gateway-1', field: 'system.cpuUsage', step_seconds: 300 });
        const predictions = rowsOf(body.predictions);
        should(predictions.length).be.above(10);
        should(Date.parse(predictions[0]!.timestamp as string)).be.within(Date.now() - 600_000, Date.now() + 600_000);
        for (const { predicted_value, confidence_lower, confidence_upper } of predictions as Record<string, number>[]) {
          should(predicted_value!).be.within(confidence_lower!, confidence_upper!);
          should(predicted_value).be.within(0, 110);
        }
      },
    },
    {
      what: 'has the models of all devices that are online trained anew',
      press: 'all devices online, every 24 h',
      method: 'GET',
      path: '/ml/anomalies/detect/gateway-1',
      status: 200,
      check: (body) => should(body.model_version).equal(3),
    },
    {
      what: 'trains none that is offline',
      method: 'GET',
      path: '/ml/anomalies/detect/gateway-3',
      status: 404,
    },
    {
      what: 'counts its models',
      method: 'GET',
      path: '/health',
      status: 200,
      check: (body) => should(body.models).equal(2),
    },
  ],
});

describeService('IoT ML service.json', {
  whose: ' without the plant’s tables',
  seed: () => Promise.resolve(),
  ready: '/health',
  cases: [
    {
      what: 'says which table is not there',
      method: 'POST',
      path: '/ml/anomalies/train/gateway-1',
      status: 503,
      check: ({ error }) => should(error).match(/device_shadow_history/),
    },
  ],
});

const HOUR_MS = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
/** The four days but for the newest three hours, in which the press was hot. */
const quiet = { from: ago(96 * HOUR_MS), to: ago(3 * HOUR_MS) };
const recent = { from: ago(3 * HOUR_MS) };

describeService('Enterprise monitoring.json', {
  seed: seedMetrics,
  ready: '/api/v1/health',
  cases: [
    {
      what: 'says that it is well',
      method: 'GET',
      path: '/api/v1/health',
      status: 200,
      check: (body) => should(body).containEql({ status: 'UP', components: { database: 'UP', models: 0 } }),
    },
    {
      what: 'has nothing to judge by before it was trained',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1' },
      status: 404,
      check: ({ detail }) => should(detail).match(/no trained model "asset" for "press-1"/),
    },
    {
      what: 'learns from a stretch of time',
      method: 'POST',
      path: '/api/v1/anomaly/train',
      body: { assetId: 'press-1', timeRange: quiet },
      status: 200,
      check: (body) => {
        should(body).containEql({ assetId: 'press-1', modelId: 'asset', version: 1, active: true, threshold: 0.7 });
        should(body.features).containDeep(['pressure', 'temperature', 'vibration']);
        should(body.trainedRows).be.within(1000, 1117);
      },
    },
    {
      what: 'finds the hot minutes, and says by which metric',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1', timeRange: recent },
      status: 200,
      check: (body) => {
        should(body).containEql({ assetId: 'press-1', threshold: 0.7 });
        // Three hours, and the minutes that other tests have taken since this file was read.
        should(body.analyzedPoints).be.within(36, 42);
        should(body.anomalyCount).equal(rowsOf(body.anomalies).length);
        const hot = rowsOf(body.anomalies).slice(0, 3);
        should(hot).have.length(3);
        for (const { timestamp, metrics, severity } of hot) {
          const agoMs = Date.now() - Date.parse(timestamp as string);
          should(agoMs).be.within(21 * STEP_MS, 25 * STEP_MS);
          should(['warning', 'critical']).containEql(severity);
          should(rowsOf(metrics)[0]!.metricName).match(/temperature|vibration/);
        }
      },
    },
    {
      what: 'tells an event for each anomaly',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1', timeRange: recent },
      status: 200,
      tells: [
        'events',
        (event) => {
          should(event).have.only.keys('type', 'assetId', 'timestamp', 'score', 'severity', 'metricName');
          should(event).containEql({ type: 'anomaly', assetId: 'press-1' });
        },
      ],
    },
    {
      what: 'judges by the threshold that it is given',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1', timeRange: recent, threshold: 0.999 },
      status: 200,
      check: (body) => should(body).containEql({ threshold: 0.999, anomalyCount: 0, anomalies: [] }),
    },
    {
      what: 'has a model of its own for each choice of metrics',
      method: 'POST',
      path: '/api/v1/anomaly/train',
      body: { assetId: 'press-1', timeRange: quiet, threshold: 0.8, metricNames: ['vibration', 'pressure'] },
      status: 200,
      check: (body) =>
        should(body).containEql({
          modelId: 'asset: pressure, vibration',
          threshold: 0.8,
        }),
    },
    {
      what: 'judges by that choice, in whatever order it is named',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1', timeRange: recent, metricNames: ['pressure', 'vibration'] },
      status: 200,
      check: (body) => should(body).containEql({ modelId: 'asset: pressure, vibration', threshold: 0.8 }),
    },
    {
      what: 'has no model for another choice',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1', metricNames: ['pressure'] },
      status: 404,
    },
    {
      what: 'scores the last hours',
      method: 'GET',
      path: '/api/v1/anomaly/scores/press-1?hours=3',
      status: 200,
      check: (body) => {
        const scores = rowsOf(body.scores);
        should(scores).have.length(36);
        for (const { score } of scores) should(score).be.within(0, 1);
        should(scores.slice(12, 15).every(({ isAnomaly }) => isAnomaly)).be.true();
      },
    },
    {
      what: 'describes the metrics',
      method: 'GET',
      path: '/api/v1/metrics/press-1?hours=1',
      status: 200,
      check: (body) => {
        const { readings, metrics } = body.statistics as { readings: number; metrics: Record<string, Row> };
        should(readings).equal(12);
        should(Object.keys(metrics).sort()).eql(['pressure', 'temperature', 'vibration']);
        should(metrics.pressure).have.properties(['count', 'mean', 'deviation', 'min', 'max', 'quantiles']);
        should(metrics.pressure!.mean).be.approximately(6, 0.1);
        should(rowsOf(body.values)).have.length(12);
        should(rowsOf(body.values)[0]).have.properties(['timestamp', 'pressure', 'temperature', 'vibration']);
        should(body.truncated).be.false();
      },
    },
    {
      what: 'knows no metrics of what it has never heard of',
      method: 'GET',
      path: '/api/v1/metrics/nobody',
      status: 404,
      check: ({ detail }) => should(detail).match(/no metrics of nobody/),
    },
    {
      what: 'lists its models',
      method: 'GET',
      path: '/api/v1/models',
      status: 200,
      check: (body) => {
        const models = rowsOf(body.models);
        should(models.map(({ modelId }) => modelId)).eql(['asset', 'asset: pressure, vibration']);
        should(models[0]).containEql({ assetId: 'press-1', activeVersion: 1 });
        should(rowsOf(models[0]!.versions)[0]).have.properties(['version', 'algorithm', 'createdAt']);
      },
    },
    {
      what: 'learns nothing from an hour',
      method: 'POST',
      path: '/api/v1/anomaly/train',
      body: { assetId: 'press-2' },
      status: 400,
      check: ({ detail }) => should(detail).match(/at least 100/),
    },
    {
      what: 'learns nothing from metrics that are not there',
      method: 'POST',
      path: '/api/v1/anomaly/train',
      body: { assetId: 'press-1', metricNames: ['colour'] },
      status: 400,
      check: ({ detail }) => should(detail).match(/No readings of colour are in the database/),
    },
    {
      what: 'is not taken in by a hostile name',
      method: 'GET',
      path: `/api/v1/metrics/${encodeURIComponent("'; DROP TABLE metrics; --")}`,
      status: 404,
    },
    ...(
      [
        ['assetId', {}],
        ['assetId', { assetId: '*' }],
        ['assetId', { assetId: { a: 1 } }],
        ['timeRange.from', { assetId: 'press-1', timeRange: {} }],
        ['timeRange.to', { assetId: 'press-1', timeRange: { from: '2026-01-01', to: 'soon' } }],
        ['threshold', { assetId: 'press-1', threshold: 1 }],
        ['threshold', { assetId: 'press-1', threshold: '0.7' }],
        ['metricNames', { assetId: 'press-1', metricNames: 'pressure' }],
        ['metricNames', { assetId: 'press-1', metricNames: [] }],
      ] as const
    ).map(([field, body]) => ({
      what: `names ${field} where ${JSON.stringify(body)} makes no sense`,
      method: 'POST' as const,
      path: '/api/v1/anomaly/train',
      body,
      status: 422,
      check: (answer: Row) => should(answer).containEql({ field }),
    })),
    {
      what: 'names hours that make no sense',
      method: 'GET',
      path: '/api/v1/anomaly/scores/press-1?hours=yes',
      status: 422,
      check: (body) => should(body).containEql({ field: 'hours' }),
    },
    {
      what: 'refuses a time that ends before it begins',
      method: 'POST',
      path: '/api/v1/anomaly/detect',
      body: { assetId: 'press-1', timeRange: { from: ago(0), to: ago(HOUR_MS) } },
      status: 422,
    },
  ],
});
