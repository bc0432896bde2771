import fc from 'fast-check';
import should from 'should';
import {
  meanAbsoluteError,
  naiveErrorOf,
  samplesAfter,
  samplesForBacktest,
  splitForBacktest,
  symmetricError,
} from '#lib/forecasting/backtest';

const floats = (...values: number[]): Float64Array => Float64Array.from(values);

describe('where a history is cut for a backtest', () => {
  it('is before its last sixth and one horizon', () => {
    const { trainingEnd, origins } = splitForBacktest(960, 48, 24, 2)!;
    trainingEnd.should.equal(960 - 48 - 160);
    origins[0]!.should.equal(trainingEnd);
    origins.at(-1)!.should.equal(960 - 48);
  });

  it('leaves every forecast its samples, and the algorithm what it needs, with never too many origins', () => {
    const [samples, horizon, period, minRows] = [
      fc.nat(50_000),
      fc.integer({ min: 1, max: 2000 }),
      fc.nat(2000),
      fc.nat(500),
    ];
    fc.assert(
      fc.property(samples, horizon, period, minRows, (samples, horizon, period, minRows) => {
        const split = splitForBacktest(samples, horizon, period, minRows);
        const isEnough = samples >= samplesForBacktest(horizon, period, minRows);
        should(split !== null).equal(isEnough);
        if (split === null) return;
        const { trainingEnd, origins } = split;
        trainingEnd.should.not.be.below(Math.max(3 * horizon, 2 * period + 10, minRows));
        origins.length.should.be.within(2, horizon > 192 ? 48 : 240);
        origins.every((origin, i) => i === 0 || origin > origins[i - 1]!).should.be.true();
        (origins.at(-1)! + horizon).should.not.be.above(samples);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('the errors of forecasts', () => {
  it('are held against the samples that came', () => {
    const history = { startMs: 0, stepMs: 1, timeZone: 'UTC', target: floats(0, 1, 2, 3, 4), others: [] };
    samplesAfter(history, [1, 3], 2).should.eql(floats(1, 2, 3, 4));
    meanAbsoluteError(floats(1, 2), floats(2, -1)).should.equal(2);
  });

  it('are, as a percentage, at most 200, and 0 where both are 0', () => {
    symmetricError(floats(3, 0), floats(1, 0)).should.equal(50);
    symmetricError(floats(5, -5), floats(-5, 5)).should.equal(200);
  });

  it('have the naive forecast as their unit, which is never 0', () => {
    naiveErrorOf({ target: floats(1, 5, 2, 7), periods: [2] }).should.equal(1.5);
    naiveErrorOf({ target: floats(1, 5, 2, 7), periods: [] }).should.equal(4);
    naiveErrorOf({ target: floats(1, 5, 1, 5), periods: [2] }).should.equal(4);
    naiveErrorOf({ target: floats(3, 3, 3), periods: [2] }).should.equal(1);
  });
});
