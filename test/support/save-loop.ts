/** A process that saves versions, one after the other, and says which: `node save-loop.js FOLDER KEEP COUNT`. */
import { FolderStore } from '#lib/store/folder-store';
import { makeArtifact } from './artifact';

const [folder, keep, count] = process.argv.slice(2);
// Large enough that a save takes a while, so that a process is often killed in the middle of one.
const data = Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i));
const state = { scalars: {}, tensors: { x: { shape: [data.length], data } } };

async function run(): Promise<void> {
  const store = new FolderStore(folder!, { keep: Number(keep) });
  for (let i = 0; i < Number(count); i++) {
    const { version } = await store.save(makeArtifact({ state }), true);
    process.stdout.write(`${version}\n`);
  }
}

run().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
