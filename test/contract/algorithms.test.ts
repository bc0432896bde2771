import { detectors, forecasters } from '#lib/registry';
import { commonChecks } from './algorithms/common-checks';
import { detectorChecks, detectorSubject } from './algorithms/detector-checks';
import { forecasterChecks, forecasterSubject } from './algorithms/forecaster-checks';
import { itPasses } from './algorithms/subject';

for (const algorithm of detectors) {
  describe(`${algorithm.id}, as every detector,`, () => {
    itPasses(detectorSubject(algorithm), [...commonChecks, ...detectorChecks]);
  });
}

for (const algorithm of forecasters) {
  describe(`${algorithm.id}, as every forecaster,`, () => {
    itPasses(forecasterSubject(algorithm), [...commonChecks, ...forecasterChecks]);
  });
}
