import { symlink, writeFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import should from 'should';
import { openStore } from '#lib/store/open-store';
import { makeArtifact } from '../support/artifact';
import { temporaryFolder } from '../support/folder';

const report = (): void => undefined;

describe('opening a store', () => {
  const folder = temporaryFolder();

  it('gives one store for one folder, by whatever path', async () => {
    await mkdir(join(folder(), 'real'));
    await symlink(join(folder(), 'real'), join(folder(), 'link'));
    const first = openStore(join(folder(), 'real', 'not-yet'), { report });
    const second = openStore(join(folder(), 'link', '.', 'not-yet'), { report });
    const other = openStore(join(folder(), 'real', 'other'), { report });
    second.models.should.equal(first.models);
    second.states.should.equal(first.states);
    other.models.should.not.equal(first.models);
    const seen: string[] = [];
    second.models.onChange(({ name }) => seen.push(name));
    await first.models.save(makeArtifact({ name: 'a' }), true);
    seen.should.eql(['a']);
    await Promise.all([first, second, other].map((each) => each.release()));
  });

  it('shares with another copy of the package', async () => {
    const load = createRequire(__filename);
    const path = load.resolve('#lib/store/open-store');
    const own = openStore(folder(), { report });
    const cached = load.cache[path]!;
    delete load.cache[path];
    try {
      const copy = load('#lib/store/open-store') as { openStore: typeof openStore };
      copy.openStore.should.not.equal(openStore);
      const theirs = copy.openStore(folder(), { report });
      theirs.models.should.equal(own.models);
      await theirs.release();
    } finally {
      load.cache[path] = cached;
      await own.release();
    }
  });

  it('lets go when the last user has gone, with all states written', async () => {
    const key = { model: 'a', device: 'b', kind: 'c' };
    const first = openStore(folder(), { report });
    const second = openStore(folder(), { report });
    await first.release();
    second.states.put(key, () => ({ rows: 1 }));
    await second.release();
    const again = openStore(folder(), { report });
    again.models.should.not.equal(second.models);
    should(await again.states.load(key)).eql({ rows: 1 });
    await again.release();
  });

  it('keeps as many versions as the user who wants the most', async () => {
    const few = openStore(folder(), { report, keep: 1 });
    const many = openStore(folder(), { report, keep: 3 });
    for (let i = 0; i < 5; i++) await few.models.save(makeArtifact(), true);
    (await few.models.list())[0]!.versions.should.have.length(3);
    await few.release();
    await many.release();
  });

  it('reports damage to one user, once', async () => {
    const key = { model: 'a', device: 'b', kind: 'c' };
    await mkdir(join(folder(), 'state', 'a'), { recursive: true });
    await writeFile(join(folder(), 'state', 'a', 'c.jsonl'), '"b"\tnonsense\n');
    const problems: string[] = [];
    const users = [1, 2].map(() => openStore(folder(), { report: (problem) => problems.push(problem) }));
    await users[0]!.release();
    should(await users[1]!.states.load(key)).be.null();
    problems.should.have.length(1);
    await users[1]!.release();
  });

  it('remembers the fields last seen, within bounds', async () => {
    const store = openStore(folder(), { report });
    const { fields } = store;
    fields.record('pump-health', ['flow', 'current']);
    fields.record('pump-health', ['flow', '__proto__']);
    fields.of('pump-health').should.eql(['__proto__', 'current', 'flow']);
    for (let i = 0; i < 1000; i++) fields.record(`model ${i}`, [`a${i}`]);
    for (let i = 0; i < 1000; i++) fields.record('last', [`f${i}`]);
    fields.models().should.have.length(200);
    fields.of('last').should.have.length(500);
    fields.of('pump-health').should.eql([]);
    await store.release();
  });
});
