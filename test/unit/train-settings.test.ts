import type { NodeDef } from 'node-red';
import should from 'should';
import { ML_TRAIN_DEFAULTS, type MlTrainConfig } from '#nodes/ml-train/config';
import { settingsOf, type TrainSettings } from '#nodes/ml-train/settings';
import { migrateConfig } from '#nodes/shared/migrate';

/** What the runtime makes of a node as a flow file holds it. */
function settingsFrom(flow: Partial<MlTrainConfig>): TrainSettings {
  return settingsOf(
    migrateConfig<MlTrainConfig>({ id: 'a', type: 'ml-train', z: 'b', ...flow } as NodeDef, ML_TRAIN_DEFAULTS),
  );
}

describe('the settings of ml-train', () => {
  it('train detectors where a flow says nothing of a task, as all did once', () => {
    const old = { configVersion: 1, algorithm: 'mad', shared: true, thresholdBy: 'score' as const, fields: 'flow' };
    const { request, shared, warmStart } = settingsFrom(old);
    should(request).containDeep({
      task: 'detection',
      name: 'default',
      algorithm: 'mad',
      pipeline: { fields: ['flow'] },
      threshold: { by: 'score', value: 0.7 },
    });
    should({ shared, warmStart }).eql({ shared: true, warmStart: false });
  });

  it('train forecasters a day ahead where nothing else is said', () => {
    const { request } = settingsFrom({ task: 'forecast', timeZone: 'Europe/Berlin' });
    should(request).eql({
      task: 'forecast',
      name: 'default',
      algorithm: 'auto',
      params: {},
      minRows: 100,
      seed: 1,
      series: { field: '', others: [], derived: [], aggregation: 'mean', timeZone: 'Europe/Berlin' },
      horizonMs: 86_400_000,
      budgetSeconds: 20,
    });
  });

  it('say which series to forecast, and how far', () => {
    const { request } = settingsFrom({
      task: 'forecast',
      target: ' level ',
      otherFields: 'flow, pressure',
      horizon: '90 min',
      budgetSeconds: '5',
      step: '60',
      aggregation: 'last',
      conditionField: 'running',
    });
    should(request).containDeep({
      series: {
        field: 'level',
        others: ['flow', 'pressure'],
        stepMs: 60_000,
        aggregation: 'last',
        judgeWhen: { field: 'running', comparison: '>', value: 0 },
      },
      horizonMs: 5_400_000,
      budgetSeconds: 5,
    });
  });

  it('do not look at what belongs to the other task', () => {
    const forecast = { task: 'forecast', shared: true, thresholdBy: 'luck', thresholdValue: 'x' };
    should(settingsFrom(forecast as never).shared).be.false();
    should(settingsFrom({ horizon: 'far', budgetSeconds: 'all' }).request.task).equal('detection');
  });

  it('are refused with a sentence where they make no sense', () => {
    should(() => settingsFrom({ task: 'dream' as never })).throw(/ml-train: task must be one of detect, forecast/);
    should(() => settingsFrom({ task: 'forecast', horizon: '24' })).throw(/horizon must be a time such as "24 h"/);
    should(() => settingsFrom({ task: 'forecast', budgetSeconds: '0' })).throw(/budgetSeconds must be a number from 1/);
  });
});
