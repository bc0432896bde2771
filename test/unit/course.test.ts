import fc from 'fast-check';
import should from 'should';
import { Random } from '#lib/core/random';
import { courseOf } from '#lib/forecasting/course';

const DAY = 48;
const course = (target: ArrayLike<number>, steps: number, period = 0, width = 6): Float64Array =>
  courseOf({ target: Float64Array.from(target) }, period, width, steps);
const times = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));

describe('courseOf', () => {
  it('goes on along a straight line, and slowly bends to level', () => {
    const ahead = course(
      times(400, (i) => 3 * i),
      200,
    );
    // 24 samples of a line, so that it has spent 1 − 1/e of itself after 8 × 24 steps.
    should(ahead[0]).be.approximately(1197 + 3, 0.02);
    should(ahead[11]).be.approximately(1197 + 36, 1.5);
    should(ahead[191]).be.approximately(1197 + 3 * 192 * (1 - Math.exp(-1)), 0.01);
  });

  it('takes a slope that may be noise for none', () => {
    const random = new Random(1);
    const ends = times(200, () =>
      course(
        times(60, () => 50 + random.normal()),
        100,
      ).at(-1)!,
    );
    const far = ends.filter((end) => Math.abs(end - 50) > 5);
    far.length.should.be.below(20);
  });

  it('keeps to the rhythm of a day while its level rises', () => {
    const value = (i: number): number => 10 * Math.sin((2 * Math.PI * i) / DAY) + (i < 200 ? 0 : 0.5 * (i - 200));
    const ahead = course(times(230, value), 30, DAY);
    ahead.forEach((found, j) => should(found).be.approximately(value(230 + j), 0.5 + 0.1 * j));
    // The test is worth something: the day alone moves by more than that.
    should(Math.abs(value(230 + 20) - value(230) - 10)).be.above(5);
  });

  it('looks only at what came after a bend', () => {
    const ahead = course(
      times(100, (i) => (i < 90 ? 0 : i - 90)),
      10,
      0,
      8,
    );
    should(ahead[9]).be.approximately(9 + 10, 3);
  });

  it('is finite for anything, and never further beyond the range that has been than twice its size', () => {
    const values = fc.array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 30 }), (target, period, width) => {
        const [low, high] = [Math.min(...target), Math.max(...target)];
        const slack = 1e-9 * (Math.abs(low) + Math.abs(high));
        for (const value of course(target, 50, period, width)) {
          should(value).be.within(low - 2 * (high - low) - slack, high + 2 * (high - low) + slack);
        }
      }),
      { seed: 7 },
    );
  });
});
