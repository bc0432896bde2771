import should from 'should';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import { CourseWatch } from '#lib/forecasting/course-watch';
import type { IntervalState } from '#lib/forecasting/intervals';

const HORIZON = 24;
/** Errors are usually 1 at each step. */
const STATE: IntervalState = {
  scale: 'identity',
  period: 24,
  stepScales: new Float64Array(HORIZON).fill(1),
  scores: Float64Array.of(0.5, 1, 1.5),
  freedom: 100,
  resolution: 0,
};
const FIRST_STEPS = [0, 3, 7];

/** Values around 0, and both ways to forecast them so far off. */
function feed(watch: CourseWatch, samples: number, usual: number, course: number, random = new Random(3)): void {
  for (let i = 0; i < samples; i++) {
    const noise = (): number => random.normal() || 1;
    watch.verify(
      0,
      FIRST_STEPS.map((step) => ({ step, usual: usual * noise(), course: course * noise() })),
    );
  }
}

describe('CourseWatch', () => {
  it('stays with the model while its errors are what they usually are, however good the course is', () => {
    const watch = new CourseWatch(STATE, HORIZON);
    for (let seed = 0; seed < 50; seed++) {
      feed(watch, 20, 1.25, 0.01, new Random(seed));
      watch.isFollowing.should.be.false();
      watch.unrest.should.equal(1);
    }
  });

  it('follows the course when the model has lost its way and the course has not', () => {
    const watch = new CourseWatch(STATE, HORIZON);
    feed(watch, 50, 1.25, 5);
    feed(watch, 10, 30, 2);
    watch.isFollowing.should.be.true();
    // As unruly as what is said is wrong.
    watch.unrest.should.be.within(1, 6);
  });

  it('follows nothing where the course is no better, but says how unruly it is', () => {
    const watch = new CourseWatch(STATE, HORIZON);
    feed(watch, 20, 30, 25);
    watch.isFollowing.should.be.false();
    watch.unrest.should.be.within(8, 40);
  });

  it('comes back soon when the model is right again', () => {
    const watch = new CourseWatch(STATE, HORIZON);
    feed(watch, 60, 40, 1);
    watch.isFollowing.should.be.true();
    feed(watch, HORIZON, 1, 20);
    watch.isFollowing.should.be.false();
    watch.unrest.should.equal(1);
  });

  it('says nothing of a series that was never wrong', () => {
    const watch = new CourseWatch({ ...STATE, scores: new Float64Array(3) }, HORIZON);
    feed(watch, 50, 30, 1);
    [watch.isFollowing, watch.unrest].should.eql([false, 1]);
  });

  it('goes on from a snapshot as if nothing had been, and begins anew from a damaged one', () => {
    const watch = new CourseWatch(STATE, HORIZON);
    feed(watch, 9, 30, 1);
    const saved = JSON.parse(JSON.stringify(watch.snapshot())) as JsonObject;
    const other = new CourseWatch(STATE, HORIZON, saved);
    feed(watch, 5, 30, 1, new Random(9));
    feed(other, 5, 30, 1, new Random(9));
    should(other.snapshot()).eql(watch.snapshot());
    new CourseWatch(STATE, HORIZON, { recent: 'AAAA' }).isFollowing.should.be.false();
  });
});
