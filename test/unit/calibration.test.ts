import fc from 'fast-check';
import should from 'should';
import { Random } from '#lib/core/random';
import { calibrate, probability, rawScoreOf } from '#lib/detection/calibration';

/** Makes so many successive raw scores of a normal plant. */
type Source = (random: Random, rows: number) => Float64Array;

const independent =
  (draw: (random: Random) => number): Source =>
  (random, rows) =>
    Float64Array.from({ length: rows }, () => draw(random));

/** Neighbours correlate by `phi`: some (1 + phi) / (1 − phi) of them say as much as one. */
const sluggish =
  (phi: number): Source =>
  (random, rows) => {
    let x = random.normal();
    return Float64Array.from({ length: rows }, () => {
      x = phi * x + Math.sqrt(1 - phi * phi) * random.normal();
      return Math.abs(x);
    });
  };

const studentT3 = (random: Random): number =>
  Math.abs(random.normal() / Math.sqrt((random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2) / 3));
const exponentialOf = (rows: number): Float64Array => independent(exponential)(new Random(6), rows);
const exponential = (random: Random): number => -Math.log(1 - random.uniform());

/** The raw score whose probability is `p`. */
function rawAt(calibration: ReturnType<typeof calibrate>, p: number): number {
  let [low, high] = [-1e9, 1e9];
  for (let i = 0; i < 120; i++) {
    const middle = (low + high) / 2;
    if (probability(calibration, middle) > p) low = middle;
    else high = middle;
  }
  return high;
}

/** How many of the rising scores are at least `raw`. */
function countFrom(scores: Float64Array, raw: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle]! < raw) low = middle + 1;
    else high = middle;
  }
  return scores.length - low;
}

/** How many times as many fresh normal rows score beyond the raw score of `p` as promised, on average over calibrations. */
function alarmsAgainstPromise(source: Source, rows: number, p: number, calibrations = 120): number {
  const fresh = source(new Random(4711), 400_000).sort();
  let sum = 0;
  for (let seed = 1; seed <= calibrations; seed++) {
    sum += countFrom(fresh, rawAt(calibrate(source(new Random(seed), rows)), p));
  }
  return sum / calibrations / fresh.length / p;
}

describe('a calibration', () => {
  describe('keeps its promise on fresh normal rows', () => {
    const kinds: readonly { what: string; source: Source; rows: number; atMost: number; atLeast: number }[] = [
      { what: 'an exponential tail', source: independent(exponential), rows: 100, atMost: 1.5, atLeast: 0.3 },
      { what: 'an exponential tail', source: independent(exponential), rows: 3000, atMost: 1.5, atLeast: 0.6 },
      { what: 'a light tail', source: independent((r) => Math.abs(r.normal())), rows: 100, atMost: 1.5, atLeast: 0.1 },
      { what: 'a light tail', source: independent((r) => Math.abs(r.normal())), rows: 3000, atMost: 1.5, atLeast: 0.4 },
      { what: 'a heavy tail (Student, 3)', source: independent(studentT3), rows: 100, atMost: 4, atLeast: 0.5 },
      { what: 'a heavy tail (Student, 3)', source: independent(studentT3), rows: 3000, atMost: 2, atLeast: 0.6 },
      { what: 'neighbours that are alike (0.9)', source: sluggish(0.9), rows: 100, atMost: 3, atLeast: 0.1 },
      { what: 'neighbours that are alike (0.9)', source: sluggish(0.9), rows: 3000, atMost: 2, atLeast: 0.4 },
    ];
    for (const { what, source, rows, atMost, atLeast } of kinds) {
      it(`of 1 in 1,000 within a factor of ${atMost}: ${what}, ${rows} rows`, () => {
        alarmsAgainstPromise(source, rows, 1e-3).should.be.within(atLeast, atMost);
      });
    }

    it('of 1 in 100 within a factor of 2 from 20 rows', () => {
      for (const draw of [exponential, studentT3, (r: Random) => Math.abs(r.normal())]) {
        alarmsAgainstPromise(independent(draw), 20, 1e-2, 400).should.be.within(0.2, 2);
      }
    });
  });

  it('gives a probability that never rises with the raw score, whatever it was made from', () => {
    const scores = fc.oneof(
      fc.array(fc.double({ min: -1e40, max: 1e40, noNaN: true }), { minLength: 20, maxLength: 200 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 20, maxLength: 200 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 200 }),
    );
    const property = fc.property(
      scores,
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
      (made, asked) => {
        const calibration = calibrate(Float64Array.from(made));
        const raws = [...asked, ...made, calibration.tail.start].sort((a, b) => a - b);
        const ps = raws.map((raw) => probability(calibration, raw));
        ps.forEach((p) => should(p > 0 && p <= 1).be.true());
        ps.forEach((p, i) => should(i === 0 || p <= ps[i - 1]!).be.true());
        for (const number of Object.values(calibration.tail)) Number.isFinite(number).should.be.true();
      },
    );
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  it('falls all the way beyond the scores it has seen', () => {
    const calibration = calibrate(independent(exponential)(new Random(2), 200));
    const ps = [5, 10, 20, 50, 1e3, 1e6].map((raw) => probability(calibration, raw));
    ps.slice(1).forEach((p, i) => p.should.be.below(ps[i]!));
    probability(calibration, Number.MAX_VALUE).should.be.above(0);
  });

  it('never calls a score rarer than it was among the rows themselves', () => {
    const scores = Float64Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 3 : i % 3));
    const calibration = calibrate(scores);
    probability(calibration, 3).should.be.aboveOrEqual(0.1);
    probability(calibration, 3.001).should.be.below(0.1);
    probability(calibration, 0).should.equal(1);
  });

  it('takes what is typical of a detector into account where few rows are worth little, and not where many speak', () => {
    // Root mean square of 30 independent deviations, over a window: what a distance from normal is.
    const distances: Source = (random, rows) => {
      const values = Array.from({ length: 30 }, () => sluggish(0.9)(random, rows));
      return Float64Array.from({ length: rows }, (_, i) => Math.hypot(...values.map((v) => v[i]!)) / Math.sqrt(30));
    };
    const typicalExcess = 1 / (3 * Math.sqrt(30));
    const fresh = distances(new Random(4711), 100_000).sort();
    const limits = (rows: number, known: object): number[] =>
      Array.from({ length: 40 }, (_, seed) => rawAt(calibrate(distances(new Random(seed), rows), known), 1e-3));
    const spread = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);
    const [plain, typical] = [limits(100, {}), limits(100, { typicalExcess })];
    spread(typical).should.be.below(spread(plain) / 2);
    const rates = typical.map((limit) => countFrom(fresh, limit) / fresh.length);
    (rates.reduce((a, b) => a + b) / rates.length).should.be.within(0.15e-3, 2e-3);

    const many = exponentialOf(20_000);
    const misled = rawAt(calibrate(many, { typicalExcess: 0.01 }), 1e-4);
    (misled / rawAt(calibrate(many), 1e-4)).should.be.within(0.85, 1.01);
  });

  it('reaches a score that cannot exceed its bound, and stays below it', () => {
    // A power of the distance to the bound: p = (1 − raw)⁸.
    const bounded = exponentialOf(500).map((excess) => 1 - Math.exp(-excess / 8));
    const calibration = calibrate(bounded, { highestScore: 1 });
    const limit = rawScoreOf(calibration, 1e-3);
    limit.should.be.within(0.5, 0.7);
    probability(calibration, limit).should.be.approximately(1e-3, 1e-5);
    probability(calibration, 0.95).should.be.below(1e-5);
    probability(calibration, 1).should.be.within(1e-300, probability(calibration, 0.999));
    rawScoreOf(calibrate(bounded), 1e-3).should.be.above(limit);
  });

  it('gives the raw score of a probability', () => {
    const calibration = calibrate(exponentialOf(300));
    for (const p of [0.5, 0.1, 1e-3, 1e-6]) {
      rawScoreOf(calibration, p).should.be.approximately(rawAt(calibration, p), 1e-6);
    }
    rawScoreOf(calibration, 1).should.be.belowOrEqual(calibration.body.raw[0]!);
  });

  it('lets one bad stretch of the rows not decide, and says how many it left out', () => {
    const scores = independent(exponential)(new Random(3), 400);
    const usual = rawAt(calibrate(scores), 1e-3);
    for (const start of [0, 187, 360]) {
      const disturbed = scores.map((score, i) => (i >= start && i < start + 40 ? 100 + score : score));
      const calibration = calibrate(disturbed);
      calibration.leftOut.should.equal(40);
      calibration.rows.should.equal(400);
      rawAt(calibration, 1e-3).should.be.within(0.6 * usual, 1.6 * usual);
    }
    calibrate(scores).leftOut.should.equal(0);
  });

  it('leaves nothing out where bad rows lie scattered', () => {
    const scores = independent(exponential)(new Random(3), 400).map((score, i) => (i % 20 === 0 ? 100 + score : score));
    calibrate(scores).leftOut.should.equal(0);
    probability(calibrate(scores), 100).should.be.aboveOrEqual(0.05);
  });

  it('is the more careful the fewer rows it rests on, and the more these are alike', () => {
    const rows = [20, 60, 200, 2000];
    const limits = rows.map((count) => {
      const raws = Array.from({ length: 40 }, (_, seed) =>
        rawAt(calibrate(independent(exponential)(new Random(seed), count)), 1e-4),
      );
      return raws.sort((a, b) => a - b)[20]!;
    });
    should(limits).eql([...limits].sort((a, b) => b - a));

    const free = calibrate(sluggish(0)(new Random(1), 1000));
    const alike = calibrate(sluggish(0.95)(new Random(1), 1000));
    free.effectiveRows.should.be.above(800);
    alike.effectiveRows.should.be.below(400);
  });

  it('copes with scores that are all one', () => {
    for (const value of [0, 0.5, -3, 1e30]) {
      const calibration = calibrate(new Float64Array(50).fill(value));
      probability(calibration, value).should.equal(1);
      probability(calibration, value + 100 * (Math.abs(value) || 1)).should.be.below(1e-3);
    }
  });

  it('makes of 100,000 rows a few hundred numbers', () => {
    const calibration = calibrate(independent(exponential)(new Random(5), 100_000));
    JSON.stringify(calibration).length.should.be.below(5000);
    probability(calibration, Math.log(1e4)).should.be.within(0.7e-4, 1.4e-4);
    probability(calibration, Math.log(2)).should.be.within(0.49, 0.51);
  });

  it('refuses too few rows, and scores that are no numbers', () => {
    should(() => calibrate(new Float64Array(19))).throw(/at least 20 held-out rows, got 19/);
    should(() => calibrate(new Float64Array(30).fill(NaN))).throw(/finite/);
  });
});
