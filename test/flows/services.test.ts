/** The services in `examples/services`, each endpoint over real HTTP against a real Node-RED and a real database. */
import should from 'should';
import { seedShadows } from '../support/plant-history';
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
      check: ({ error }) => should(error).match(/system\.colour/),
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
      what: 'counts its models',
      method: 'GET',
      path: '/health',
      status: 200,
      check: (body) => should(body.models).equal(2),
    },
  ],
});
