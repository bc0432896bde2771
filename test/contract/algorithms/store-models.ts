/** Run after a state's version was raised (`node build/test/contract/algorithms/store-models.js`): stores what is new. */
import { detectors, forecasters } from '#lib/registry';
import { detectorSubject } from './detector-checks';
import { forecasterSubject } from './forecaster-checks';
import type { Subject } from './subject';
import { storeModel } from './stored-models';

async function storeAll(): Promise<void> {
  const subjects = [...detectors.map(detectorSubject), ...forecasters.map(forecasterSubject)];
  for (const subject of subjects as unknown as readonly Subject[]) {
    const stored = await storeModel(subject);
    console.log(`${subject.algorithm.id}: ${stored ? 'stored' : 'already there'}`);
  }
}

storeAll().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
