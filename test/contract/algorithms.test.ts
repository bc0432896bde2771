import { detectors } from '#lib/registry';
import { commonChecks } from './algorithms/common-checks';
import { detectorChecks, detectorSubject } from './algorithms/detector-checks';
import { itPasses } from './algorithms/subject';

for (const algorithm of detectors) {
  describe(`${algorithm.id}, as every detector,`, () => {
    itPasses(detectorSubject(algorithm), [...commonChecks, ...detectorChecks]);
  });
}
