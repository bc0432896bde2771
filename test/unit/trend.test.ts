import should from 'should';
import type { History } from '#lib/core/history';
import { Random } from '#lib/core/random';
import type { Trend } from '#lib/forecasting/forecast';
import { trendOf, type TrendOptions } from '#lib/forecasting/trend';

const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 4, 4);

function historyOf(length: number, value: (i: number) => number, stepMs = HOUR): History {
  const target = Float64Array.from({ length }, (_, i) => value(i));
  return { startMs: T0, stepMs, timeZone: 'UTC', target, others: [] };
}

function trend(length: number, value: (i: number) => number, options?: TrendOptions): Trend {
  const found = trendOf(historyOf(length, value), options);
  should(found).not.be.null();
  return found!;
}

const day = (i: number): number => 10 * Math.sin((2 * Math.PI * i) / 24);
const week = (i: number): number => (Math.floor(i / 24) % 7 < 5 ? 0 : -20);

describe('the trend of a series', () => {
  it('is the change an hour, in the unit of the field', () => {
    trend(100, (i) => 3 + 0.5 * i).should.containEql({ direction: 'rising', perHour: 0.5, low: 0.5, high: 0.5 });
    const perMinute = trendOf(historyOf(100, (i) => -0.5 * i, 60_000))!;
    perMinute.should.containEql({ direction: 'falling', perHour: -30 });
  });

  it('is steady for a constant and for noise', () => {
    trend(100, () => 7).should.containEql({ direction: 'steady', perHour: 0, low: 0, high: 0 });
    const random = new Random(3);
    trend(200, () => random.normal()).direction.should.equal('steady');
  });

  it('is found under noise, with a range that holds it', () => {
    const random = new Random(2);
    const found = trend(300, (i) => 0.01 * i + random.normal());
    found.direction.should.equal('rising');
    found.confidence.should.equal(0.9);
    found.low.should.be.within(0, 0.01);
    found.high.should.be.within(0.01, 0.02);
    const surer = new Random(2);
    const wider = trend(300, (i) => 0.01 * i + surer.normal(), { confidence: 0.99 });
    wider.low.should.be.below(found.low);
    wider.high.should.be.above(found.high);
  });

  it('is not moved by outliers', () => {
    const random = new Random(5);
    trend(100, (i) => 2 * i + random.normal(0, 0.1) + (i % 10 === 3 ? 1e6 : 0)).perHour.should.be.approximately(
      2,
      0.05,
    );
  });

  it('is not the way from night to noon, nor from Friday to Saturday', () => {
    for (let end = 0; end < 24 * 7; end += 5) {
      const found = trend(24 * 21 + end, (i) => day(i) + week(i) + 0.001 * i, { periods: [24, 168] });
      found.perHour.should.be.approximately(0.001, 1e-9);
    }
    for (let end = 0; end < 24; end++) {
      trend(24 * 7 + end, day, { periods: [24] }).perHour.should.be.approximately(0, 1e-9);
    }
  });

  it('is of late: of the last seven days, two weeks, or 500 samples', () => {
    const sinceOf = (periods: readonly number[]): number =>
      (T0 + 2000 * HOUR - Date.parse(trend(2000, day, { periods }).since)) / HOUR;
    sinceOf([24]).should.equal(7 * 24);
    sinceOf([24, 168]).should.equal(14 * 24);
    sinceOf([]).should.equal(500);
    sinceOf([2]).should.equal(30);
  });

  it('begins after the last change of level, where enough came since', () => {
    const shifted = (i: number): number => (i < 300 ? 0 : 50) + Math.sin(i);
    const found = trend(400, shifted, { changes: [300] });
    found.direction.should.equal('steady');
    found.since.should.equal(new Date(T0 + 300 * HOUR).toISOString());
    found.changes.should.eql([found.since]);
    trend(400, shifted, { changes: [390] }).since.should.equal(new Date(T0).toISOString());
  });

  it('cannot be told from fewer than 30 samples, or two seasons', () => {
    should(trendOf(historyOf(29, (i) => i))).be.null();
    should(trendOf(historyOf(47, day), { periods: [24] })).be.null();
    should(trendOf(historyOf(0, day))).be.null();
  });

  describe('has a range that holds the true slope about as often as it says', () => {
    /** Share of 200 seeds whose range holds the slope 0. */
    function coverage(
      length: number,
      noise: (random: Random) => () => number,
      periods: readonly number[] = [],
    ): number {
      let held = 0;
      for (let seed = 1; seed <= 200; seed++) {
        const next = noise(new Random(seed));
        const { low, high } = trend(length, (i) => next() + (periods.length > 0 ? day(i) : 0), { periods });
        if (low <= 0 && high >= 0) held++;
      }
      return held / 200;
    }
    const white = (random: Random) => () => random.normal();
    const sluggish = (random: Random) => {
      let x = 0;
      return () => (x = 0.9 * x + random.normal());
    };

    it('in white noise', () => {
      coverage(100, white).should.be.within(0.86, 0.95);
      coverage(168, white, [24]).should.be.within(0.86, 0.95);
    });

    it('in noise where each value is much like the one before', () => {
      coverage(100, sluggish).should.be.within(0.84, 0.96);
      coverage(500, sluggish).should.be.within(0.84, 0.96);
      coverage(168, sluggish, [24]).should.be.within(0.84, 0.96);
    });
  });
});
