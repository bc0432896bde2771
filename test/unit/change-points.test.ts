import { Random } from '#lib/core/random';
import { changePoints } from '#lib/forecasting/change-points';

type Noise = (random: Random) => () => number;

const white: Noise = (random) => () => random.normal();
const sluggish: Noise = (random) => {
  let x = 0;
  return () => (x = 0.9 * x + random.normal());
};

const series = (length: number, value: (i: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, i) => value(i));

const day = (i: number): number => 20 * Math.sin((2 * Math.PI * i) / 24);
const week = (i: number): number => (Math.floor(i / 24) % 7 < 5 ? 0 : -20);

describe('changes of level', () => {
  it('are found to the sample where there is no noise', () => {
    const level = (i: number): number => (i < 100 ? 1 : i < 180 ? 5 : i < 400 ? 3 : -2);
    changePoints(series(700, level)).should.eql([100, 180, 400]);
    changePoints(series(7000, (i) => level(i / 10))).should.eql([1000, 1800, 4000]);
    changePoints(series(700, (i) => 1e12 + 1e-3 * level(i))).should.eql([100, 180, 400]);
  });

  it('are found within a few samples under noise, one way and the other', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const level = (i: number): number => (i < 500 ? 0 : i < 900 ? 4 : i < 1300 ? 8 : 2);
      const found = changePoints(series(2000, (i) => level(i) + random.normal()));
      found.length.should.equal(3);
      [500, 900, 1300].forEach((at, i) => found[i]!.should.be.within(at - 3, at + 3));
    }
  });

  it('are found under a daily and a weekly rhythm', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const values = series(24 * 7 * 8, (i) => day(i) + week(i) + random.normal() + (i >= 700 ? 5 : 0));
      const found = changePoints(values, { periods: [24, 168] });
      found.length.should.equal(1);
      found[0]!.should.be.within(695, 705);
    }
  });

  it('are found among values that are much like the ones before', () => {
    const next = sluggish(new Random(4));
    const found = changePoints(series(5000, (i) => next() + (i >= 2000 ? 12 : 0)));
    found.length.should.equal(1);
    found[0]!.should.be.within(1995, 2005);
  });

  it('are where they are wherever the series begins, and however it is scaled', () => {
    const random = new Random(8);
    const values = series(600, (i) => random.normal() + (i >= 350 ? 6 : 0));
    const found = changePoints(values);
    found.length.should.equal(1);
    changePoints(values.map((value) => 1000 - 0.01 * value)).should.eql(found);
    changePoints(values.subarray(100)).should.eql([found[0]! - 100]);
  });

  describe('are not', () => {
    /** Of 200 seeds, those with a change. */
    function falseAlarms(
      length: number,
      noise: Noise,
      periods: readonly number[] = [],
      rhythm: (i: number) => number = () => 0,
    ): number {
      let count = 0;
      for (let seed = 1; seed <= 200; seed++) {
        const next = noise(new Random(seed));
        if (
          changePoints(
            series(length, (i) => next() + rhythm(i)),
            { periods },
          ).length > 0
        )
          count++;
      }
      return count;
    }

    it('in a constant, or hardly any values', () => {
      changePoints(series(1000, () => 0.1 + 0.2)).should.eql([]);
      for (const length of [0, 1, 2, 19]) changePoints(series(length, (i) => (i < length / 2 ? 0 : 9))).should.eql([]);
    });

    it('in white noise: in no more than one of 200 series', () => {
      for (const length of [50, 300, 2000]) falseAlarms(length, white).should.be.belowOrEqual(1);
    });

    it('in noise where each value is much like the one before: in no more than 4 % of them', () => {
      for (const length of [50, 100, 300, 2000]) falseAlarms(length, sluggish).should.be.belowOrEqual(8);
    });

    it('in a rhythm of days and weeks', () => {
      falseAlarms(24 * 7, white, [24], day).should.be.belowOrEqual(1);
      falseAlarms(24 * 7 * 4, white, [24, 168], (i) => day(i) + week(i)).should.be.belowOrEqual(2);
      falseAlarms(24 * 7, sluggish, [24], day).should.be.belowOrEqual(14);
    });

    it('an outlier, nor a burst of them', () => {
      falseAlarms(200, white, [], (i) => (i === 57 ? 1000 : 0)).should.be.belowOrEqual(1);
      falseAlarms(200, white, [], (i) => (i >= 57 && i < 62 ? 1000 : 0)).should.be.belowOrEqual(1);
    });

    it('a drift, with or without a rhythm', () => {
      falseAlarms(500, white, [], (i) => 0.02 * i).should.be.belowOrEqual(2);
      falseAlarms(24 * 14, white, [24], (i) => day(i) + 0.02 * i).should.be.belowOrEqual(8);
    });

    it('a level that was only visited', () => {
      const random = new Random(6);
      changePoints(series(1000, (i) => random.normal() + (i >= 400 && i < 460 ? 10 : 0))).should.eql([]);
    });

    it('to be told from a rhythm that is there less than three times', () => {
      changePoints(series(60, day), { periods: [24] }).should.eql([]);
    });
  });

  it('in two weeks of minutes take milliseconds', () => {
    const random = new Random(1);
    const values = series(
      20_160,
      (i) => Math.sin((2 * Math.PI * i) / 1440) + random.normal(0, 0.1) + (i > 9000 ? 1 : 0),
    );
    changePoints(values, { periods: [1440] });
    const before = process.cpuUsage();
    for (let k = 0; k < 5; k++) changePoints(values, { periods: [1440] }).length.should.equal(1);
    const { user } = process.cpuUsage(before);
    (user / 5000).should.be.below(60);
  });
});
