/** Run after a state's version was raised (`node build/test/contract/algorithms/store-models.js`): stores what is new. */
import { detectors } from '#lib/registry';
import { detectorSubject } from './detector-checks';
import { storeModel } from './stored-models';

async function storeAll(): Promise<void> {
  for (const algorithm of detectors) {
    const stored = await storeModel(detectorSubject(algorithm));
    console.log(`${algorithm.id}: ${stored ? 'stored' : 'already there'}`);
  }
}

storeAll().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
