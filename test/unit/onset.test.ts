import should from 'should';
import { packNumbers } from '#lib/core/packed';
import { Random } from '#lib/core/random';
import type { Contribution } from '#lib/detection/anomaly';
import { Course, COURSE_ROWS } from '#lib/detection/course';
import { onsetOf, orderOfMoves } from '#lib/detection/onset';
import { MINUTE_MS, START_MS } from '../support/telemetry';

const random = new Random(4);
const LENGTH = 120;

/** A field that is `usual`, and from a row on something else. */
function course(usual: (i: number) => number, from = Infinity, change: (i: number) => number = () => 0): Float64Array {
  return Float64Array.from({ length: LENGTH }, (_, i) => usual(i) + (i >= from ? change(i - from) : 0));
}

const noise = (): number => random.normal(50, 2);
const onsets = (make: () => Float64Array): (number | null)[] => Array.from({ length: 100 }, () => onsetOf(make()));
const share = (all: readonly (number | null)[], is: (onset: number | null) => boolean): number =>
  all.filter(is).length / all.length;

describe('the onset of a move', () => {
  const ninety = (low: number, high: number) => (onset: number | null) =>
    onset !== null && onset >= low && onset <= high;

  it('is where a level shifts', () => {
    const found = onsets(() => course(noise, 90, () => 8));
    share(found, ninety(88, 92)).should.be.above(0.9);
  });

  it('is soon after a ramp begins', () => {
    const found = onsets(() => course(noise, 80, (i) => -0.5 * i));
    // At a quarter of its height, ten rows later, it counts as a move.
    share(found, ninety(76, 94)).should.be.above(0.9);
  });

  it('is where a field becomes restless', () => {
    const found = onsets(() => course(noise, 90, () => random.normal(0, 12)));
    share(found, ninety(88, 96)).should.be.above(0.9);
  });

  it('is not where a field wandered that then jumps', () => {
    const found = onsets(() => {
      let wandering = 0;
      return course(() => 50 + (wandering = 0.9 * wandering + random.normal()), 100, () => 25); // prettier-ignore
    });
    share(found, ninety(98, 102)).should.be.above(0.8);
  });

  it('is not found in noise, or where a spike is long over', () => {
    share(
      onsets(() => course(noise)),
      (onset) => onset === null,
    ).should.be.above(0.9);
    const spiked = course(noise);
    spiked[70] = 500;
    should(onsetOf(spiked)).be.null();
  });

  it('is seldom found in a rhythm that goes on as it went', () => {
    const found = onsets(() => course((i) => 10 * Math.sin(i / 230) + random.normal()));
    share(found, (onset) => onset === null).should.be.above(0.7);
  });

  it('knows the rounding of a constant field from a move', () => {
    const constant = course(() => 1e6, 100, () => 1e-6); // prettier-ignore
    should(onsetOf(constant)).be.null();
    should(onsetOf(course(() => 1e6, 100, () => 1))).equal(100); // prettier-ignore
  });

  it('passes over missing values, and says nothing of too few', () => {
    const gappy = course(noise, 90, () => 10).map((value, i) => (i % 3 === 0 ? NaN : value));
    should(onsetOf(gappy)).be.within(88, 93);
    should(onsetOf(gappy.slice(80))).be.null();
    should(onsetOf(new Float64Array(LENGTH).fill(NaN))).be.null();
    should(onsetOf(new Float64Array(0))).be.null();
  });
});

describe('the order of moves', () => {
  const contribution = (feature: string, part: number): Contribution => ({ feature, value: 0, expected: [0, 1], share: part }); // prettier-ignore

  /** Pressure leaves its course first, then flow, then current; the temperature stays. */
  function remembered(rows = 300): Course {
    const moves = { flow: rows - 15, pressure: rows - 25, current: rows - 8, temperature: Infinity };
    const remember = new Course();
    for (let row = 0; row < rows; row++) {
      const reading = Object.entries(moves).map(([field, from]) => [field, noise() + (row >= from ? 20 : 0)] as const);
      remember.push(START_MS + row * MINUTE_MS, new Map(reading));
    }
    return remember;
  }

  const contributions = [
    contribution('current', 0.5),
    contribution('mean(pressure, 5)', 0.2),
    contribution('flow', 0.2),
    contribution('temperature', 0.06),
    contribution('unheard-of', 0.04),
  ];

  it('is that in which the fields of an alarm left their course, with the times', () => {
    const order = orderOfMoves(remembered(), contributions);
    order.map(({ feature }) => feature).should.eql(['pressure', 'flow', 'current']);
    const rows = order.map(({ since }) => (Date.parse(since) - START_MS) / MINUTE_MS);
    rows.forEach((row, i) => row.should.be.approximately([275, 285, 292][i]!, 2));
  });

  it('leaves out fields with little part in the alarm', () => {
    const little = contributions.map((each) => ({ ...each, share: each.feature === 'flow' ? 0.01 : each.share }));
    orderOfMoves(remembered(), little).map(({ feature }) => feature).should.eql(['pressure', 'current']); // prettier-ignore
  });

  it('survives a restart, and begins anew with what is damaged', () => {
    const before = remembered();
    const text = JSON.stringify(before.snapshot());
    const after = Course.restore(JSON.parse(text) as never);
    should(after.snapshot()).eql(before.snapshot());
    orderOfMoves(after, contributions).should.eql(orderOfMoves(before, contributions));
    const noTimes = { ...before.snapshot(), times: packNumbers(new Float64Array(COURSE_ROWS).fill(1e300)) };
    for (const damaged of [
      null,
      {},
      noTimes,
      { ...before.snapshot(), times: 'AAAA' },
      { ...before.snapshot(), values: [] },
    ]) {
      Course.restore(damaged).length.should.equal(0);
    }
  });

  it('remembers a bounded past of a bounded number of fields', () => {
    const remember = new Course();
    for (let row = 0; row < 1000; row++) {
      remember.push(row, new Map(Array.from({ length: 100 }, (_, f) => [`f${f}`, row])));
    }
    remember.length.should.equal(COURSE_ROWS);
    [...remember.times()].should.eql(Array.from({ length: COURSE_ROWS }, (_, i) => 1000 - COURSE_ROWS + i));
    [...remember.values('f0')!].should.eql([...remember.times()]);
    should(remember.values('f99')).be.null();
  });

  it('knows a field only from when it came, and misses one that stays away', () => {
    const remember = new Course();
    remember.push(0, new Map([['a', 1]]));
    remember.push(1, new Map([['a', 2], ['b', 3]])); // prettier-ignore
    remember.push(2, new Map([['b', 4]]));
    [...remember.values('a')!].should.eql([1, 2, NaN]);
    [...remember.values('b')!].should.eql([NaN, 3, 4]);
  });
});
