import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStore } from '#lib/store/folder-store';
import { encodeName } from '#lib/store/names';
import { storeContract } from './store-contract';

storeContract('a folder', async (keep) => {
  const folder = await mkdtemp(join(tmpdir(), 'ml-store-'));
  const options = keep === undefined ? {} : { keep };
  return {
    store: new FolderStore(folder, options),
    reopen: () => new FolderStore(folder, options),
    damageVersion: ({ name, device }, version) =>
      truncate(join(folder, 'models', encodeName(name), encodeName(device), `v${version}.json`), 500),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
