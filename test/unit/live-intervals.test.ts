import fc from 'fast-check';
import should from 'should';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import { calibrateIntervals, type IntervalState } from '#lib/forecasting/intervals';
import { LiveIntervals } from '#lib/forecasting/live-intervals';
import { calibrated, heavyTailed, knownSeries, liveCoverage, type KnownSeries } from '../support/live-coverage';

const LEVELS = [0.8, 0.9, 0.95];
const HORIZON = 12;

/** A standard error, were there as many independent trials as windows without overlap. */
function tolerance(level: number, samples: number): number {
  return Math.sqrt((level * (1 - level)) / (samples / HORIZON));
}

function shouldKeepLevels(coverage: readonly number[], samples: number, what: string): void {
  coverage.forEach((share, i) => {
    const level = LEVELS[i]!;
    should(share).be.approximately(level, tolerance(level, samples), `${what} at ${level}`);
  });
}

const SAMPLES = 8_000;
const START = 1_000;

describe('live intervals', () => {
  const kinds: Readonly<Record<string, KnownSeries>> = {
    'an autoregressive series': knownSeries(SAMPLES, (random) => random.normal(), { phi: 0.8 }),
    'a seasonal series above 0': knownSeries(SAMPLES, (random) => random.normal(), { period: 24, level: 30, swing: 9 }),
    'a heavy-tailed series': knownSeries(SAMPLES, heavyTailed, { phi: 0.5 }),
    'a series that is calm at night': knownSeries(
      SAMPLES,
      (random, i) => random.normal() * (1.2 + Math.sin((2 * Math.PI * i) / 24)),
      { period: 24 },
    ),
  };

  for (const [name, series] of Object.entries(kinds)) {
    it(`hold what they promise for ${name}`, () => {
      const state = calibrated(series, 24, START - HORIZON, HORIZON, name.includes('above 0'));
      state.scale.should.equal(name.includes('above 0') ? 'sqrt' : 'identity');
      const coverage = liveCoverage(series, state, { from: START, to: SAMPLES, levels: LEVELS });
      shouldKeepLevels(coverage, SAMPLES - START, name);
    });
  }

  it('hold it also after errors have become three times as large, and after they have become a third', () => {
    for (const factor of [3, 1 / 3]) {
      const change = 4_000;
      const series = knownSeries(SAMPLES, (random, i) => random.normal() * (i < change ? 1 : factor), { phi: 0.5 });
      const state = calibrated(series, 24, START - HORIZON, HORIZON);
      const coverage = (from: number, to: number, count: number): number[] =>
        liveCoverage(series, state, { from, to, levels: LEVELS, count });
      shouldKeepLevels(coverage(START, change, START), change - START, 'before');
      shouldKeepLevels(coverage(START, SAMPLES, change + 200), SAMPLES - change - 200, `after a change by ${factor}`);
      // Without learning it would be another matter.
      const [still] = new LiveIntervals(state, 0.9).bounds(new Float64Array(1), 0.9).upper;
      const inside = series.values.filter((_, i) => i >= change && Math.abs(residual(series, i)) <= still!).length;
      should(Math.abs(inside / (SAMPLES - change) - 0.9)).be.above(0.05);
    }
  });

  it('reach their level after a backtest that was lucky', () => {
    const series = knownSeries(SAMPLES, (random, i) => random.normal() * (i < START ? 0.05 : 1), { phi: 0.5 });
    const state = calibrated(series, START - 60, START - HORIZON, HORIZON);
    const coverage = liveCoverage(series, state, { from: START, to: SAMPLES, levels: LEVELS, count: START + 300 });
    shouldKeepLevels(coverage, SAMPLES - START - 300, 'after a lucky backtest');
  });

  it('reach it too for a series that never changed before', () => {
    const series = knownSeries(3_000, (random, i) => (i < START ? 0 : random.normal()));
    const state = { ...calibrated(series, 24, START - HORIZON, HORIZON), resolution: 0 };
    const coverage = liveCoverage(series, state, { from: START, to: 3_000, levels: LEVELS, count: START + 300 });
    shouldKeepLevels(coverage, 1_700, 'after a constant');
  });

  it('stay finite, and can be stored, when a series comes alive that was 0 throughout', () => {
    const zeros = new Float64Array(40);
    const origins = Array.from({ length: 10 }, (_, i) => 100 + i);
    const state = calibrateIntervals({
      ...{ forecasts: zeros, actuals: zeros, origins, horizon: 4 },
      ...{ period: 0, positive: false, naiveError: 0 },
    });
    for (const size of [1, 3.4e38]) {
      const intervals = new LiveIntervals(state, 0.9);
      for (let i = 0; i < 200; i++) {
        const issued = intervals.issue();
        const value = i % 5 === 0 ? size : 0;
        intervals.verify(
          value,
          [0, 1, 2, 3].map((step) => ({ step, value: 0, issued })),
        );
      }
      const { lower, upper } = intervals.bounds(zeros.slice(0, 4), 0.9);
      upper.forEach((bound) => bound.should.be.within(size * 0.999, size * 10));
      lower.forEach((bound) => bound.should.be.within(-size * 10, -size * 0.999));
      intervals.probabilityBeyond(0, 0, size / 2, 'above').should.be.within(0, 0.5);
      const saved = JSON.parse(JSON.stringify(intervals.snapshot())) as JsonObject;
      should(new LiveIntervals(state, 0.9, saved).snapshot()).eql(intervals.snapshot());
    }
  });

  it('are wide where nothing could be tried, and have no width for what never changed', () => {
    const nothing = { forecasts: new Float64Array(0), actuals: new Float64Array(0), origins: [], horizon: 4 };
    const unknown = calibrateIntervals({ ...nothing, period: 1, positive: true, naiveError: 2 });
    const { lower, upper } = new LiveIntervals(unknown, 0.9).bounds(new Float64Array(4).fill(10), 0.9);
    // A normal error with mean size 2 would give ± 4.1 at the first step.
    upper[0]!.should.be.above(10 + 4.1);
    upper[3]!.should.be.above(10 + 2 * 4.1);
    lower[0]!.should.be.below(10 - 4.1);

    const constant = calibrateIntervals({ ...nothing, period: 1, positive: true, naiveError: 0 });
    const none = new LiveIntervals(constant, 0.9).bounds(new Float64Array(4).fill(10), 0.999);
    [...none.lower, ...none.upper].should.eql(new Array(8).fill(10));
    new LiveIntervals(constant, 0.9).probabilityBeyond(10, 0, 10, 'above').should.equal(0);
  });

  it('are not too narrow after a backtest of hardly any forecasts', () => {
    for (const phi of [0, 0.8, 1]) {
      for (const origins of [1, 6, HORIZON, HORIZON + 1, 3 * HORIZON]) {
        let inside = 0;
        for (let seed = 0; seed < 300; seed++) {
          const { values, forecast } = knownSeries(200, (random) => random.normal(), { phi }, seed);
          const state = calibrated({ values, forecast, period: 1 }, 50, 50 + origins, HORIZON);
          const middle = Float64Array.from({ length: HORIZON }, (_, step) => forecast(180, step));
          const { lower, upper } = new LiveIntervals(state, 0.9).bounds(middle, 0.9);
          inside += lower.filter((low, i) => values[180 + i]! >= low && values[180 + i]! <= upper[i]!).length;
        }
        should(inside / (300 * HORIZON)).be.above(0.88, `${origins} origins, φ = ${phi}`);
      }
    }
  });

  it('never fall below 0 where the series has not, unless the forecast does', () => {
    const state = calibrated(kinds['a seasonal series above 0']!, 24, 500, HORIZON, true);
    const { lower, upper } = new LiveIntervals(state, 0.99).bounds(Float64Array.of(0.01, -4), 0.99);
    lower[0]!.should.equal(0);
    lower[1]!.should.be.below(-4);
    upper[1]!.should.be.above(-4);
  });

  describe('as a law', () => {
    const random = new Random(3);
    const live = (['identity', 'sqrt'] as const).map((scale) => learned(scale, random));
    const level = fc.double({ min: 0.001, max: 0.9999, noNaN: true });
    const value = fc.double({ min: -1e4, max: 1e6, noNaN: true });
    const step = fc.nat(100);

    it('contain the value, and a wider level contains the narrower one', () => {
      fc.assert(
        fc.property(level, level, fc.array(value, { minLength: 1 }), fc.boolean(), (a, b, list, sqrt) => {
          const values = Float64Array.from(list);
          const [inner, outer] = [Math.min(a, b), Math.max(a, b)].map((each) => live[+sqrt]!.bounds(values, each));
          values.forEach((each, i) => {
            should(outer!.lower[i]! <= inner!.lower[i]! && inner!.lower[i]! <= each).be.true();
            should(outer!.upper[i]! >= inner!.upper[i]! && inner!.upper[i]! >= each).be.true();
          });
        }),
      );
    });

    it('agree with the probability that a limit at their edge is crossed', () => {
      fc.assert(
        fc.property(level, fc.double({ min: 1, max: 1e4, noNaN: true }), step, (each, middle, at) => {
          const values = new Float64Array(at + 1).fill(middle);
          const { lower, upper } = live[0]!.bounds(values, each);
          const above = live[0]!.probabilityBeyond(middle, at, upper[at]!, 'above');
          const below = live[0]!.probabilityBeyond(middle, at, lower[at]!, 'below');
          above.should.be.approximately((1 - each) / 2, 1e-6);
          below.should.be.approximately((1 - each) / 2, 1e-6);
          live[0]!.probabilityBeyond(middle, at, lower[at]!, 'above').should.be.approximately(1 - below, 1e-12);
        }),
      );
    });

    it('find a limit the less likely to be crossed the farther it is', () => {
      fc.assert(
        fc.property(value, step, value, value, fc.boolean(), (middle, at, a, b, sqrt) => {
          const near = live[+sqrt]!.probabilityBeyond(middle, at, Math.min(a, b), 'above');
          const far = live[+sqrt]!.probabilityBeyond(middle, at, Math.max(a, b), 'above');
          should(near >= far && far >= 0 && near <= 1).be.true();
        }),
      );
    });
  });

  it('go on from a snapshot as if nothing had been', () => {
    const series = kinds['a heavy-tailed series']!;
    const state = calibrated(series, 24, 500, HORIZON);
    let interrupted = new LiveIntervals(state, 0.85);
    const other = new LiveIntervals(state, 0.85);
    for (let i = 500; i < 900; i++) {
      if (i === 700) {
        const saved = JSON.parse(JSON.stringify(interrupted.snapshot())) as ReturnType<LiveIntervals['snapshot']>;
        interrupted = new LiveIntervals(state, 0.85, saved);
      }
      for (const live of [interrupted, other]) {
        live.verify(series.values[i]!, [{ step: 0, value: series.forecast(i, 0), issued: live.issue() }]);
      }
    }
    const values = new Float64Array(HORIZON);
    interrupted.bounds(values, 0.85).should.eql(other.bounds(values, 0.85));
    JSON.stringify(interrupted.snapshot()).should.equal(JSON.stringify(other.snapshot()));
    const anew = JSON.stringify(new LiveIntervals(state, 0.85).snapshot());
    anew.should.not.equal(JSON.stringify(other.snapshot()));
    JSON.stringify(new LiveIntervals(state, 0.85, { scores: 'AAAA', misses: 3 }).snapshot()).should.equal(anew);
  });

  it('refuse a level that is none', () => {
    const state = calibrated(kinds['a heavy-tailed series']!, 24, 500, HORIZON);
    for (const level of [0, 1, 90, NaN]) {
      should(() => new LiveIntervals(state, level)).throw(/between 0 and 1/);
      should(() => new LiveIntervals(state, 0.9).bounds(new Float64Array(1), level)).throw(/between 0 and 1/);
    }
  });
});

/** The error of the forecast one step before. */
function residual({ values, forecast }: KnownSeries, i: number): number {
  return values[i]! - forecast(i, 0);
}

/** Intervals that have been through something, so that levels have drifted apart. */
function learned(scale: IntervalState['scale'], random: Random): LiveIntervals {
  const stepScales = Float64Array.from({ length: HORIZON }, (_, step) => 0.5 + step);
  const scores = Float64Array.from({ length: 400 }, () => Math.abs(random.normal()));
  const live = new LiveIntervals({ scale, period: 6, stepScales, scores, freedom: 4, resolution: 0.001 }, 0.7);
  for (let i = 0; i < 500; i++) {
    live.verify(random.normal() * 3, [{ step: i % 3, value: 0, issued: live.issue() }]);
  }
  return live;
}
