/** The IIoT platform of `examples/services`: each endpoint over real HTTP, and what it tells over MQTT. */
import should from 'should';
import { nonsense } from '../support/iiot-nonsense';
import { seedMetrics } from '../support/plant-history';
import { describeService, nonsenseCases, type ServiceCase } from '../support/service';

type Row = Record<string, unknown>;
const rowsOf = (value: unknown): Row[] => value as Row[];

const HOUR_MS = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
/** The four days but for the newest three hours, in which the press was hot. */
const quiet = { from: ago(96 * HOUR_MS), to: ago(3 * HOUR_MS) };
const usual = { temperature: 60, pressure: 6, vibration: 2 };
const hot = { temperature: 95, pressure: 6, vibration: 9 };
const judgedAt = ago(HOUR_MS);

const API = '/api/v1/ml';
const MODEL = 'standard:press-1';

describeService('IIoT platform.json', {
  seed: seedMetrics,
  ready: `${API}/models`,
  cases: [
    {
      what: 'has no models to begin with',
      method: 'GET',
      path: `${API}/models`,
      status: 200,
      check: (body) => should(body).eql({ count: 0, models: [] }),
    },
    {
      what: 'predicts nothing before it was trained',
      method: 'POST',
      path: `${API}/predict`,
      body: { device_id: 'press-1', data: usual },
      status: 404,
      check: ({ error }) => should(error).match(/no trained model "standard" for "press-1"/),
    },
    {
      what: 'learns what is normal for a device, and tells so',
      method: 'POST',
      path: `${API}/models/train`,
      body: { device_id: 'press-1', ...quiet, parameters: { trees: 200 }, contamination: 0.005 },
      status: 200,
      check: (body) => {
        should(body).containEql({ status: 'trained', model_id: MODEL, device_id: 'press-1', version: 1 });
        should(body).containEql({ algorithm: 'isolation-forest', active: true });
        should(body.threshold).be.within(0.3, 0.9);
        should(body.training_samples).be.within(1114, 1117);
      },
      tells: [
        'iiot/ml/model/trained/press-1',
        (message) => should(message).containEql({ model_id: MODEL, version: 1 }),
      ],
    },
    {
      what: 'finds a reading normal',
      method: 'POST',
      path: `${API}/predict`,
      body: { device_id: 'press-1', timestamp: judgedAt, data: usual },
      status: 200,
      check: (body) => {
        should(body).containEql({ device_id: 'press-1', model_id: MODEL, model_version: 1, timestamp: judgedAt });
        should(body).containEql({ is_anomaly: false, severity: 'normal' });
        should(body.anomaly_score).be.within(0, body.threshold as number);
      },
    },
    {
      what: 'finds another one anomalous, says why, and tells so',
      method: 'POST',
      path: `${API}/predict`,
      body: { device_id: 'press-1', timestamp: judgedAt, data: hot },
      status: 200,
      check: (body) => {
        should(body).containEql({ is_anomaly: true, timestamp: judgedAt });
        should(body.anomaly_score).be.within(body.threshold as number, 1);
        should(rowsOf(body.contributions)[0]!.feature).match(/temperature|vibration/);
      },
      tells: [
        'iiot/ml/anomaly/press-1',
        (message) => should(message).containEql({ device_id: 'press-1', is_anomaly: true, timestamp: judgedAt }),
      ],
    },
    {
      what: 'judges many readings at once',
      method: 'POST',
      path: `${API}/predict/batch`,
      body: {
        device_id: 'press-1',
        data: [usual, hot, usual].map((row, i) => ({ ...row, timestamp: ago(HOUR_MS / 2 - i * 300_000) })),
      },
      status: 200,
      check: (body) => {
        should(body).containEql({ count: 3, anomalies_detected: 1 });
        should(rowsOf(body.predictions).map((verdict) => verdict.is_anomaly)).eql([false, true, false]);
      },
    },
    {
      what: 'keeps the anomalies, newest first',
      method: 'GET',
      path: `${API}/anomalies?device_id=press-1&from=${ago(2 * HOUR_MS)}&to=${ago(-HOUR_MS)}&limit=10`,
      status: 200,
      soon: true,
      check: (body) => {
        const [newest, older, ...others] = rowsOf(body.anomalies);
        should(others).eql([]);
        should(body.count).equal(2);
        should(older).containEql({ device_id: 'press-1', model_id: MODEL, model_version: 1, timestamp: judgedAt });
        should(Date.parse(newest!.timestamp as string)).be.above(Date.parse(judgedAt));
      },
    },
    {
      what: 'gives as many as are asked for',
      method: 'GET',
      path: `${API}/anomalies?limit=1`,
      status: 200,
      check: (body) => should(body.count).equal(1),
    },
    {
      what: 'has none of another device',
      method: 'GET',
      path: `${API}/anomalies?device_id=press-2`,
      status: 200,
      check: (body) => should(body).eql({ count: 0, anomalies: [] }),
    },
    {
      what: 'says how it has been doing',
      method: 'GET',
      path: `${API}/performance?device_id=press-1&hours=2`,
      status: 200,
      soon: true,
      check: (body) => {
        should(body).containEql({ hours: 2, predictions: 5, anomalies: 2, anomaly_rate: 0.4, truncated: false });
        const { p50, p95, max } = body.scoring_ms as Record<string, number>;
        should(p50).be.within(0, p95!);
        should(p95).be.within(p50!, max!);
      },
    },
    {
      what: 'moves the threshold',
      method: 'PUT',
      path: `${API}/threshold`,
      body: { model_id: MODEL, threshold: 0.995 },
      status: 200,
      check: (body) => should(body).eql({ model_id: MODEL, threshold: 0.995 }),
    },
    {
      what: 'judges by it from then on',
      method: 'POST',
      path: `${API}/predict`,
      body: { device_id: 'press-1', data: hot },
      status: 200,
      check: (body) => should(body).containEql({ threshold: 0.995, is_anomaly: false }),
    },
    {
      what: 'trains a model anew by its own settings, and says what that was worth',
      method: 'POST',
      path: `${API}/models/${MODEL}/retrain`,
      body: { hours: 96 },
      status: 200,
      check: (body) => {
        should(body).containEql({ status: 'retrained', model_id: MODEL, version: 2, previous_version: 1 });
        should(body.training_samples).be.within(1150, 1152);
        should(body.features).eql(['pressure', 'temperature', 'vibration']);
        should(body.improvement_percentage).be.a.Number().and.be.within(-50, 50);
      },
      tells: [
        'iiot/ml/model/retrained/press-1',
        (message) => should(message).containEql({ model_id: MODEL, version: 2, previous_version: 1 }),
      ],
    },
    {
      what: 'does not compare what looks at other features',
      method: 'POST',
      path: `${API}/models/${MODEL}/retrain`,
      body: { features: ['pressure', 'vibration'] },
      status: 200,
      check: (body) => should(body).containEql({ version: 3, improvement_percentage: null }),
    },
    {
      what: 'shows a model',
      method: 'GET',
      path: `${API}/models/${MODEL}`,
      status: 200,
      check: (body) => {
        should(body).containEql({ model_id: MODEL, device_id: 'press-1', active_version: 3, threshold: 0.995 });
        should(rowsOf(body.versions).map(({ version }) => version)).eql([1, 2, 3]);
        should(body.card).containEql({ algorithm: 'isolation-forest', seed: 1 });
      },
    },
    {
      what: 'keeps a model beside it under another name',
      method: 'POST',
      path: `${API}/models/train`,
      body: { device_id: 'press-1', model_name: 'spread', algorithm: 'mad', contamination: 0.02, hours: 48 },
      status: 200,
      check: (body) => should(body).containEql({ model_id: 'spread:press-1', algorithm: 'mad', training_samples: 576 }),
    },
    {
      what: 'lists both',
      method: 'GET',
      path: `${API}/models`,
      status: 200,
      check: (body) => {
        const model = { device_id: 'press-1' };
        should(body.models).eql([
          { ...model, model_id: 'spread:press-1', active_version: 1, algorithm: 'mad', versions: [1] },
          { ...model, model_id: MODEL, active_version: 3, algorithm: 'isolation-forest', versions: [1, 2, 3] },
        ]);
      },
    },
    {
      what: 'predicts by the model that is named',
      method: 'POST',
      path: `${API}/predict`,
      body: { device_id: 'press-1', model_name: 'spread', data: hot },
      status: 200,
      check: (body) => should(body).containEql({ model_id: 'spread:press-1', is_anomaly: true }),
    },
    {
      what: 'deletes a model',
      method: 'DELETE',
      path: `${API}/models/spread:press-1`,
      status: 200,
      check: (body) => should(body).eql({ status: 'deleted', model_id: 'spread:press-1' }),
    },
    ...(
      [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/retrain'],
      ] as const
    ).map(([method, more]): ServiceCase => ({
      what: 'has it no longer',
      method,
      path: `${API}/models/spread:press-1${more}`,
      status: 404,
      check: ({ error }) => should(error).match(/spread.*press-1/),
    })),
    {
      what: 'knows no model of such a name',
      method: 'GET',
      path: `${API}/models/nothing`,
      status: 404,
    },
    {
      what: 'moves no threshold of a model that is not there',
      method: 'PUT',
      path: `${API}/threshold`,
      body: { model_id: 'spread:press-1', threshold: 0.8 },
      status: 404,
    },
    {
      what: 'learns nothing from an hour',
      method: 'POST',
      path: `${API}/models/train`,
      body: { device_id: 'press-2' },
      status: 400,
      check: ({ error }) => should(error).match(/at least 100/),
    },
    {
      what: 'is not taken in by a hostile name',
      method: 'POST',
      path: `${API}/models/train`,
      body: { device_id: "'; DROP TABLE metrics; --" },
      status: 400,
    },
    {
      what: 'names the algorithms where it has no such one',
      method: 'POST',
      path: `${API}/models/train`,
      body: { device_id: 'press-1', algorithm: 'magic' },
      status: 422,
      check: ({ error }) => should(error).match(/algorithm must be one of .*isolation-forest.*got "magic"/),
    },
    {
      what: 'names the parameter of an algorithm that is out of range',
      method: 'POST',
      path: `${API}/models/train`,
      body: { device_id: 'press-1', parameters: { trees: 0 } },
      status: 422,
      check: ({ error }) => should(error).match(/trees must be .*got 0/),
    },
    {
      what: 'names what is no reading',
      method: 'POST',
      path: `${API}/predict`,
      body: { device_id: 'press-1', data: { colour: 'red' } },
      status: 422,
    },
    ...nonsenseCases(API, 'error', nonsense),
  ],
});
