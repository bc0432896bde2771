import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for each test of the surrounding `describe`, gone when the test is over; called where hooks may be. */
export function temporaryFolder(): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowsight-ml-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
