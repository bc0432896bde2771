import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import should from 'should';
import { FolderStateStore } from '#lib/store/folder-state-store';
import type { StateKey } from '#lib/store/state-store';
import { temporaryFolder } from '../support/folder';
import { ManualTimers } from '../support/manual-timers';

const key = (device: string, kind = 'learning'): StateKey => ({ model: 'pump-health', device, kind });

describe('running state', () => {
  const folder = temporaryFolder();
  let problems: string[];
  let timers: ManualTimers;
  const open = (): FolderStateStore =>
    new FolderStateStore(folder(), { report: (problem) => problems.push(problem), timers });
  const file = (): string => join(folder(), 'state', 'pump-health', 'learning.jsonl');

  beforeEach(() => {
    problems = [];
    timers = new ManualTimers();
  });

  it('survives a restart, by model, device and kind', async () => {
    const before = open();
    before.put(key('pump-07'), () => ({ rows: 7 }));
    before.put(key('pump-08'), () => ({ rows: 8 }));
    before.put(key('pump-07', 'alarm'), () => ({ raised: true }));
    await before.flush();
    const after = open();
    should(await after.load(key('pump-07'))).eql({ rows: 7 });
    should(await after.load(key('pump-08'))).eql({ rows: 8 });
    should(await after.load(key('pump-07', 'alarm'))).eql({ raised: true });
    should(await after.load(key('pump-09'))).be.null();
    problems.should.be.empty();
  });

  it('may have any names', async () => {
    const names = ['..', '__proto__', 'a\tb\n"c"', 'ä/ö', '*'];
    const before = open();
    for (const name of names) before.put({ model: name, device: name, kind: name }, () => ({ name }));
    await before.flush();
    for (const name of names) {
      should(await open().load({ model: name, device: name, kind: name })).eql({ name });
    }
  });

  it('is there for who loads it before it is written, as a copy', async () => {
    const states = open();
    const live = { rows: 1 };
    states.put(key('pump-07'), () => live);
    const loaded = await states.load(key('pump-07'));
    should(loaded).eql(live);
    should(loaded).not.equal(live);
  });

  it('is written once a minute, however often it changes, and only then taken', async () => {
    const states = open();
    let taken = 0;
    for (let i = 0; i < 100; i++) states.put(key('pump-07'), () => ({ taken: ++taken }));
    timers.advance(59_999);
    taken.should.equal(0);
    await should(stat(file())).rejectedWith({ code: 'ENOENT' });
    timers.advance(1);
    await states.flush();
    taken.should.equal(1);
    const { mtimeMs } = await stat(file());
    await states.flush();
    timers.advance(600_000);
    await states.flush();
    (await stat(file())).mtimeMs.should.equal(mtimeMs);
  });

  it('is written the more seldom the larger it is', async () => {
    const states = open();
    const large = { text: 'x'.repeat(3 * 2 ** 20) };
    states.put(key('pump-07'), () => large);
    await states.flush();
    let taken = false;
    states.put(key('pump-07'), () => {
      taken = true;
      return {};
    });
    timers.advance(179_000);
    taken.should.be.false();
    timers.advance(2_000);
    await states.flush();
    taken.should.be.true();
  });

  it('names the devices that it is kept of, written or not', async () => {
    const states = open();
    states.put(key('pump-07'), () => ({ rows: 7 }));
    states.put(key('pump-07', 'alarm'), () => ({ raised: true }));
    await states.flush();
    states.put(key('pump-08'), () => ({ rows: 8 }));
    should(await states.devices('pump-health', 'learning')).eql(['pump-07', 'pump-08']);
    should(await states.devices('pump-health', 'alarm')).eql(['pump-07']);
    should(await states.devices('other', 'alarm')).eql([]);
    should(await open().devices('pump-health', 'learning')).eql(['pump-07']);
  });

  it('can be forgotten', async () => {
    const states = open();
    states.put(key('pump-07'), () => ({ rows: 7 }));
    states.put(key('pump-08'), () => ({ rows: 8 }));
    await states.flush();
    states.delete(key('pump-07'));
    should(await states.load(key('pump-07'))).be.null();
    await states.flush();
    should(await open().load(key('pump-07'))).be.null();
    should(await open().load(key('pump-08'))).eql({ rows: 8 });
  });

  it('of one device is lost when its line is damaged, not that of the others', async () => {
    const before = open();
    for (const device of ['pump-07', 'pump-08', 'pump-09']) before.put(key(device), () => ({ device }));
    await before.flush();
    const lines = (await readFile(file(), 'utf8')).split('\n');
    lines[0] = lines[0]!.replace('{"device":"pump-07"}', '{"device":"pump-00"}');
    lines[2] = lines[2]!.slice(0, 5);
    await writeFile(file(), lines.join('\n'));
    const after = open();
    should(await after.load(key('pump-07'))).be.null();
    should(await after.load(key('pump-08'))).eql({ device: 'pump-08' });
    should(await after.load(key('pump-09'))).be.null();
    problems.should.have.length(2);
    problems.join('\n').should.match(/A line of .* is damaged; the device it belonged to starts anew/);
    problems.join('\n').should.match(/The state of pump-07 in .* is damaged and starts anew: .*checksum/);
  });

  it('starts anew where the file is no file of ours', async () => {
    const before = open();
    before.put(key('pump-07'), () => ({ rows: 7 }));
    await before.flush();
    await writeFile(file(), Buffer.from([0xff, 0x00, 0x0a, 0x22, 0x09, 0x7b]));
    const after = open();
    should(await after.load(key('pump-07'))).be.null();
    problems.should.not.be.empty();
    after.put(key('pump-07'), () => ({ rows: 1 }));
    await after.flush();
    should(await open().load(key('pump-07'))).eql({ rows: 1 });
  });

  it('that cannot be kept is reported once, and costs only its own device', async () => {
    const states = open();
    const put = (): void => {
      states.put(key('pump-07'), () => ({ mean: NaN }));
      states.put(key('pump-08'), () => {
        throw new Error('no snapshot');
      });
      states.put(key('pump-09'), () => ({ rows: 9 }));
    };
    put();
    await states.flush();
    should(await open().load(key('pump-09'))).eql({ rows: 9 });
    put();
    await states.flush();
    problems.should.have.length(1);
    problems[0]!.should.match(/The state of pump-07 and of 1 more devices in .* cannot be kept: state.mean is NaN/);
  });

  it('that cannot be written is reported once and tried again', async () => {
    await writeFile(join(folder(), 'state'), 'a file where the folder should be');
    const states = open();
    states.put(key('pump-07'), () => ({ rows: 7 }));
    await states.flush();
    await states.flush();
    problems.should.have.length(1);
    problems[0]!.should.match(/could not be written and is tried again/);
    await rm(join(folder(), 'state'));
    timers.advance(60_000);
    await states.flush();
    should(await open().load(key('pump-07'))).eql({ rows: 7 });
  });

  it('of devices that another process looks after stays in the file', async () => {
    const one = open();
    const other = open();
    one.put(key('pump-07'), () => ({ rows: 7 }));
    await one.flush();
    other.put(key('pump-08'), () => ({ rows: 8 }));
    await other.flush();
    one.put(key('pump-07'), () => ({ rows: 70 }));
    await one.flush();
    should(await open().load(key('pump-07'))).eql({ rows: 70 });
    should(await open().load(key('pump-08'))).eql({ rows: 8 });
  });

  it('of a thousand devices is one file, for the owner only', async () => {
    const states = open();
    for (let i = 0; i < 1000; i++) states.put(key(`pump-${i}`), () => ({ i }));
    await states.flush();
    const after = open();
    for (let i = 0; i < 1000; i += 111) should(await after.load(key(`pump-${i}`))).eql({ i });
    ((await stat(file())).mode & 0o777).should.equal(0o600);
    ((await stat(join(folder(), 'state'))).mode & 0o777).should.equal(0o700);
  });

  it('has bounds: of devices, of which the longest unchanged go, and of what one device may keep', async () => {
    const states = open();
    for (let i = 0; i <= 20_000; i++) states.put(key(`pump-${i}`), () => ({ i }));
    states.put(key('pump-large'), () => ({ text: 'x'.repeat(4 * 2 ** 20) }));
    await states.flush();
    const devices = await open().devices('pump-health', 'learning');
    devices.should.have.length(20_000 - 1);
    devices[0]!.should.equal('pump-2');
    problems.should.have.length(2);
    problems[0]!.should.match(/More than 20000 devices change at once/);
    problems[1]!.should.match(/The state of pump-large in .* cannot be kept: It has .* at most 4194304 are allowed/);
    states.put(key('one-more'), () => ({}));
    states.put(key('and-another'), () => ({}));
    await states.flush();
    (await open().devices('pump-health', 'learning')).should.have.length(20_000);
    problems.should.have.length(3);
    problems[2]!.should.match(/is full: devices whose state has not changed for longest, first pump-2, lose it/);
  });
});
