import should from 'should';
import { minimise } from '#lib/core/nelder-mead';

describe('Nelder–Mead', () => {
  it("finds the bottom of Rosenbrock's curved valley", () => {
    const valley = ([x, y]: Float64Array): number => (1 - x!) ** 2 + 100 * (y! - x! ** 2) ** 2;
    const { at, value } = minimise(valley, [-1.2, 1], { tolerance: 1e-12, maxEvaluations: 1000 });
    should(at[0]).be.approximately(1, 1e-4);
    should(at[1]).be.approximately(1, 1e-4);
    should(value).be.below(1e-8);
  });

  it('finds it in one dimension, and beside a wall', () => {
    should(minimise(([x]) => Math.abs(x! - 3), [-5]).at[0]).be.approximately(3, 1e-4);
    const walled = ([x]: Float64Array): number => (x! < 2 ? NaN : x! ** 2);
    should(minimise(walled, [6]).at[0]).be.approximately(2, 1e-3);
  });

  it('stops when it has asked often enough, and where everything is alike', () => {
    let asked = 0;
    minimise(([x]) => (asked++, -x!), [0], { maxEvaluations: 50 });
    asked.should.be.within(50, 52);
    asked = 0;
    minimise(() => (asked++, 7), [0, 0, 0]);
    asked.should.be.below(100);
  });
});
