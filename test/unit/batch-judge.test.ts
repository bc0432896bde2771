import should from 'should';
import type { Artifact } from '#lib/core/artifact';
import type { Reading } from '#lib/core/readings';
import type { Anomaly } from '#lib/detection/anomaly';
import { BatchJudge, type BatchJudgeSettings } from '#lib/detection/batch-judge';
import { readingsOf } from '#lib/readings/reading-tables';
import type { PipelineOptions } from '#lib/readings/fit-pipeline';
import { FolderStore } from '#lib/store/folder-store';
import { train } from '#lib/training/train';
import { makeForecaster } from '../support/artifact';
import { temporaryFolder } from '../support/folder';
import { MINUTE_MS, START_MS, telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const settings: BatchJudgeSettings = {
  model: 'pump-health',
  useOwn: true,
  useShared: true,
  criticalScore: 0.79,
  contributions: 3,
  maxDevices: 100,
};

const MEAN_OF_5 = { window: 5, mean: true, deviation: false, minimum: false, maximum: false, lags: [], rate: false };

const model = (device: string, pipeline: PipelineOptions = {}, name = 'pump-health'): Promise<Artifact> =>
  train(
    detectionRequest({
      name,
      device,
      algorithm: 'mad',
      pipeline,
      tables: [telemetry({ rows: 300, device })],
    }),
  );

/** A later day of a device, with a leak in rows 20 to 29. */
const day = (device: string, rows = 60): Reading[] => [
  ...readingsOf(telemetry({ rows, device, seed: 8, startMs: START_MS + 1e9, leak: { from: 20, to: 30 } })),
];
const odd = (anomalies: readonly Anomaly[]): number[] =>
  anomalies.flatMap(({ isAnomaly }, row) => (isAnomaly ? [row] : []));
const LEAK = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29];

describe('a batch judged by itself', () => {
  const folder = temporaryFolder();
  let models: FolderStore;
  let judges: BatchJudge[];
  beforeEach(() => {
    models = new FolderStore(folder());
    judges = [];
  });
  afterEach(() => {
    for (const judge of judges) judge.close();
  });
  function open(changes: Partial<BatchJudgeSettings> = {}): BatchJudge {
    const judge = new BatchJudge(models, { ...settings, ...changes }, () => undefined);
    judges.push(judge);
    return judge;
  }

  it('comes out the same however often it is sent, also after later readings', async () => {
    await models.save(await model('pump-1', { features: [{ field: 'flow', ...MEAN_OF_5 }] }), true);
    const judge = open();
    const readings = day('pump-1');
    const first = await judge.judge(readings);
    should(odd(first).filter((row) => row < 30)).eql(LEAK);
    await judge.judge(readings.map((reading) => ({ ...reading, timestampMs: reading.timestampMs + 1e9 })));
    should(await judge.judge(readings)).eql(first);
    should(
      (await Promise.all([1, 2, 3].map(() => judge.judge(readings)))).every((again) => again.length === 60),
    ).be.true();
  });

  it('is taken in the order of its times, and answered in its own', async () => {
    await models.save(await model('pump-1', { features: [{ field: 'flow', ...MEAN_OF_5 }] }), true);
    const readings = day('pump-1');
    const backwards = await open().judge([...readings].reverse());
    should([...backwards].reverse()).eql(await open().judge(readings));
  });

  it('has each device judged by its own model, else the shared one', async () => {
    await models.save(await model('pump-1'), true);
    await models.save(await model('*'), true);
    await models.save(await model('*'), true);
    const both = day('pump-1').flatMap((reading, i) => [reading, day('pump-2')[i]!]);
    const verdicts = await open().judge(both);
    should(verdicts.slice(0, 2).map(({ device, model: by }) => [device, by.version])).eql([
      ['pump-1', 1],
      ['pump-2', 2],
    ]);
    for (const device of ['pump-1', 'pump-2']) {
      should(odd(verdicts.filter((verdict) => verdict.device === device))).eql(LEAK);
    }
  });

  it('is not judged without a trained model', async () => {
    await models.save(await model('pump-1'), true);
    await open()
      .judge(day('pump-2'))
      .should.be.rejectedWith({ code: 'NOT_FOUND', message: /no trained model "pump-health" for "pump-2"/ });
    await open({ useOwn: false }).judge(day('pump-1')).should.be.rejectedWith({ code: 'NOT_FOUND' });
    await models.save(makeForecaster({ name: 'level', device: 'pump-1' }), true);
    await open()
      .judge(day('pump-1'), { model: 'level' })
      .should.be.rejectedWith({ code: 'CONFLICT', message: /it forecasts/ });
  });

  it('names the model it asks for, and a new version counts at once', async () => {
    await models.save(await model('pump-1', {}, 'other'), true);
    const judge = open();
    const by = async (): Promise<unknown> => (await judge.judge(day('pump-1', 1), { model: 'other' }))[0]!.model;
    should(await by()).eql({ name: 'other', version: 1, algorithm: 'mad' });
    await models.save(await model('pump-1', {}, 'other'), true);
    should(await by()).eql({ name: 'other', version: 2, algorithm: 'mad' });
  });

  it('may set a threshold of its own', async () => {
    await models.save(await model('pump-1'), true);
    const judge = open();
    const usual = await judge.judge(day('pump-1'));
    const sharp = await judge.judge(day('pump-1'), { threshold: 0.2 });
    const expected = usual.flatMap(({ score }, row) => (score! >= 0.2 ? [row] : []));
    should(expected.length).be.above(LEAK.length);
    should(odd(sharp)).eql(expected);
    should(sharp[0]!.threshold).equal(0.2);
    should(odd(await judge.judge(day('pump-1'), { threshold: 1 }))).eql([]);
  });

  it('lets a device recover whoever chose the threshold', async () => {
    await models.save(await model('pump-1', { features: [{ field: 'flow', ...MEAN_OF_5 }] }), true);
    const usual = await open().judge(day('pump-1'));
    const raised = usual.filter(({ threshold }) => threshold > 0.7);
    should(raised.length).be.within(1, 59);
    should(raised.some(({ score, isAnomaly }) => score! > 0.7 && !isAnomaly)).be.true();
    should(await open().judge(day('pump-1'), { threshold: 0.7 })).eql(usual);
  });

  it('says in its first rows which features have no past, and not of a field that is missing', async () => {
    await models.save(await model('pump-1', { features: [{ field: 'flow', ...MEAN_OF_5, rate: true }] }), true);
    const readings = day('pump-1', 10);
    const notes = async (batch: readonly Reading[]): Promise<unknown> =>
      (await open().judge(batch)).map(({ note }) => note?.slice(0, 38));
    const lacking = (features: number): string => `${features} of 6 features need earlier readings `.slice(0, 38);
    should(await notes(readings)).eql([
      lacking(2),
      ...[1, 2, 3].map(() => lacking(1)),
      ...[4, 5, 6, 7, 8, 9].map(() => undefined),
    ]);
    const withoutFlow = readings.map((reading) => ({
      ...reading,
      values: new Map([...reading.values].filter(([field]) => field !== 'flow')),
    }));
    should(await notes(withoutFlow)).eql(readings.map(() => undefined));
    const [single] = await open().judge(readings.slice(5, 6));
    should(single!.severity).equal('normal');
    should(single!.note).match(/^2 of 6 features need earlier readings that are not there: what is usual stands in/);
  });

  it('has a verdict on its last step, too, where the model takes readings together', async () => {
    await models.save(await model('pump-1', { stepMs: 2 * MINUTE_MS }), true);
    const judge = open();
    const times = (await judge.judge(day('pump-1'))).map(({ timestamp }) => Date.parse(timestamp));
    should(times).have.length(30);
    should(times.at(-1)! - times[0]!).equal(58 * MINUTE_MS);
    should(await judge.judge(day('pump-1', 1))).have.length(1);
  });

  it('lets others have their turn, and ends when the judge is closed', async () => {
    await models.save(await model('pump-1'), true);
    const judge = open();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const judged = await judge.judge(day('pump-1', 5000));
    clearInterval(timer);
    should(judged).have.length(5000);
    should(turns).be.above(5);
    const cut = judge.judge(day('pump-1', 5000));
    judge.close();
    await cut.should.be.rejectedWith({ code: 'ABORTED' });
  });
});
