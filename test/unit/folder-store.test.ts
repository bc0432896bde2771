import { mkdir, readFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import should from 'should';
import { isMlError } from '#lib/core/errors';
import { FolderStore } from '#lib/store/folder-store';
import type { ModelKey } from '#lib/store/store';
import { makeArtifact } from '../support/artifact';
import { temporaryFolder } from '../support/folder';
import { ManualTimers } from '../support/manual-timers';

const key: ModelKey = { name: 'pump-health', device: 'pump-07' };
const HOUR_MS = 3_600_000;

describe('a store in a folder', () => {
  const folder = temporaryFolder();
  const inModel = (file: string): string => join(folder(), 'models', key.name, key.device, file);
  let store: FolderStore;
  const save = async (activate = true): Promise<number> => (await store.save(makeArtifact(key), activate)).version;

  beforeEach(() => {
    store = new FolderStore(folder());
  });

  it('makes nothing before something is saved', async () => {
    const nowhere = new FolderStore(join(folder(), 'a', 'b'));
    (await nowhere.list()).should.eql([]);
    (await readdir(folder())).should.eql([]);
  });

  it('is for the owner only', async () => {
    await save();
    const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    (await modeOf(inModel('v1.json'))).should.equal(0o600);
    (await modeOf(inModel('manifest.json'))).should.equal(0o600);
    for (const name of ['models', 'models/pump-health', 'models/pump-health/pump-07', 'tmp']) {
      (await modeOf(join(folder(), name))).should.equal(0o700);
    }
  });

  it('never changes the file of a version, and leaves nothing else behind', async () => {
    await save();
    const before = await readFile(inModel('v1.json'));
    await save();
    await store.rollback(key);
    await store.setThreshold(key, 0.9);
    (await readFile(inModel('v1.json'))).equals(before).should.be.true();
    (await readdir(inModel('.'))).sort().should.eql(['manifest.json', 'v1.json', 'v2.json']);
    (await readdir(join(folder(), 'tmp'))).should.eql([]);
  });

  it('says in a sentence that the disk refuses', async () => {
    await writeFile(join(folder(), 'file'), '');
    const blocked = new FolderStore(join(folder(), 'file'));
    await should(blocked.save(makeArtifact(key), true)).rejectedWith({
      code: 'STORE',
      message: /^The store in .*file failed: /,
    });
  });

  it('leaves foreign files alone', async () => {
    await save();
    for (const other of ['.DS_Store', 'notes.txt', 'v0.json', 'v01.json', 'v1.json.bak']) {
      await writeFile(inModel(other), 'x');
      await writeFile(join(folder(), 'models', other), 'x');
    }
    await mkdir(join(folder(), 'models', 'Backup', 'x'), { recursive: true });
    await mkdir(join(folder(), 'models', 'empty', 'x'), { recursive: true });
    (await store.keys()).should.eql([key]);
    (await store.list())[0]!.versions.should.have.length(1);
    (await save()).should.equal(2);
  });

  describe('after a crash', () => {
    it('gives a number that was claimed and not used to nobody else, and cleans up later', async () => {
      await save();
      await writeFile(inModel('v2.json'), '');
      (await store.list())[0]!.versions.should.have.length(1);
      await should(store.get(key, 2)).rejectedWith({ code: 'NOT_FOUND' });
      (await save()).should.equal(3);
      (await readdir(inModel('.'))).should.containEql('v2.json');
      const longAgo = new Date(Date.now() - 2 * HOUR_MS);
      await utimes(inModel('v2.json'), longAgo, longAgo);
      (await save()).should.equal(4);
      (await readdir(inModel('.'))).should.not.containEql('v2.json');
    });

    it('deletes temporary files that nobody writes any more', async () => {
      const temporary = join(folder(), 'tmp');
      await mkdir(temporary);
      for (const name of ['old', 'new']) await writeFile(join(temporary, name), 'x');
      const longAgo = new Date(Date.now() - 2 * HOUR_MS);
      await utimes(join(temporary, 'old'), longAgo, longAgo);
      await save();
      (await readdir(temporary)).should.eql(['new']);
    });

    for (const [whose, pid] of Object.entries({ 'a dead process': 2 ** 22 + 1, 'an earlier run': process.pid })) {
      it(`takes over the lock of ${whose}`, async () => {
        await save();
        await writeFile(inModel('manifest.lock'), JSON.stringify({ host: hostname(), pid, started: 1 }));
        const began = Date.now();
        (await save()).should.equal(2);
        (Date.now() - began).should.be.below(5000);
        (await readdir(inModel('.'))).should.not.containEql('manifest.lock');
      });
    }

    it('takes over a lock whose process died before it had put its name in', async () => {
      await save();
      await writeFile(inModel('manifest.lock'), '');
      const began = Date.now();
      (await save()).should.equal(2);
      (Date.now() - began).should.be.within(900, 5000);
    });

    it('takes over a lock that has not been touched for a minute', async () => {
      await save();
      await writeFile(inModel('manifest.lock'), '{"host":"another","pid":1}');
      const before = new Date(Date.now() - 61_000);
      await utimes(inModel('manifest.lock'), before, before);
      (await save()).should.equal(2);
    });
  });

  describe('with a damaged manifest', () => {
    const damage = async (): Promise<void> => truncate(inModel('manifest.json'), 20);

    it('takes the newest version that was active when it was stored, and says so', async () => {
      await save();
      await save();
      await save(false);
      await damage();
      const [summary] = await store.list();
      summary!.should.containEql({ active: 2, pinned: false, threshold: null });
      summary!.problem!.should.match(
        /manifest is damaged.* A pin and a threshold of your own are lost. Version 2 is taken/,
      );
      should((await store.active(key))?.artifact.version).equal(2);
    });

    it('takes the newest readable version where none was ever active', async () => {
      await save(false);
      await save(false);
      await save(false);
      await truncate(inModel('v3.json'), 100);
      await damage();
      (await store.list())[0]!.active!.should.equal(2);
    });

    it('remembers what was lost until someone looks after the model', async () => {
      await save();
      await damage();
      (await save(false)).should.equal(2);
      should((await store.list())[0]!.problem).match(/manifest is damaged/);
      should((await store.activate(key, 2)).problem).be.undefined();
    });

    it('is as well off as with a lost one', async () => {
      await save();
      await rm(inModel('manifest.json'));
      const [summary] = await store.list();
      summary!.active!.should.equal(1);
      summary!.problem!.should.match(/manifest was lost/);
    });
  });

  it('leaves a manifest alone that a newer version of the package wrote', async () => {
    await save();
    const newer = (await readFile(inModel('manifest.json'), 'utf8')).replace('"formatVersion":1', '"formatVersion":2');
    await writeFile(inModel('manifest.json'), newer);
    await should(store.active(key)).rejectedWith({ code: 'ARTIFACT', message: /newer version of this package/ });
    await should(save()).rejectedWith({ code: 'ARTIFACT', message: /newer version of this package/ });
    (await store.list())[0]!.problem!.should.match(/newer version of this package/);
    (await readFile(inModel('manifest.json'), 'utf8')).should.equal(newer);
  });

  it('finds a model of a very long name though its manifest is damaged', async () => {
    const long: ModelKey = { name: 'x'.repeat(300), device: 'ö'.repeat(300) };
    await store.save(makeArtifact(long), true);
    const [name] = await readdir(join(folder(), 'models'));
    const [device] = await readdir(join(folder(), 'models', name!));
    await writeFile(join(folder(), 'models', name!, device!, 'manifest.json'), 'damaged');
    (await store.keys()).should.eql([long]);
    (await store.list())[0]!.active!.should.equal(1);
    await writeFile(join(folder(), 'models', name!, device!, 'v1.json'), 'damaged');
    (await store.keys()).should.eql([]);
  });

  it('lists the other models where one cannot be read at all', async () => {
    await save();
    await store.save(makeArtifact({ ...key, device: 'pump-08' }), true);
    await rm(inModel('manifest.json'));
    await mkdir(inModel('manifest.json'));
    const [broken, sound] = await store.list();
    broken!.should.containEql({ ...key, active: null });
    broken!.problem!.should.match(/EISDIR/);
    sound!.should.containEql({ device: 'pump-08', active: 1 });
    await should(store.get(key)).rejectedWith({ code: 'STORE' });
  });

  it('takes another version where the active one is missing, as in a copy made meanwhile', async () => {
    for (let i = 0; i < 3; i++) await save();
    await store.setThreshold(key, 0.9);
    await rm(inModel('v3.json'));
    should(await store.active(key)).containEql({ threshold: 0.9 });
    (await store.get(key)).version.should.equal(2);
    should((await store.list())[0]!.problem).equal(
      'Version 3, the active one, is not there. Version 2 is taken as the active one.',
    );
    (await save()).should.equal(4);
  });

  it('stays usable whatever happens to one of its files', async () => {
    for (let i = 0; i < 3; i++) await save();
    const files = ['manifest.json', 'v1.json', 'v2.json', 'v3.json'];
    const whole = new Map(await Promise.all(files.map(async (file) => [file, await readFile(inModel(file))] as const)));
    const change = fc.record({ file: fc.constantFrom(...files), at: fc.nat(), bit: fc.nat(7), cut: fc.boolean() });
    const property = fc.asyncProperty(change, async ({ file, at, bit, cut }) => {
      const original = whole.get(file)!;
      const bytes = Buffer.from(cut ? original.subarray(0, at % original.length) : original);
      if (!cut) bytes[at % bytes.length]! ^= 1 << bit;
      await writeFile(inModel(file), bytes);
      const fresh = new FolderStore(folder());
      const [summary] = await fresh.list();
      const intact = files.filter((each) => each !== file && each.startsWith('v')).map((each) => Number(each[1]));
      for (const version of intact) (await fresh.get(key, version)).version.should.equal(version);
      const readable = summary!.versions.filter(({ broken }) => broken === undefined).map(({ version }) => version);
      readable.should.eql(intact.length === 3 ? [1, 2, 3] : intact);
      try {
        (await fresh.active(key))!.artifact.version.should.equal(3);
      } catch (error) {
        isMlError(error).should.be.true();
        file.should.equal('v3.json');
      }
      await writeFile(inModel(file), original);
    });
    await fc.assert(property, { seed: 1, numRuns: 150 });
  });

  describe('that another process changes', () => {
    it('tells its listeners, and stops looking when nobody listens', async () => {
      const timers = new ManualTimers();
      const watching = new FolderStore(folder(), { timers });
      await save();
      await watching.active(key);
      await watching.active({ ...key, device: 'pump-08' });
      const seen: ModelKey[] = [];
      let told = (): void => undefined;
      const stop = watching.onChange((changed) => {
        seen.push(changed);
        told();
      });
      const next = async (): Promise<void> => {
        const heard = new Promise<void>((resolve) => (told = resolve));
        timers.advance(3000);
        await heard;
      };
      await store.setThreshold(key, 0.9);
      await next();
      seen.splice(0).should.eql([key]);
      // A device's first model, which was asked for before it was there.
      await store.save(makeArtifact({ ...key, device: 'pump-08' }), true);
      while (timers.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
      await next();
      seen.splice(0).should.eql([{ ...key, device: 'pump-08' }]);
      stop();
      timers.waiting.should.equal(0);
    });

    it('is not told of its own changes a second time', async () => {
      const timers = new ManualTimers();
      const watching = new FolderStore(folder(), { timers });
      const seen: ModelKey[] = [];
      watching.onChange((changed) => seen.push(changed));
      await watching.save(makeArtifact(key), true);
      await watching.active(key);
      timers.advance(3000);
      while (timers.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
      seen.should.eql([key]);
    });
  });
});
