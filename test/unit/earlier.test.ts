import should from 'should';
import type { Artifact } from '#lib/core/artifact';
import { MlError } from '#lib/core/errors';
import type { ModelStore } from '#lib/store/store';
import type { DetectorAlgorithm, ForecasterAlgorithm, Run } from '#lib/core/algorithm';
import { detector, detectors, forecaster, forecasters } from '#lib/registry';
import { canStartFrom, lookBack } from '#lib/training/earlier';
import type { EarlierVersion } from '#lib/training/request';
import { train } from '#lib/training/train';
import { makeArtifact, makeForecaster } from '../support/artifact';
import { tank } from '../support/tank';
import { telemetry } from '../support/telemetry';

/** A store of which only the active version is asked. */
function storeWith(active: Artifact | null | MlError): ModelStore {
  const answer = (): Promise<unknown> =>
    active instanceof MlError
      ? Promise.reject(active)
      : Promise.resolve(active && { artifact: active, threshold: null });
  return { active: answer } as unknown as ModelStore;
}

const detection = { name: 'pump-health', task: 'detection' } as const;
const forecast = { name: 'tank-level', task: 'forecast' } as const;

describe('the version before', () => {
  it('is handed to a training that is to go on from it', async () => {
    const artifact = makeArtifact({ version: 3 });
    should(await lookBack(storeWith(artifact), detection, 'pump-07', true)).eql({
      start: { state: artifact.state, stateVersion: 1, algorithm: 'mad', version: 3 },
    });
    should(await lookBack(storeWith(artifact), detection, 'pump-07', false)).eql({});
    should(await lookBack(storeWith(null), detection, 'pump-07', true)).eql({});
  });

  it('must be of the same kind', async () => {
    await should(lookBack(storeWith(makeForecaster()), detection, 'pump-07', false)).rejectedWith({
      code: 'CONFLICT',
      message:
        'The model "pump-health" for pump-07 forecasts: give the one that detects another name, or delete the old one.',
    });
    await should(lookBack(storeWith(makeArtifact()), forecast, '*', false)).rejectedWith({
      code: 'CONFLICT',
      message: /^The model "tank-level" for all devices detects: give the one that forecasts another name/,
    });
  });

  it('does not stop a training where it is damaged or too large', async () => {
    const damaged = storeWith(new MlError('ARTIFACT', 'Version 3 is damaged.'));
    should(await lookBack(damaged, detection, 'pump-07', true)).eql({
      problem: 'Started from nothing: Version 3 is damaged.',
    });
    should(await lookBack(damaged, detection, 'pump-07', false)).eql({});
    const data = new Float64Array(8 * 2 ** 20 + 1);
    const large = makeArtifact({ version: 3, state: { scalars: {}, tensors: { w: { shape: [data.length], data } } } });
    should(await lookBack(storeWith(large), detection, 'pump-07', true)).eql({
      problem: 'Started from nothing: version 3 is too large.',
    });
  });

  it('is no start for another algorithm, nor for one that cannot go on', () => {
    const [algorithm] = detectors;
    const able = { ...algorithm!, traits: { ...algorithm!.traits, warmStart: true } };
    const unable = { ...algorithm!, traits: { ...algorithm!.traits, warmStart: false } };
    const start = { state: { scalars: {}, tensors: {} }, stateVersion: 1, version: 3, algorithm: able.id };
    should(canStartFrom(able, start)).be.true();
    should(canStartFrom(unable, start)).be.false();
    should(canStartFrom(able, { ...start, algorithm: 'other' })).be.false();
    should(canStartFrom(able, undefined)).be.false();
  });
});

describe('a training that goes on from the version before', () => {
  /** What the algorithms were given to start from, fit by fit. */
  let starts: (Run['start'] | null)[] = [];
  /** An algorithm like another one, that takes what it is given to start from. */
  const able = <A extends DetectorAlgorithm | ForecasterAlgorithm>(algorithm: A): A => ({
    ...algorithm,
    id: `able-${algorithm.id}`,
    traits: { ...algorithm.traits, warmStart: true },
    fit: (x: never, params: never, run: Run) => {
      starts.push(run.start ?? null);
      return algorithm.fit(x, params, run);
    },
  });
  const ableDetector = able(detector('mad'));
  const ableForecaster = able(forecaster('seasonal-naive'));
  const registered = [detectors, forecasters] as [DetectorAlgorithm[], ForecasterAlgorithm[]];
  before(() => {
    registered[0].push(ableDetector);
    registered[1].push(ableForecaster);
  });
  after(() => {
    for (const list of registered) list.pop();
  });
  beforeEach(() => {
    starts = [];
  });
  const common = { device: 'x', params: {}, minRows: 100, seed: 1, learnAlarms: false, name: 'm' };
  const startOf = ({ state, algorithm }: Artifact): EarlierVersion => ({
    state,
    stateVersion: algorithm.stateVersion,
    algorithm: algorithm.id,
    version: 3,
  });
  const started = 'Started from version 3, as far as that fits these readings.';

  it('gives a detector its own state', async () => {
    const request = {
      ...common,
      task: 'detection',
      algorithm: ableDetector.id,
      pipeline: {},
      threshold: { by: 'score', value: 0.7 },
      tables: [telemetry({ rows: 200 })],
    } as const;
    const first = await train(request);
    first.card.warnings.should.not.containEql(started);
    const second = await train({ ...request, start: startOf(first) });
    should(starts).eql([null, { state: first.state, stateVersion: ableDetector.stateVersion }]);
    second.card.warnings.should.containEql(started);
    const other = await train({ ...request, algorithm: 'mad', start: startOf(first) });
    other.card.warnings.should.not.containEql(started);
  });

  it('gives a forecaster its own part, but not for the backtest: it may have seen what is held out', async () => {
    const request = {
      ...common,
      task: 'forecast',
      algorithm: ableForecaster.id,
      series: { field: 'level' },
      horizonMs: 86_400_000,
      budgetSeconds: 20,
      tables: [tank({ rows: 480 })],
    } as const;
    const first = await train(request);
    first.card.warnings.should.not.containEql(started);
    starts = [];
    const second = await train({ ...request, start: startOf(first) });
    const own = { state: { scalars: { period: 24 }, tensors: {} }, stateVersion: ableForecaster.stateVersion };
    should(starts).eql([null, own]);
    second.card.warnings.should.containEql(started);
    should(second.card.metrics).eql(first.card.metrics);
    const other = await train({ ...request, algorithm: 'seasonal-naive', start: startOf(first) });
    other.card.warnings.should.not.containEql(started);
  });
});
