import should from 'should';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import { ForecastTracker, type TrackedModel } from '#lib/forecasting/forecast-tracker';

const HOUR_MS = 3_600_000;

/** Intervals of ± 1 or so at any step; two members that were equally good. */
function model(horizon: number, errors: readonly number[] = [1, 1]): TrackedModel {
  const stepScales = new Float64Array(horizon).fill(1);
  // At level 0.5, k / (n + 1) = 0.5 of these scores are at most 1; so many degrees of freedom stretch nothing.
  const scores = Float64Array.of(0.5, 1, 1.5);
  return {
    members: errors.map((error) => ({ error })),
    intervals: { scale: 'identity', period: 24, stepScales, scores, freedom: 1e9, resolution: 0 },
    horizon,
    periods: [24],
    naiveError: 2,
  };
}

describe('ForecastTracker', () => {
  it('scores its own forecasts as values come', () => {
    const tracker = new ForecastTracker(model(2, [1]), 0.5);
    should(tracker.accuracy(HOUR_MS)).equal(null);
    // Forecasts 10, 11 from sample 100 on, then 12, 13 from 101 on; what comes is 10.5 and 14.
    tracker.remember(100, [Float64Array.of(10, 11)]);
    tracker.arrive(100, 10.5);
    tracker.remember(101, [Float64Array.of(12, 13)]);
    tracker.arrive(101, 14);
    // Errors 0.5; 3 and 2. Only the first is within ± 1.
    should(tracker.accuracy(HOUR_MS)).eql({
      mae: (0.5 + 3 + 2) / 3,
      mase: (0.5 + 3 + 2) / 3 / 2,
      coverage: 1 / 3,
      points: 3,
      since: new Date(100 * HOUR_MS).toISOString(),
    });
  });

  it('counts nothing for samples that never came', () => {
    const tracker = new ForecastTracker(model(3, [1]), 0.5);
    tracker.remember(0, [Float64Array.of(5, 5, 5)]);
    tracker.arrive(2, 9);
    const accuracy = tracker.accuracy(HOUR_MS)!;
    [accuracy.points, accuracy.mae].should.eql([1, 4]);
    tracker.arrive(50, 5);
    tracker.accuracy(HOUR_MS)!.points.should.equal(1);
  });

  it('begins anew when the clock was put back', () => {
    const tracker = new ForecastTracker(model(3, [1]), 0.5);
    tracker.remember(100, [Float64Array.of(5, 5, 5)]);
    tracker.arrive(100, 5);
    tracker.arrive(10, 5);
    should(tracker.accuracy(HOUR_MS)).equal(null);
    tracker.wants(11).should.be.true();
    tracker.remember(11, [Float64Array.of(5, 5, 5)]);
    tracker.arrive(11, 6);
    tracker.accuracy(HOUR_MS)!.points.should.equal(1);
  });

  it('comes to trust the member that is right, and only after its values have come', () => {
    const tracker = new ForecastTracker(model(4), 0.9);
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const members = [new Float64Array(4).fill(0), new Float64Array(4).fill(3)];
      if (i === 0) [...tracker.combine(members)].should.eql([1.5, 1.5, 1.5, 1.5]);
      tracker.remember(i, members);
      tracker.arrive(i, 3 + 0.1 * random.normal());
    }
    tracker.weights[1]!.should.be.above(0.99);
    tracker.combine([Float64Array.of(0), Float64Array.of(3)])[0]!.should.be.above(2.9);
  });

  it('goes on from a snapshot as if nothing had been, and begins anew from a damaged one', () => {
    const random = new Random(5);
    const horizon = 60;
    let interrupted = new ForecastTracker(model(horizon), 0.9);
    const other = new ForecastTracker(model(horizon), 0.9);
    for (let i = 0; i < 400; i++) {
      if (i % 67 === 66) interrupted = new ForecastTracker(model(horizon), 0.9, copy(interrupted.snapshot()));
      const members = [0, 1].map(() => Float64Array.from({ length: horizon }, () => random.normal()));
      const value = random.normal();
      for (const tracker of [interrupted, other]) {
        tracker.remember(i, members);
        tracker.arrive(i, value);
      }
    }
    JSON.stringify(interrupted.snapshot()).should.equal(JSON.stringify(other.snapshot()));
    interrupted.weights.should.eql(other.weights);

    const damaged = {
      newest: 'x',
      intervals: { scores: 'AA' },
      weights: { sums: 'AAAA' },
      accuracy: 3,
      pending: [null, {}],
    };
    const anew = new ForecastTracker(model(horizon), 0.9);
    JSON.stringify(new ForecastTracker(model(horizon), 0.9, damaged).snapshot()).should.equal(
      JSON.stringify(anew.snapshot()),
    );
  });
});

function copy(json: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(json)) as JsonObject;
}
