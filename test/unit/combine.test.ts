import fc from 'fast-check';
import should from 'should';
import { combine, memberWeights } from '#lib/forecasting/combine';

const floats = (...values: number[]): Float64Array => Float64Array.from(values);

describe('the weights of members', () => {
  it('fall with the fourth power of the error', () => {
    const [best, worse] = memberWeights([1, 1.5]);
    (best! / worse!).should.be.approximately(1.5 ** 4, 1e-12);
  });

  it('are 0 beyond twice the best error, and sum to 1', () => {
    const weights = memberWeights([3, 1, 2, 2.01]);
    weights[0]!.should.equal(0);
    weights[3]!.should.equal(0);
    weights[2]!.should.be.above(0);
    weights.reduce((a, b) => a + b).should.be.approximately(1, 1e-12);
  });

  it('go to those without any error alike, where there are such', () => {
    memberWeights([0, 0.1, 0]).should.eql([0.5, 0, 0.5]);
  });
});

describe('the weighted median', () => {
  it('is the median where weights are alike', () => {
    combine([floats(1, 7), floats(5, 5), floats(100, -2)], [1, 1, 1]).should.eql(floats(5, 5));
    combine([floats(1), floats(3)], [1, 1]).should.eql(floats(2));
  });

  it('goes to whoever has more than half, as far as the interpolation lets it', () => {
    // The middles of the shares lie at .1, .25 and .65: the half lies 5/8 of the way between the last two.
    combine([floats(0), floats(1), floats(9)], [0.2, 0.1, 0.7])[0]!.should.be.approximately(1 + (8 * 5) / 8, 1e-12);
    combine([floats(9), floats(0)], [0.9, 0.1])[0]!.should.be.approximately((9 * 0.45) / 0.5, 1e-12);
  });

  it('does not hear those without weight', () => {
    combine([floats(1), floats(2), floats(3)], [1, 0, 1]).should.eql(floats(2));
    combine([floats(4), floats(NaN)], [1, 0]).should.eql(floats(4));
  });

  it('lies between the members, whatever their order, and follows a change of unit', () => {
    const members = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(members, (pairs) => {
        const of = (list: typeof pairs, unit = (value: number): number => value): number =>
          combine(
            list.map(([value]) => floats(unit(value))),
            list.map(([, weight]) => weight),
          )[0]!;
        const values = pairs.map(([value]) => value);
        const got = of(pairs);
        got.should.be.within(Math.min(...values), Math.max(...values));
        const expected = of(pairs, (value) => 3 * value + 5);
        should(3 * got + 5).be.approximately(expected, 1e-9);
        const sorted = pairs.slice().sort(([a], [b]) => a - b);
        // Where values are the same, their order does not matter either.
        should(of(sorted.slice().reverse())).be.approximately(of(sorted), 1e-9);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
