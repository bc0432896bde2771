import should from 'should';
import { Random } from '#lib/core/random';
import { calibrateIntervals, MAX_SCORES, scaleAt, type Backtested } from '#lib/forecasting/intervals';

/** Forecasts of 0 with the given errors. */
function backtest(errors: readonly (readonly number[])[], more: Partial<Backtested> = {}): Backtested {
  const horizon = errors[0]?.length ?? 3;
  const actuals = Float64Array.from(errors.flat());
  const origins = errors.map((_, i) => 100 + i);
  const forecasts = new Float64Array(actuals.length);
  return { forecasts, actuals, origins, horizon, period: 1, positive: false, naiveError: 1, ...more };
}

describe('calibrateIntervals', () => {
  it('measures each error in units of what is usual at its step', () => {
    // Mean absolute errors 2 and 6, over 4 windows of 2 steps; smoothing takes each end's neighbour as (2+2+6)/3.
    const state = calibrateIntervals(
      backtest(
        [
          [1, 6],
          [-3, -6],
          [2, 12],
          [2, 0.5],
          [-2, -5.5],
        ],
        { origins: [0, 2, 4, 6, 7] },
      ),
    );
    const [first, second] = [(2 + 2 + 6) / 3, (2 + 6 + 6) / 3];
    state.scale.should.equal('identity');
    [...state.stepScales].should.eql([first, second]);
    const expected = [1, 6, 3, 6, 2, 12, 2, 0.5, 2, 5.5].map((error, i) => error / (i % 2 === 0 ? first : second));
    state.scores.forEach((score, i) => score.should.be.approximately(expected[i]!, 1e-12));
    state.freedom.should.equal((3 * 8) / 2);
  });

  it('measures between square roots where all values are above 0', () => {
    const forecasts = Float64Array.of(100, 100, 100, 100);
    const actuals = Float64Array.of(121, 81, 144, 64);
    const state = calibrateIntervals(
      backtest([[0], [0], [0], [0]], { forecasts, actuals, horizon: 1, positive: true }),
    );
    state.scale.should.equal('sqrt');
    state.stepScales[0]!.should.be.approximately(1.5, 1e-12);
    [...state.scores].should.eql([1 / 1.5, 1 / 1.5, 2 / 1.5, 2 / 1.5]);
  });

  it('keeps no step smaller than a fiftieth of the largest', () => {
    const errors = Array.from({ length: 60 }, () => Array.from({ length: 24 }, (_, step) => (step < 12 ? 0.001 : 10)));
    const { stepScales } = calibrateIntervals(backtest(errors));
    stepScales[0]!.should.be.approximately(0.2, 1e-12);
  });

  it('grows beyond the horizon like a random walk', () => {
    const state = calibrateIntervals(backtest([[1], [2], [3]]));
    scaleAt(state, 0).should.equal(2);
    scaleAt(state, 3).should.equal(4);
  });

  it('keeps a bounded number of scores, from all steps and all of the time', () => {
    const random = new Random(1);
    const horizon = 1_440;
    const errors = Array.from({ length: 48 }, (_, row) =>
      Array.from({ length: horizon }, () => random.normal() * (row < 24 ? 1 : 3)),
    );
    const origins = errors.map((_, row) => row * 60);
    const { scores } = calibrateIntervals(backtest(errors, { origins }));
    scores.length.should.be.belowOrEqual(MAX_SCORES).and.above(MAX_SCORES / 2);
    // Mean sizes of the errors are 1 : 3 and their mean 1, so 0.5 in the older half and 1.5 in the newer one.
    const half = scores.length / 2;
    const meanOf = (part: Float64Array): number => part.reduce((a, b) => a + b, 0) / part.length;
    meanOf(scores.subarray(0, half)).should.be.approximately(0.5, 0.05);
    meanOf(scores.subarray(half)).should.be.approximately(1.5, 0.15);
  });

  it('expects the naive forecast’s errors where nothing could be tried', () => {
    const state = calibrateIntervals({ ...backtest([]), horizon: 5, period: 2, naiveError: 7 });
    [...state.stepScales].should.eql([7, 7, 7 * Math.SQRT2, 7 * Math.SQRT2, 7 * Math.sqrt(3)]);
    state.freedom.should.equal(2);
    // The scores are spread like a normal variable’s size whose mean is 1.
    const mean = state.scores.reduce((a, b) => a + b, 0) / state.scores.length;
    mean.should.be.approximately(1, 0.02);
  });

  it('does not believe a backtest of one window that was never wrong', () => {
    const { scores, stepScales } = calibrateIntervals(backtest([[0, 0, 0]], { naiveError: 5 }));
    const largest = scores.reduce((a, b) => Math.max(a, b)) * stepScales[0]!;
    largest.should.be.above(5);
  });

  it('is sure of a series that never changed, without dividing by nothing', () => {
    const actuals = new Float64Array(9).fill(4);
    const state = calibrateIntervals(backtest([[], [], []], { ...constant(actuals), naiveError: 0 }));
    state.scores.every((score) => score === 0).should.be.true();
    state.stepScales.every((scale) => scale > 0 && scale < 1e-6).should.be.true();
    const nothingTried = calibrateIntervals({ ...backtest([]), naiveError: 0 });
    nothingTried.scores.every((score) => score === 0).should.be.true();
  });

  it('takes one wild value among the training samples for no reason to see errors less sharply', () => {
    const random = new Random(2);
    const errors = Array.from({ length: 60 }, () => [random.normal(), random.normal()]);
    const calm = calibrateIntervals(backtest(errors));
    // Such as 65,535 of a broken wire, once in a thousand samples, but not among those of the backtest.
    const wild = calibrateIntervals(backtest(errors, { naiveError: 1e6 }));
    wild.resolution.should.be.below(4e-3).and.be.aboveOrEqual(calm.resolution);
    wild.scores.forEach((score, i) => score.should.be.approximately(calm.scores[i]!, 0.01));
  });

  it('refuses forecasts that do not fit the origins', () => {
    should(() => calibrateIntervals(backtest([[1, 2]], { horizon: 3 }))).throw(
      '1 origins × 3 steps must have 3 of each, got 2 forecasts and 2 actual values.',
    );
  });
});

function constant(actuals: Float64Array): Partial<Backtested> {
  return { actuals, forecasts: actuals, horizon: 3, positive: true };
}
