import fc from 'fast-check';
import should from 'should';
import type { JsonObject } from '#lib/core/json';
import type { Reading } from '#lib/core/readings';
import { Collected, type CollectedOptions } from '#lib/training/collected';
import { Collector, type CollectorOptions } from '#lib/training/collector';
import { Schedule } from '#lib/training/schedule';
import { ReadingWindow } from '#lib/training/window';
import { MemoryStates } from '../support/memory-states';

const values = (object: Record<string, number>): Map<string, number> => new Map(Object.entries(object));
const reading = (device: string, timestampMs: number, flow: number, label?: string): Reading => ({
  device,
  timestampMs,
  values: values({ flow }),
  ...(label !== undefined && { label }),
});

describe('a rolling window of readings', () => {
  it('gives its rows as columns in time order, whatever the order in which they came', () => {
    const window = new ReadingWindow({ maxRows: 10 });
    window.add(2000, values({ flow: 2, pressure: 20 }));
    window.add(3000, values({ pressure: 30 }), 'cavitation');
    window.add(1000, values({ flow: 1, speed: 100 }), 'normal');
    window.table('p1').should.eql({
      device: 'p1',
      fields: ['flow', 'pressure', 'speed'],
      timestampsMs: Float64Array.of(1000, 2000, 3000),
      data: Float64Array.of(1, NaN, 100, 2, 20, NaN, NaN, 30, NaN),
      labels: [null, null, 'cavitation'],
    });
  });

  it('keeps exactly the newest rows, however many come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 700 }), (maxRows, count) => {
        const window = new ReadingWindow({ maxRows });
        for (let i = 0; i < count; i++) window.add(i, values({ x: i }));
        const kept = Array.from({ length: Math.min(maxRows, count) }, (_, i) => Math.max(0, count - maxRows) + i);
        should([...window.table('d').timestampsMs]).eql(kept);
        should([...window.table('d').data]).eql(kept);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('drops what is too old, but is not emptied by one wrong clock', () => {
    const window = new ReadingWindow({ maxRows: 100, maxAgeMs: 5000 });
    for (let i = 0; i < 10; i++) window.add(i * 1000, values({ x: i }));
    should([...window.table('d').timestampsMs]).eql([3000, 4000, 5000, 6000, 7000, 8000, 9000]);
    window.add(4e12, values({ x: 0 }));
    window.rows.should.equal(7);
    window.add(10_000, values({ x: 0 }));
    window.rows.should.equal(7);
  });

  it('bounds its fields and labels', () => {
    const window = new ReadingWindow({ maxRows: 1000 });
    for (let i = 0; i < 300; i++) window.add(i, values({ [`field ${i}`]: i }), `label ${i}`);
    const { fields, labels } = window.table('d');
    fields.length.should.equal(256);
    new Set(labels).size.should.equal(255);
    should(labels!.includes(null)).be.false();
  });

  it('keeps fewer rows where it may not grow', () => {
    const window = new ReadingWindow({ maxRows: 1000 }, (numbers) => numbers <= 64);
    for (let i = 0; i < 500; i++) window.add(i, values({ x: i }));
    window.rows.should.equal(64);
    window.table('d').timestampsMs[63]!.should.equal(499);
  });

  it('survives JSON text bit for bit, and damaged text without an error', () => {
    const window = new ReadingWindow({ maxRows: 5 });
    for (let i = 0; i < 9; i++) window.add(i, values({ [`f${i % 3}`]: i / 3 }), i === 7 ? 'fault' : undefined);
    const copy = new ReadingWindow({ maxRows: 5 });
    copy.restore(JSON.parse(JSON.stringify(window.snapshot())) as JsonObject);
    copy.table('d').should.eql(window.table('d'));
    for (const damaged of [null, 'x', {}, { fields: ['a'] }, { fields: ['a'], timestampsMs: 'AAA', data: 7 }]) {
      const empty = new ReadingWindow({ maxRows: 5 });
      empty.restore(damaged);
      empty.rows.should.equal(0);
    }
  });
});

describe('windows of many devices', () => {
  const options = (over: Partial<CollectorOptions> = {}): CollectorOptions => ({
    maxRows: 10,
    maxDevices: 2,
    onLimit: () => undefined,
    onForgotten: () => undefined,
    ...over,
  });

  it('mark what came during an alarm, unless a label says what it is', () => {
    const collector = new Collector(options());
    collector.add(reading('a', 1, 1), true);
    collector.add(reading('a', 2, 1, 'normal'), true);
    collector.add(reading('a', 3, 1, 'leak'), true);
    collector.add(reading('a', 4, 1), false);
    should(collector.table('a')?.labels).eql(['(in alarm)', null, 'leak', null]);
  });

  it('forget the device that has been silent longest, and say so once', () => {
    const told: string[] = [];
    const forgotten: string[] = [];
    const collector = new Collector(
      options({ onLimit: (text) => told.push(text), onForgotten: (device) => forgotten.push(device) }),
    );
    for (const device of ['a', 'b', 'a', 'c', 'd']) collector.add(reading(device, 1, 1), false);
    collector.devices.should.eql(['c', 'd']);
    forgotten.should.eql(['b', 'a']);
    told.length.should.equal(1);
    told[0]!.should.match(/More than 2 devices/);
  });

  it('are safe with names that mean something to JavaScript', () => {
    const collector = new Collector(options());
    const values = new Map([['__proto__', 1]]);
    collector.add({ device: '__proto__', timestampMs: 1, values }, false);
    should(collector.table('__proto__')?.fields).eql(['__proto__']);
    should(collector.table('constructor')).be.undefined();
  });
});

describe('the schedule of a model', () => {
  const collect = (schedule: Schedule, rows: number): void => {
    for (let i = 0; i < rows; i++) schedule.collected('a', 0);
  };

  it('has it trained once when there is enough', () => {
    const schedule = new Schedule({ afterRows: 3, minRows: 3 });
    collect(schedule, 2);
    schedule.isDue('a', 2, 0).should.be.false();
    collect(schedule, 1);
    schedule.isDue('a', 3, 0).should.be.true();
    schedule.attempted('a', 0);
    schedule.succeeded('a');
    collect(schedule, 100);
    schedule.isDue('a', 103, 1e12).should.be.false();
  });

  it('tries a first training that failed again when as many rows again have come', () => {
    const schedule = new Schedule({ afterRows: 3, minRows: 3 });
    collect(schedule, 3);
    schedule.attempted('a', 0);
    collect(schedule, 2);
    schedule.isDue('a', 5, 0).should.be.false();
    collect(schedule, 1);
    schedule.isDue('a', 6, 0).should.be.true();
  });

  it('has it trained every so often, when anything new has come and there is enough', () => {
    const schedule = new Schedule({ everyMs: 1000, minRows: 5 });
    schedule.isDue('a', 5, 5000).should.be.false();
    schedule.collected('a', 5000);
    schedule.isDue('a', 5, 5999).should.be.false();
    schedule.isDue('a', 4, 6000).should.be.false();
    schedule.isDue('a', 5, 6000).should.be.true();
    schedule.attempted('a', 6000);
    schedule.isDue('a', 5, 9000).should.be.false();
    schedule.collected('a', 9000);
    schedule.isDue('a', 5, 9000).should.be.true();
  });
});

describe('collected readings', () => {
  const options = (shared: boolean): CollectedOptions => ({
    model: 'pumps',
    shared,
    windows: { maxRows: 10, maxDevices: 5, onLimit: () => undefined },
    schedule: { afterRows: 4, minRows: 2 },
  });

  it('make one target a device, or one for all', () => {
    for (const shared of [false, true]) {
      const collected = new Collected(options(shared), new MemoryStates());
      collected.targets.should.eql([]);
      for (let i = 0; i < 3; i++) for (const device of ['a', 'b']) collected.add(reading(device, i, i), false, 0);
      collected.targets.should.eql(shared ? ['*'] : ['a', 'b']);
      collected.isDue(shared ? '*' : 'a', 0).should.equal(shared);
      const tables = collected.tables(collected.targets[0]!);
      tables.map(({ device }) => device).should.eql(shared ? ['a', 'b'] : ['a']);
    }
  });

  for (const shared of [false, true]) {
    it(`survive a restart, with their schedule (${shared ? 'one model for all' : 'one a device'})`, async () => {
      const states = new MemoryStates();
      const collected = new Collected(options(shared), states);
      for (let i = 0; i < 4; i++) for (const device of ['a', 'b']) collected.add(reading(device, i, i), i === 3, 0);
      const target = collected.targetOf('a');
      collected.attempted(target, 7);
      const taken = collected.tables(target);
      collected.succeeded(target);
      collected.save();
      await states.flush();

      const again = new Collected(options(shared), states);
      await again.restore(100);
      again.targets.should.eql(collected.targets);
      again.add(reading('a', 9, 9), false, 100);
      for (let i = 0; i < 5; i++) again.isDue(target, 1e12).should.be.false();
      const before = taken.find(({ device }) => device === 'a')!;
      const after = again.tables(target).find(({ device }) => device === 'a')!;
      should([...after.data]).eql([...before.data, 9]);
      should(after.labels).eql([...before.labels!, null]);
    });
  }

  it('forget the state of a device that was forgotten', async () => {
    const states = new MemoryStates();
    const collected = new Collected(options(false), states);
    for (const device of ['a', 'b', 'c', 'd', 'e', 'f']) {
      for (let i = 0; i < 4; i++) collected.add(reading(device, i, i), false, 0);
      collected.save();
    }
    await states.flush();
    collected.targets.should.eql(['b', 'c', 'd', 'e', 'f']);
    collected.isDue('a', 0).should.be.false();
    should(await states.load({ model: 'pumps', device: 'a', kind: 'collected' })).be.null();
    should(await states.load({ model: 'pumps', device: 'b', kind: 'collected' })).be.ok();
  });

  it('keep the newest rows of large windows over a restart', async () => {
    const states = new MemoryStates();
    const large = { ...options(false), windows: { ...options(false).windows, maxRows: 200_000 } };
    const collected = new Collected(large, states);
    for (let i = 0; i < 160_000; i++) collected.add(reading('a', i, i), false, 0);
    collected.save();
    await states.flush();
    const again = new Collected(large, states);
    await again.restore(0);
    again.rows('a').should.equal(150_000);
    should(again.tables('a')[0]!.timestampsMs.at(-1)).equal(159_999);
  });

  it('start anew where the state is damaged', async () => {
    for (const state of ['{}', '{"window":3,"schedule":"x"}', '{"window":{"fields":[1]},"schedule":[]}']) {
      const states = new MemoryStates();
      for (const device of ['a', '*']) {
        states.put({ model: 'pumps', device, kind: 'collected' }, () => JSON.parse(state) as JsonObject);
      }
      const collected = new Collected(options(false), states);
      await collected.restore(0);
      collected.rows('a').should.equal(0);
      collected.targets.should.not.containEql('*');
    }
  });
});
