import fc from 'fast-check';
import should from 'should';
import { autocorrelations, fourierTransform } from '#lib/core/autocorrelation';
import { Random } from '#lib/core/random';
import { findPeriods } from '#lib/forecasting/periods';

/** A second apart: no period of the calendar is within reach. */
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

function series(samples: number, value: (i: number, random: Random) => number, seed = 1): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: samples }, (_, i) => value(i, random));
}

const wave = (period: number, i: number): number =>
  Math.sin((2 * Math.PI * i) / period) + 0.5 * Math.cos((4 * Math.PI * i) / period);

describe('autocorrelation', () => {
  it('is what its definition says', () => {
    const values = series(50, (i, random) => wave(7, i) + random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / 50;
    const covariance = (lag: number): number => {
      let sum = 0;
      for (let i = lag; i < 50; i++) sum += (values[i]! - mean) * (values[i - lag]! - mean);
      return sum / (50 - lag);
    };
    autocorrelations(values, 20).forEach((got, lag) =>
      should(got).be.approximately(covariance(lag) / covariance(0), 1e-12),
    );
  });

  it('is 0 where nothing varies', () => {
    autocorrelations(new Float64Array(10).fill(3), 4).should.eql(new Float64Array(5));
  });

  it('rests on a Fourier transform that keeps the energy (Parseval)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer(), (power, seed) => {
        const size = 2 ** power;
        const real = series(size, (_, random) => random.normal(), seed);
        const imaginary = series(size, (_, random) => random.normal(), seed + 1);
        const energy = (): number => real.reduce((sum, re, i) => sum + re * re + imaginary[i]! ** 2, 0);
        const before = energy();
        fourierTransform(real, imaginary);
        should(energy() / size).be.approximately(before, 1e-9 * before);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});

describe('finding the periods of a series', () => {
  it('finds one that the calendar knows nothing of, whatever its length', () => {
    for (const period of [5, 7, 12, 23, 24, 37, 100, 391, 1391]) {
      const target = series(12 * period + 40, (i, random) => wave(period, i) + random.normal(0, 0.3));
      should(findPeriods({ target, stepMs: SECOND })[0]).be.approximately(period, period / 1000);
    }
  });

  it('finds it beneath a trend, a drift and wild values', () => {
    const target = series(
      600,
      (i, random) => 3 * wave(24, i) + 0.1 * i + random.normal() + (random.below(80) === 0 ? 500 : 0),
    );
    findPeriods({ target, stepMs: SECOND })[0]!.should.equal(24);
  });

  it('takes the day of the calendar first, though a shorter rhythm is stronger', () => {
    const target = series(14 * 24, (i, random) => 2 * wave(6, i) + wave(24, i) + random.normal(0, 0.3));
    findPeriods({ target, stepMs: HOUR }).should.eql([24]);
  });

  it('adds the week from fifteen days on', () => {
    const days = (count: number): Float64Array =>
      series(count * 24, (i, random) => wave(24, i) + random.normal(0, 0.3));
    findPeriods({ target: days(14), stepMs: HOUR }).should.eql([24]);
    findPeriods({ target: days(15), stepMs: HOUR }).should.eql([24, 168]);
  });

  it('finds a week of days, and nothing beyond it', () => {
    const target = series(100, (i, random) => (i % 7 < 5 ? 10 : 2) + random.normal());
    findPeriods({ target, stepMs: DAY }).should.eql([7]);
  });

  it('finds the week of a plant whose days are alike but for the weekend', () => {
    const target = series(28 * 24, (i, random) => (Math.floor(i / 24) % 7 < 5 ? 10 : 2) + random.normal());
    findPeriods({ target, stepMs: HOUR }).should.containEql(168);
  });

  it('finds the day and the week of minutes', () => {
    const target = series(21 * 1440, (i, random) => wave(1440, i) + random.normal(0, 1));
    findPeriods({ target, stepMs: MINUTE }).should.eql([1440, 10_080]);
  });

  it('finds none in noise, whether the calendar is asked or not', () => {
    for (const stepMs of [SECOND, HOUR]) {
      const found = Array.from({ length: 40 }, (_, seed) =>
        findPeriods({ target: series(400, (_, random) => random.normal(), seed), stepMs }),
      );
      found.filter((periods) => periods.length > 0).should.be.empty();
    }
  });

  it('finds hardly any in a random walk', () => {
    const found = Array.from({ length: 40 }, (_, seed) => {
      let level = 0;
      return findPeriods({ target: series(720, (_, random) => (level += random.normal()), seed), stepMs: HOUR });
    });
    found.filter((periods) => periods.length > 0).length.should.be.below(8);
  });

  it('finds none in a constant, a line, or next to nothing', () => {
    for (const length of [0, 1, 2, 5, 300]) {
      findPeriods({ target: new Float64Array(length).fill(7), stepMs: HOUR }).should.eql([]);
      findPeriods({ target: series(length, (i) => 0.1 * i), stepMs: HOUR }).should.eql([]);
    }
  });

  it('finds a rare pulse, most of whose values are the same', () => {
    const target = series(400, (i) => (i % 20 === 0 ? 1 : 0));
    findPeriods({ target, stepMs: SECOND })[0]!.should.equal(20);
  });

  it('looks at the newest of a million samples', () => {
    const target = series(1_000_000, (i, random) => (i < 900_000 ? random.normal() : wave(60, i) + random.normal()));
    const before = process.cpuUsage();
    findPeriods({ target, stepMs: SECOND })[0]!.should.equal(60);
    process.cpuUsage(before).user.should.be.below(3e6);
  });
});
