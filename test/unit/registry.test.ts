import should from 'should';
import { detector, detectors } from '#lib/registry';

describe('the registry', () => {
  it('finds each detector by its id, and no two share one', () => {
    for (const algorithm of detectors) should(detector(algorithm.id)).equal(algorithm);
  });

  it('names the detectors that there are when one does not exist', () => {
    should(() => detector('oracle')).throw(/There is no detector "oracle"; the detectors are: .*mad/);
    should(() => detector('__proto__')).throw(/no detector/);
  });
});
