/** The infrastructure monitor of `examples/services`: each endpoint over real HTTP, on metrics of this machine and invented ones. */
import should from 'should';
import { describeService, type Nonsense, nonsenseCases, type ServiceCase } from '../support/service';

type Row = Record<string, unknown>;
const rowsOf = (value: unknown): Row[] => value as Row[];

const API = '/api/ml';

const METRICS = ['cpu_usage_percent', 'memory_usage_percent', 'disk_usage_percent'];
const calm = { cpu_usage_percent: 30, memory_usage_percent: 30, disk_usage_percent: 55 };
const HOUR_MS = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

/** Requests that make no sense, and the field that the answer names. */
const nonsense: readonly Nonsense[] = [
  ['GET', '/metrics/stats?hours=-1', undefined, 'hours'],
  ['GET', '/metrics/stats?hours=', undefined, 'hours'],
  ['GET', '/metrics/stats?device=nobody', undefined, 'device'],
  ['GET', '/metrics/export?format=xml', undefined, 'format'],
  ['GET', '/metrics/export?start_date=yesterday', undefined, 'start_date'],
  ['GET', '/metrics/export?end_date=tomorrow', undefined, 'end_date'],
  ['GET', '/anomaly-scores?limit=1.5', undefined, 'limit'],
  ['POST', '/train/generate-synthetic', { days: 31 }, 'days'],
  ['POST', '/train/generate-synthetic', { days: '7' }, 'days'],
  ['POST', '/train/generate-synthetic', { seed: -1 }, 'seed'],
  ['POST', '/train/anomaly-detector', { contamination: 0.7 }, 'contamination'],
  ['POST', '/train/anomaly-detector', { n_estimators: 0 }, 'n_estimators'],
  ['POST', '/train/anomaly-detector', { use_synthetic: 'yes' }, 'use_synthetic'],
  ['POST', '/predict/anomaly', { metrics: [1] }, 'metrics'],
  ['POST', '/train/forecaster', { metric: 'colour' }, 'metric'],
  ['POST', '/train/forecaster', { device: 'nobody' }, 'device'],
  ['GET', '/forecast?hours_ahead=25', undefined, 'hours_ahead'],
  ['GET', '/forecast?metric=colour', undefined, 'metric'],
  ['GET', '/forecast/alerts?limit=high', undefined, 'limit'],
  ['GET', '/forecast/trend/colour', undefined, 'metric'],
];

describeService('Infrastructure monitor.json', {
  seed: () => Promise.resolve(),
  ready: `${API}/health`,
  cases: [
    {
      what: 'says that it is well',
      method: 'GET',
      path: `${API}/health`,
      status: 200,
      check: (body) => should(body).eql({ status: 'healthy', database: 'connected', models: 0 }),
    },
    {
      what: 'measures the machine it runs on',
      method: 'GET',
      path: `${API}/metrics/stats`,
      status: 200,
      press: 'every 60 s',
      check: (body) => {
        should(body).containEql({ device: 'host', hours: 24 });
        should(body.total_samples).be.aboveOrEqual(1);
        const metrics = body.metrics as Record<string, { mean: number }>;
        for (const metric of METRICS) should(metrics[metric]!.mean).be.within(0, 100);
        should(metrics.memory_usage_mb!.mean).be.above(10);
      },
    },
    {
      what: 'cannot judge before it has learned',
      method: 'POST',
      path: `${API}/predict/anomaly`,
      body: { metrics: calm },
      status: 404,
      check: ({ detail }) => should(detail).match(/no trained model "infrastructure" for "host"/),
    },
    {
      what: 'learns nothing from the few measurements there are',
      method: 'POST',
      path: `${API}/train/anomaly-detector`,
      body: {},
      status: 400,
      check: ({ detail }) => should(detail).match(/at least 100/),
    },
    {
      what: 'learns to forecast nothing from them',
      method: 'POST',
      path: `${API}/train/forecaster`,
      body: { metric: 'memory_usage_mb' },
      status: 400,
    },
    {
      what: 'invents a week of metrics',
      method: 'POST',
      path: `${API}/train/generate-synthetic`,
      body: { days: 7, seed: 3 },
      status: 202,
      check: (body) => should(body).eql({ status: 'generated', device: 'synthetic', days: 7, samples: 2016 }),
    },
    {
      what: 'describes them',
      method: 'GET',
      path: `${API}/metrics/stats?device=synthetic&hours=200`,
      status: 200,
      soon: true,
      check: (body) => {
        should(body).containEql({ device: 'synthetic', total_samples: 2016 });
        should(body.duration_hours).be.approximately((2015 * 5) / 60, 0.001);
        should(body.labels).have.property('normal').which.is.above(1000);
        const cpu = (body.metrics as Record<string, Row>).cpu_usage_percent!;
        should(cpu).have.properties(['count', 'mean', 'deviation', 'min', 'max', 'quantiles']);
        should(cpu.mean).be.within(20, 50);
      },
    },
    {
      what: 'exports them as JSON',
      method: 'GET',
      path: `${API}/metrics/export?format=json&device=synthetic&start_date=${ago(3 * HOUR_MS)}&end_date=${ago(HOUR_MS)}`,
      status: 200,
      checkAnswer: ({ type, body }) => {
        should(type).startWith('application/json');
        const rows = rowsOf(body);
        should(rows).have.length(24);
        should(rows[0])
          .containEql({ device: 'synthetic' })
          .and.have.properties([...METRICS, 'label']);
        should(Date.parse(rows[0]!.timestamp as string)).be.within(Date.now() - 3.1 * HOUR_MS, Date.now());
      },
    },
    {
      what: 'exports them as CSV',
      method: 'GET',
      path: `${API}/metrics/export?format=csv&device=synthetic&start_date=${ago(HOUR_MS)}`,
      status: 200,
      checkAnswer: ({ type, text }) => {
        should(type).startWith('text/csv');
        const [header, ...lines] = text.trimEnd().split(/\r?\n/);
        should(header!.split(',')).containDeep(['cpu_usage_percent', 'device', 'timestamp']);
        should(lines.length).be.within(12, 13);
      },
    },
    {
      what: 'learns from all there is',
      method: 'POST',
      path: `${API}/train/anomaly-detector`,
      body: { contamination: 0.02, n_estimators: 50, use_synthetic: true },
      status: 200,
      check: (body) => {
        should(body).containEql({ status: 'trained', model: 'infrastructure', device: '*', version: 1 });
        should(body.features).containDeep([...METRICS].sort());
        should(body.training_samples).be.above(1000);
      },
    },
    {
      what: 'finds metrics normal',
      method: 'POST',
      path: `${API}/predict/anomaly`,
      body: { metrics: calm },
      status: 200,
      check: (body) => should(body).containEql({ is_anomaly: false, severity: 'normal', model_version: 1 }),
    },
    {
      what: 'finds others anomalous, and says why',
      method: 'POST',
      path: `${API}/predict/anomaly`,
      body: { metrics: { ...calm, cpu_usage_percent: 99, memory_usage_percent: 97 } },
      status: 200,
      check: (body) => {
        should(body).containEql({ is_anomaly: true });
        should(rowsOf(body.contributions)[0]!.feature).match(/cpu|memory/);
      },
    },
    {
      what: 'judges what it measured last, where it is given nothing',
      method: 'POST',
      path: `${API}/predict/anomaly`,
      status: 200,
      check: (body) => {
        should(Date.parse(body.timestamp as string)).be.within(Date.now() - HOUR_MS, Date.now());
        should(body.anomaly_score).be.within(0, 1);
      },
    },
    {
      what: 'keeps the scores',
      method: 'GET',
      path: `${API}/anomaly-scores?hours=2&limit=10`,
      status: 200,
      soon: true,
      check: (body) => {
        should(body).containEql({ device: 'host', count: 3 });
        should(rowsOf(body.scores).filter((each) => each.is_anomaly)).not.be.empty();
        should(rowsOf(body.scores)[0]).have.properties(['timestamp', 'anomaly_score', 'severity', 'model_version']);
      },
    },
    ...['/forecast', '/forecast/next-hour', '/forecast/alerts', '/forecast/trend/cpu_usage_percent'].map(
      (path): ServiceCase => ({
        what: 'forecasts nothing before it has learned to',
        method: 'GET',
        path: `${API}${path}?device=synthetic`,
        status: 404,
        check: ({ detail }) => should(detail).match(/forecast cpu_usage_percent.*synthetic/),
      }),
    ),
    {
      what: 'learns to forecast a metric',
      method: 'POST',
      path: `${API}/train/forecaster`,
      body: { device: 'synthetic', metric: 'cpu_usage_percent' },
      status: 200,
      check: (body) => {
        should(body).containEql({ status: 'trained', device: 'synthetic', metric: 'cpu_usage_percent', version: 1 });
        should(body.training_samples).be.within(2015, 2016);
      },
    },
    {
      what: 'forecasts it, as far as is asked',
      method: 'GET',
      path: `${API}/forecast?device=synthetic&metric=cpu_usage_percent&hours_ahead=6`,
      status: 200,
      check: (body) => {
        should(body).containEql({
          device: 'synthetic',
          metric: 'cpu_usage_percent',
          hours_ahead: 6,
          step_seconds: 300,
        });
        const points = body.forecast as Record<string, number>[];
        should(points.length).be.within(71, 73);
        for (const { predicted_value, confidence_lower, confidence_upper } of points) {
          should(predicted_value).be.within(confidence_lower!, confidence_upper!);
        }
        const last = (points.at(-1) as unknown as { timestamp: string }).timestamp;
        should(Date.parse(last)).be.within(Date.now() + 5.8 * HOUR_MS, Date.now() + 6 * HOUR_MS);
      },
    },
    {
      what: 'says what the next hour brings',
      method: 'GET',
      path: `${API}/forecast/next-hour?device=synthetic`,
      status: 200,
      check: ({ next_hour: nextHour }) => {
        const { mean, min, max, trend } = nextHour as { mean: number; min: number; max: number; trend: string };
        should(mean).be.within(min, max);
        should(['rising', 'falling', 'steady']).containEql(trend);
      },
    },
    {
      what: 'warns of a limit that is sure to be reached',
      method: 'GET',
      path: `${API}/forecast/alerts?device=synthetic&limit=1`,
      status: 200,
      check: (body) => {
        should(body).containEql({ metric: 'cpu_usage_percent', limit: 1 });
        const [alert, ...others] = rowsOf(body.alerts);
        should(others).eql([]);
        should(alert).containEql({ kind: 'expected' });
        should(alert!.predicted_value).be.aboveOrEqual(1);
      },
    },
    {
      what: 'does not warn of one that is out of reach',
      method: 'GET',
      path: `${API}/forecast/alerts?device=synthetic&limit=1e9`,
      status: 200,
      check: (body) => should(body.alerts).eql([]),
    },
    {
      what: 'says where it is going',
      method: 'GET',
      path: `${API}/forecast/trend/cpu_usage_percent?device=synthetic`,
      status: 200,
      check: ({ trend }) => {
        const { direction, per_hour: perHour, low, high } = trend as Record<string, number> & { direction: string };
        should(['rising', 'falling', 'steady']).containEql(direction);
        should(perHour).be.within(low!, high!);
      },
    },
    {
      what: 'lists its models',
      method: 'GET',
      path: `${API}/models`,
      status: 200,
      check: (body) => {
        const names = rowsOf(body.models).map(({ name, device, active_version: active }) => [name, device, active]);
        should(names).eql([
          ['forecast cpu_usage_percent', 'synthetic', 1],
          ['infrastructure', '*', 1],
        ]);
      },
    },
    ...nonsenseCases(API, 'detail', nonsense),
  ],
});
