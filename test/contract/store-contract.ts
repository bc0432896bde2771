// Over 300 lines: one contract, which every kind of store is held to as a whole.
import should from 'should';
import { SHARED_DEVICE } from '#lib/core/artifact';
import type { ModelKey, ModelStore, ModelSummary } from '#lib/store/store';
import { makeArtifact, makeForecaster } from '../support/artifact';

/** A store to be tested, and the ways to break it that only its maker knows. */
export interface StoreUnderTest {
  readonly store: ModelStore;
  /** A second store on the same place, as another process would have it. */
  reopen(): ModelStore;
  damageVersion(key: ModelKey, version: number): Promise<void>;
  close(): Promise<void>;
}

const key: ModelKey = { name: 'pump-health', device: 'pump-07' };

/** What every store must do: the folder's and the database's. */
export function storeContract(what: string, open: (keep?: number) => Promise<StoreUnderTest>): void {
  describe(`${what} as a store`, () => {
    let under: StoreUnderTest;
    let store: ModelStore;

    const opened = async (keep?: number): Promise<void> => {
      await under.close();
      under = await open(keep);
      store = under.store;
    };
    const save = async (activate = true, to: ModelKey = key): Promise<number> =>
      (await store.save(makeArtifact(to), activate)).version;
    const versionsOf = async (of: ModelKey = key): Promise<number[]> =>
      (await store.list(of)).flatMap(({ versions }) => versions.map(({ version }) => version));
    const activeOf = async (of: ModelKey = key): Promise<number | undefined> =>
      (await store.active(of))?.artifact.version;

    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.close());

    describe('saving', () => {
      it('gives versions the numbers 1, 2, 3 and returns them as stored', async () => {
        const artifact = makeArtifact(key);
        const stored = await store.save(artifact, true);
        stored.version.should.equal(1);
        stored.card.version.should.equal(1);
        stored.card.active.should.be.true();
        artifact.version.should.equal(0);
        (await save()).should.equal(2);
        (await save()).should.equal(3);
      });

      it('keeps all that an artifact holds, over a restart', async () => {
        const artifact = makeArtifact(key);
        await store.save(artifact, true);
        const card = { ...artifact.card, version: 1, active: true };
        (await under.reopen().get(key)).should.eql({ ...artifact, version: 1, card });
      });

      it('makes a version active only where that is wanted', async () => {
        await save(false);
        should(await store.active(key)).be.null();
        await save(true);
        should(await activeOf()).equal(2);
        await save(false);
        should(await activeOf()).equal(2);
      });

      it('never gives a number twice, not even a deleted one', async () => {
        await save();
        await save(false);
        await store.delete(key, 2);
        (await save()).should.equal(3);
      });

      it('keeps saves at the same time apart', async () => {
        const numbers = await Promise.all(Array.from({ length: 5 }, () => save()));
        numbers.sort().should.eql([1, 2, 3, 4, 5]);
        (await versionsOf()).should.eql([1, 2, 3, 4, 5]);
        should(await activeOf()).equal(5);
      });

      it('refuses what it could not read back', async () => {
        const good = makeArtifact(key);
        const bad = { ...good, calibration: { ...good.calibration, effectiveRows: NaN } };
        await should(store.save(bad, true)).rejectedWith({ code: 'ARTIFACT' });
        (await store.list()).should.eql([]);
      });
    });

    describe('names', () => {
      it('are told apart whatever stands in them', async () => {
        const names = [
          'a',
          'A',
          'a/b',
          'a\\b',
          '..',
          '.',
          'con',
          'x.',
          ' ',
          'ä',
          'a\u0308',
          '\0',
          '__proto__',
          '%2e',
          '*',
        ];
        for (const name of names) await save(true, { name, device: '../../x' });
        const listed = (await store.list()).map(({ name }) => name);
        listed.should.eql([...names].sort());
        for (const name of names) (await store.get({ name, device: '../../x' })).name.should.equal(name);
      });

      it('may be long', async () => {
        const long: ModelKey = { name: 'Ü'.repeat(500), device: 'site/line/machine/'.repeat(25) };
        const longer: ModelKey = { ...long, device: `${long.device}x` };
        await save(true, long);
        await save(true, longer);
        (await store.keys()).should.eql([long, longer]);
        (await store.get(longer)).device.should.equal(longer.device);
      });

      for (const name of ['', 'x'.repeat(501), '\ud800']) {
        it(`are refused: ${JSON.stringify(name.slice(0, 9))}`, async () => {
          await should(store.get({ name, device: 'x' })).rejectedWith({
            code: 'PARAMETER',
            message: /name of a model/,
          });
          await should(save(true, { name: 'x', device: name })).rejected();
        });
      }

      it('are listed without looking into the models', async () => {
        await save(true, { name: 'b', device: SHARED_DEVICE });
        await save(true, { name: 'a', device: 'y' });
        await save(true, { name: 'a', device: 'x' });
        (await store.keys()).should.eql([
          { name: 'a', device: 'x' },
          { name: 'a', device: 'y' },
          { name: 'b', device: '*' },
        ]);
        (await store.keys({ name: 'a', device: 'y' })).should.eql([{ name: 'a', device: 'y' }]);
        (await store.keys({ name: 'c' })).should.eql([]);
      });
    });

    describe('a list', () => {
      it('says what there is', async () => {
        await save();
        await save(false);
        const [summary, ...others] = await store.list();
        others.should.be.empty();
        summary!.should.containEql({ ...key, active: 1, pinned: false, threshold: null });
        summary!.should.not.have.property('problem');
        const expected = { kind: 'detector', algorithm: 'mad', createdMs: makeArtifact().createdMs };
        summary!.versions.map(({ version }) => version).should.eql([1, 2]);
        for (const version of summary!.versions) {
          version.should.containEql(expected);
          version.bytes.should.be.above(1000);
          version.should.not.have.property('broken');
        }
      });

      it('is empty where nothing was saved', async () => {
        (await store.list()).should.eql([]);
        (await store.list(key)).should.eql([]);
      });
    });

    describe('what is not there', () => {
      it('is named', async () => {
        const notFound = (message: RegExp) => ({ code: 'NOT_FOUND', message });
        await should(store.get(key)).rejectedWith(notFound(/no model "pump-health" for pump-07/));
        should(await store.active(key)).be.null();
        await should(store.activate(key, 1)).rejectedWith(notFound(/no model/));
        await should(store.delete(key)).rejectedWith(notFound(/no model/));
        await should(store.export(key)).rejectedWith(notFound(/no model/));
        await should(store.setThreshold(key, 0.5)).rejectedWith(notFound(/no model/));
        await save(false);
        await should(store.get(key)).rejectedWith(notFound(/No version .* is active; activate one/));
        await should(store.get(key, 2)).rejectedWith(notFound(/no version 2 of .*; there are: 1/));
        await should(store.activate(key, 2)).rejectedWith(notFound(/no version 2/));
        await should(store.delete(key, 2)).rejectedWith(notFound(/no version 2/));
        await should(store.rollback(key, 2)).rejectedWith(notFound(/no version 2/));
      });
    });

    describe('going back', () => {
      it('takes the version before and pins it: new versions wait', async () => {
        await save();
        await save();
        const summary = await store.rollback(key);
        summary.should.containEql({ active: 1, pinned: true });
        const third = await store.save(makeArtifact(key), true);
        third.card.active.should.be.false();
        third.card.activeReason.should.match(/Version 1 is pinned/);
        should(await activeOf()).equal(1);
        (await under.reopen().get(key)).version.should.equal(1);
      });

      it('ends with activate', async () => {
        await save();
        await save();
        await store.rollback(key);
        (await store.activate(key, 2)).should.containEql({ active: 2, pinned: false });
        (await save()).should.equal(3);
        should(await activeOf()).equal(3);
      });

      it('goes to a given version', async () => {
        for (let i = 0; i < 3; i++) await save();
        (await store.rollback(key, 1)).should.containEql({ active: 1, pinned: true });
      });

      it('says so where there is nothing before', async () => {
        await save();
        await should(store.rollback(key)).rejectedWith({
          code: 'NOT_FOUND',
          message: /before version 1 to go back to/,
        });
        should(await activeOf()).equal(1);
      });
    });

    describe('a card', () => {
      it('says whether its version is active now', async () => {
        await save();
        await save();
        const first = (await store.get(key, 1)).card;
        first.active.should.be.false();
        first.activeReason.should.equal('Version 2 is active.');
        await store.activate(key, 1);
        (await store.get(key)).card.active.should.be.true();
      });
    });

    describe('a threshold of the user', () => {
      it('stays over new versions and a restart until it is given back', async () => {
        await save();
        (await store.setThreshold(key, 0.9)).threshold!.should.equal(0.9);
        await save();
        should((await under.reopen().active(key))?.threshold).equal(0.9);
        await store.setThreshold(key, null);
        should((await store.active(key))?.threshold).be.null();
      });

      for (const threshold of [-0.1, 1.1, NaN]) {
        it(`must be a score: ${threshold}`, async () => {
          await save();
          await should(store.setThreshold(key, threshold)).rejectedWith({ code: 'PARAMETER', message: /from 0 to 1/ });
        });
      }
    });

    describe('a forecaster', () => {
      const level: ModelKey = { name: 'tank-level', device: 'pump-07' };
      const saveForecaster = (): Promise<number> =>
        store.save(makeForecaster(level), true).then(({ version }) => version);

      it('keeps all that it holds, over a restart', async () => {
        await saveForecaster();
        const { card, ...artifact } = makeForecaster(level);
        const stored = { ...artifact, version: 1, card: { ...card, version: 1, active: true } };
        (await under.reopen().get(level)).should.eql(stored);
        should((await under.reopen().active(level))?.artifact).eql(stored);
      });

      it('is listed, activated and gone back to like any model', async () => {
        await saveForecaster();
        await saveForecaster();
        const [summary] = await store.list(level);
        summary!.versions[0]!.should.containEql({ version: 1, kind: 'forecaster', algorithm: 'seasonal-naive' });
        (await store.rollback(level)).should.containEql({ active: 1, pinned: true });
        (await saveForecaster()).should.equal(3);
        should(await activeOf(level)).equal(1);
        (await store.activate(level, 3)).should.containEql({ active: 3, pinned: false });
      });

      it('moves to a second store with its series and its card', async () => {
        await save();
        await saveForecaster();
        const bundle = await store.export();
        const before = await store.get(level);
        await opened();
        (await store.import(bundle)).failed.should.be.empty();
        (await store.get(level)).should.eql(before);
      });

      it('has no threshold', async () => {
        await saveForecaster();
        await should(store.setThreshold(level, 0.8)).rejectedWith({
          code: 'CONFLICT',
          message:
            '"tank-level" for pump-07 forecasts, so that it has no threshold: give limits to ml-forecast instead.',
        });
        should((await store.active(level))?.threshold).be.null();
      });
    });

    describe('deleting', () => {
      it('takes one version, but not the active one', async () => {
        await save();
        await save();
        await should(store.delete(key, 2)).rejectedWith({
          code: 'CONFLICT',
          message: /the active one: activate another/,
        });
        await store.delete(key, 1);
        (await versionsOf()).should.eql([2]);
      });

      it('takes the whole model, and nothing else', async () => {
        const other: ModelKey = { ...key, device: 'pump-08' };
        await save();
        await save(true, other);
        await store.delete(key);
        (await store.keys()).should.eql([other]);
        should(await store.active(key)).be.null();
        (await save()).should.equal(1);
      });
    });

    describe('retention', () => {
      it('keeps the newest 5, and the active one', async () => {
        await save();
        await save();
        await store.rollback(key);
        for (let i = 0; i < 6; i++) await save();
        (await versionsOf()).should.eql([1, 4, 5, 6, 7, 8]);
        (await store.get(key)).version.should.equal(1);
      });

      it('keeps as many as are wanted', async () => {
        await opened(2);
        for (let i = 0; i < 4; i++) await save();
        (await versionsOf()).should.eql([3, 4]);
      });

      it('prunes one model, or all', async () => {
        const other: ModelKey = { name: 'other', device: SHARED_DEVICE };
        for (let i = 0; i < 3; i++) {
          await save();
          await save(true, other);
        }
        (await store.prune(2, other)).should.equal(1);
        (await versionsOf()).should.eql([1, 2, 3]);
        (await store.prune(1)).should.equal(3);
        (await versionsOf()).should.eql([3]);
        (await versionsOf(other)).should.eql([3]);
        await should(store.prune(0)).rejectedWith({ code: 'PARAMETER' });
      });
    });

    describe('changes', () => {
      it('are told at once, and only where what is in use has changed', async () => {
        const seen: ModelKey[] = [];
        const stop = store.onChange((changed) => seen.push(changed));
        await save();
        seen.splice(0).should.eql([key]);
        await save(false);
        seen.should.be.empty();
        await store.activate(key, 2);
        await store.setThreshold(key, 0.8);
        await store.rollback(key);
        await store.delete(key);
        seen.splice(0).should.eql([key, key, key, key]);
        stop();
        await save();
        seen.should.be.empty();
      });
    });

    describe('damage', () => {
      it('of one version is reported and leaves the others usable', async () => {
        for (let i = 0; i < 3; i++) await save();
        await under.damageVersion(key, 2);
        const [summary] = await under.reopen().list();
        summary!.versions.map(({ broken }) => typeof broken).should.eql(['undefined', 'string', 'undefined']);
        summary!.versions[1]!.broken!.should.match(/Version 2 of "pump-health" for pump-07 cannot be used/);
        await should(store.get(key, 2)).rejectedWith({ code: 'ARTIFACT', message: /damaged/ });
        await should(store.activate(key, 2)).rejectedWith({ code: 'ARTIFACT' });
        should(await activeOf()).equal(3);
        // Going back leaves the damaged one out.
        (await store.rollback(key)).active!.should.equal(1);
      });

      it('of the active version is said, and one can go back', async () => {
        await save();
        await save();
        await under.damageVersion(key, 2);
        await should(store.active(key)).rejectedWith({ code: 'ARTIFACT', message: /Version 2 .* damaged/ });
        (await store.rollback(key)).active!.should.equal(1);
        should(await activeOf()).equal(1);
      });
    });

    describe('export and import', () => {
      const second: ModelKey = { name: 'line', device: SHARED_DEVICE };

      it('carry everything to a second store: versions, what is active, pins and thresholds', async () => {
        for (let i = 0; i < 3; i++) await save();
        await store.rollback(key);
        await store.setThreshold(key, 0.85);
        await save(false, second);
        const bundle = await store.export();
        const before = await store.list();
        const state = (await store.get(key)).state;

        await opened();
        const report = await store.import(bundle);
        report.failed.should.eql([]);
        report.imported.should.eql([
          { ...second, version: 1 },
          { ...key, version: 1 },
          { ...key, version: 2 },
          { ...key, version: 3 },
        ]);
        report.note.should.match(/damage, not malice/);
        (await store.list()).map(withoutSizes).should.eql(before.map(withoutSizes));
        should((await store.get(key)).state).eql(state);
      });

      it('carry one model, or one version', async () => {
        await save();
        await save();
        await save(true, second);
        const one = await store.export(key);
        const version = await store.export(key, 1);
        await should(store.export(key, 9)).rejectedWith({ code: 'NOT_FOUND' });
        await opened();
        (await store.import(one)).imported.should.have.length(2);
        (await store.keys()).should.eql([key]);
        await opened();
        (await store.import(version)).imported.should.eql([{ ...key, version: 1 }]);
        should(await store.active(key)).be.null();
      });

      it('give new numbers beside what is there, and make active what was active there', async () => {
        await save();
        await save();
        await store.activate(key, 1);
        const bundle = await store.export();
        await save();
        const changed: ModelKey[] = [];
        store.onChange((each) => changed.push(each));
        const report = await store.import(bundle);
        report.imported.map(({ version }) => version).should.eql([4, 5]);
        should(await activeOf()).equal(4);
        changed.should.eql([key]);
      });

      it('keep to the retention, but never lose what becomes active', async () => {
        for (let i = 0; i < 5; i++) await save();
        await store.activate(key, 1);
        const bundle = await store.export();
        await opened(2);
        await store.import(bundle);
        (await versionsOf()).should.eql([1, 4, 5]);
        should(await activeOf()).equal(1);
      });

      it('report damage entry by entry and take in the rest', async () => {
        for (let i = 0; i < 3; i++) await save();
        const lines = (await store.export()).split('\n');
        lines[3] = lines[3]!.replace('"rows":1500', '"rows":9999');
        await opened();
        const report = await store.import(lines.join('\n'));
        report.imported.map(({ version }) => version).should.eql([1, 2]);
        report.failed.should.have.length(1);
        report.failed[0]!.what.should.equal('entry 3');
        report.failed[0]!.reason.should.match(/checksum/);
        should(await activeOf()).equal(2);
      });

      it('go on where the first line is damaged, but not with a newer format', async () => {
        await save();
        const bundle = await store.export();
        await opened();
        const report = await store.import(bundle.replace('"entries":2', '"entries":7'));
        report.imported.should.have.length(1);
        report.failed[0]!.what.should.equal('the first line');
        const newer = bundle.replace('"formatVersion":1', '"formatVersion":2');
        await should(store.import(newer)).rejectedWith({ code: 'ARTIFACT', message: /newer version/ });
      });

      it('notice a text that was cut off', async () => {
        for (let i = 0; i < 3; i++) await save();
        const lines = (await store.export()).split('\n');
        await opened();
        const report = await store.import(lines.slice(0, 3).join('\n'));
        report.imported.should.have.length(1);
        report.failed.should.eql([{ what: 'the end of the text', reason: 'It was cut off: of 4 entries 2 came.' }]);
      });

      it('leave out what was damaged already, and say so', async () => {
        await save();
        await save();
        await under.damageVersion(key, 1);
        const bundle = await store.export();
        await should(store.export(key, 1)).rejectedWith({ code: 'ARTIFACT' });
        await opened();
        const report = await store.import(bundle);
        report.imported.should.have.length(1);
        report.failed[0]!.what.should.equal('version 1 of "pump-health" for pump-07');
        should(await activeOf()).equal(1);
      });

      for (const text of ['', 'hello', '{"format":"flowsight-ml-model"}', '[]']) {
        it(`refuse another text: ${text}`, async () => {
          await should(store.import(text)).rejectedWith({ code: 'ARTIFACT', message: /the text that an export gave/ });
        });
      }
    });
  });
}

/** A card's words may differ in length from one store to the next. */
function withoutSizes(summary: ModelSummary): ModelSummary {
  return { ...summary, versions: summary.versions.map((version) => ({ ...version, bytes: 0 })) };
}
