import should from 'should';
import { ridgeByGcv, type Moments } from '#lib/core/ridge';
import { tridiagonalise } from '#lib/core/tridiagonal';
import { forecaster } from '#lib/registry';
import { golden } from './golden';

interface Problem {
  readonly x: readonly number[][];
  readonly y: readonly number[][];
  readonly penalty: number;
  readonly coefficients: readonly number[][];
}

const reference = golden<{
  readonly symmetric: readonly number[][];
  readonly diagonal: readonly number[];
  readonly beside: readonly number[];
  readonly problems: readonly Problem[];
  readonly series: readonly number[];
  readonly lags: number;
  readonly horizon: number;
  readonly forecasts: Readonly<Record<'recursive' | 'direct', readonly number[]>>;
}>('ridge');

function centred(rows: readonly number[][]): number[][] {
  const means = rows[0]!.map((_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
  return rows.map((row) => row.map((value, c) => value - means[c]!));
}

const meanProducts = (a: readonly number[][], b: readonly number[][]): Float64Array =>
  Float64Array.from(
    a[0]!.flatMap((_, i) => b[0]!.map((_, j) => a.reduce((sum, row, r) => sum + row[i]! * b[r]![j]!, 0) / a.length)),
  );

function momentsOf(problem: Problem): Moments {
  const [x, y] = [centred(problem.x), centred(problem.y)];
  return {
    columns: x[0]!.length,
    outputs: y[0]!.length,
    samples: x.length,
    gram: meanProducts(x, x),
    cross: meanProducts(x, y),
    power: y.flat().reduce((sum, value) => sum + value * value, 0) / y.length,
  };
}

function shouldBeNear(got: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  should(got.length).equal(expected.length);
  Array.from(got).forEach((value, i) =>
    value.should.be.approximately(expected[i]!, tolerance * (1 + Math.abs(expected[i]!)), `number ${i}`),
  );
}

describe('ridge against scikit-learn, scipy and numpy', () => {
  it('reduces a symmetric matrix to the same tridiagonal one, but for signs', () => {
    const { diagonal, beside } = tridiagonalise(Float64Array.from(reference.symmetric.flat()), 7);
    shouldBeNear(diagonal, reference.diagonal, 1e-12);
    shouldBeNear(beside.subarray(0, 6).map(Math.abs), reference.beside, 1e-12);
  });

  reference.problems.forEach((problem, i) => {
    it(`chooses the same penalty and finds the same coefficients, problem ${i + 1}`, () => {
      const { penalty, coefficients } = ridgeByGcv(momentsOf(problem));
      should(penalty).equal(problem.penalty);
      shouldBeNear(coefficients, problem.coefficients.flat(), 1e-8);
    });
  });

  it('meets problems that call for different penalties', () => {
    new Set(reference.problems.map(({ penalty }) => penalty)).size.should.be.above(1);
  });

  for (const strategy of ['recursive', 'direct'] as const) {
    it(`forecasts the same by the ${strategy} strategy`, async () => {
      const { series, lags, horizon, forecasts } = reference;
      const target = Float64Array.from(series);
      const x = { startMs: 0, stepMs: 60_000, timeZone: 'UTC', target, others: [], periods: [], horizon };
      const model = await forecaster('ridge').fit(x, { strategy, profile: false, lags }, { seed: 0 });
      shouldBeNear(model.forecast(x, [series.length], horizon), forecasts[strategy], 1e-8);
    });
  }
});
