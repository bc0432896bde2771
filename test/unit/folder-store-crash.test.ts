import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '#lib/core/random';
import { FolderStore } from '#lib/store/folder-store';
import { temporaryFolder } from '../support/folder';
import { makeArtifact } from '../support/artifact';

const key = { name: 'pump-health', device: 'pump-07' };
const script = join(__dirname, '..', 'support', 'save-loop.js');

interface Saver {
  readonly process: ChildProcess;
  /** Versions it has said it saved. */
  readonly saved: number[];
  readonly errors: string[];
}

function startSaver(folder: string, keep: number, count: number): Saver {
  const child = spawn(process.execPath, [script, folder, String(keep), String(count)]);
  const saver: Saver = { process: child, saved: [], errors: [] };
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    saver.saved.push(...lines.map(Number));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => saver.errors.push(text));
  return saver;
}

describe('a folder that processes save into', () => {
  const folder = temporaryFolder();
  const modelFolder = (): string => join(folder(), 'models', key.name, key.device);

  it('gives each version its own number when several save at once', async () => {
    const savers = [1, 2, 3].map(() => startSaver(folder(), 100, 12));
    await Promise.all(savers.map(({ process }) => once(process, 'close')));
    savers.flatMap(({ errors }) => errors).should.eql([]);
    const saved = savers.flatMap((saver) => saver.saved).sort((a, b) => a - b);
    saved.should.eql(Array.from({ length: 36 }, (_, i) => i + 1));
    for (const { saved: own } of savers) own.should.eql([...own].sort((a, b) => a - b));

    const store = new FolderStore(folder());
    const [summary] = await store.list();
    summary!.versions.filter(({ broken }) => broken !== undefined).should.eql([]);
    summary!.versions.should.have.length(36);
    summary!.active!.should.equal(36);
  });

  it('never loses a version that was saved when a process is killed in the middle of a save', async function () {
    this.timeout(60_000);
    const keep = 8;
    const random = new Random(7);
    const store = new FolderStore(folder(), { keep });
    let last = (await store.save(makeArtifact(key), true)).version;
    const traces = { claim: 0, temporary: 0, lock: 0 };

    for (let round = 0; round < 40; round++) {
      const saver = startSaver(folder(), keep, 1000);
      await once(saver.process.stdout!, 'data');
      await sleep(random.uniform(0, 40));
      saver.process.kill('SIGKILL');
      await once(saver.process, 'close');
      saver.errors.should.eql([]);
      const said = saver.saved.at(-1)!;
      said.should.be.above(last);

      const [summary] = await store.list(key);
      summary!.should.not.have.property('problem');
      summary!.versions.filter(({ broken }) => broken !== undefined).should.eql([]);
      // One more may have been saved, and not said any more.
      summary!.active!.should.be.aboveOrEqual(said);
      const versions = summary!.versions.map(({ version }) => version);
      // Numbers may be left out where a process died; all that were said and are to be kept must be there.
      for (const version of saver.saved.slice(1 - keep)) versions.should.containEql(version);
      (await store.get(key)).version.should.equal(summary!.active);
      for (const version of versions.slice(-2)) (await store.get(key, version)).version.should.equal(version);
      last = Math.max(...versions);

      const left = await readdir(modelFolder());
      const sizes = await Promise.all(left.map(async (name) => (await stat(join(modelFolder(), name))).size));
      if (left.some((name, i) => name.startsWith('v') && sizes[i] === 0)) traces.claim++;
      if (left.includes('manifest.lock')) traces.lock++;
      if ((await readdir(join(folder(), 'tmp'))).length > traces.temporary) traces.temporary++;
    }
    // The test is worth something only where kills came in the middle of saves.
    traces.lock.should.be.above(5);
    (traces.claim + traces.temporary).should.be.above(0);
  });
});
