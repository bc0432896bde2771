import should from 'should';
import type { Artifact } from '#lib/core/artifact';
import { MlError } from '#lib/core/errors';
import type { ModelStore } from '#lib/store/store';
import { detectors } from '#lib/registry';
import { canStartFrom, lookBack } from '#lib/training/earlier';
import { makeArtifact, makeForecaster } from '../support/artifact';

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
