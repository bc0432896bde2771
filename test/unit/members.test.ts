import type { Forecaster } from '#lib/core/algorithm';
import type { History } from '#lib/core/history';
import { forecastMembers, type Member } from '#lib/forecasting/members';
import { suitableTransforms, transformed, untransformed } from '#lib/forecasting/transforms';
import { forecaster } from '#lib/registry';

const floats = (...values: number[]): Float64Array => Float64Array.from(values);

/** Gives the newest sample times a factor, and notes what it was shown. */
class Multiplier implements Forecaster {
  readonly lookback = 2;
  shown: History | undefined;

  constructor(private readonly factor: number) {}

  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    this.shown = history;
    return Float64Array.from({ length: origins.length * horizon }, (_, i) => {
      return history.target[origins[Math.floor(i / horizon)]! - 1]! * this.factor;
    });
  }

  snapshot = (): never => {
    throw new Error('not asked for');
  };
}

function member(model: Forecaster, transform: Member['transform'], low: number, high: number): Member {
  return { algorithm: forecaster('seasonal-naive'), params: {}, transform, model, low, high, error: 1 };
}

const history = (...target: number[]): History => ({
  startMs: 5000,
  stepMs: 1000,
  timeZone: 'UTC',
  target: floats(...target),
  others: [floats(...target.map((value) => -value))],
});

describe('scales', () => {
  it('are bent only where values are positive and differ enough', () => {
    suitableTransforms(floats(1, 2)).should.eql(['identity', 'sqrt', 'log']);
    suitableTransforms(floats(0, 2)).should.eql(['identity']);
    suitableTransforms(floats(100, 110)).should.eql(['identity']);
  });

  it('lead there and back', () => {
    for (const transform of ['identity', 'sqrt', 'log'] as const) {
      const [there] = transformed(transform, floats(7));
      untransformed(transform, there!).should.be.approximately(7, 1e-12);
    }
  });

  it('give the floor for what has no square root or logarithm', () => {
    transformed('log', floats(0, -3, NaN, 1), -5).should.eql(floats(-5, -5, -5, 0));
    transformed('sqrt', floats(-3, 4), 0.5).should.eql(floats(0.5, 2));
  });
});

describe('what members expect', () => {
  it('comes in the unit of the target, origin by origin', () => {
    const [logarithmic] = forecastMembers([member(new Multiplier(2), 'log', 0, 10)], history(1, 3, 5), [2, 3], 2);
    [...logarithmic!].map((value) => Math.round(value * 1e9) / 1e9).should.eql([9, 9, 25, 25]);
  });

  it('is worked out from no more of the history than is looked at', () => {
    const model = new Multiplier(1);
    forecastMembers([member(model, 'identity', 0, 10)], history(1, 2, 3, 4, 5, 6), [5], 1);
    model.shown!.target.should.eql(floats(4, 5));
    model.shown!.others.should.eql([floats(-4, -5)]);
    model.shown!.startMs.should.equal(8000);
  });

  it('leaves the range of what is known by half of it at most', () => {
    const wild = [member(new Multiplier(100), 'identity', 0, 10), member(new Multiplier(-100), 'identity', 0, 10)];
    const [high, low] = forecastMembers(wild, history(5, 6), [2], 1);
    high!.should.eql(floats(15));
    low!.should.eql(floats(-5));
  });

  it('follows a level that the training did not know', () => {
    const [got] = forecastMembers([member(new Multiplier(1.01), 'identity', 0, 10)], history(5, 1000), [2], 1);
    got!.should.eql(floats(1005));
  });

  it('is nothing where nothing was asked', () => {
    forecastMembers([member(new Multiplier(1), 'identity', 0, 1)], history(1), [], 3).should.eql([new Float64Array(0)]);
  });
});
