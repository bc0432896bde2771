import fc from 'fast-check';
import should from 'should';
import { packNumbers, unpackNumbers } from '#lib/core/packed';
import { ScoreWindow } from '#lib/forecasting/score-window';

describe('a window of scores', () => {
  it('keeps the newest, and the same in rising order', () => {
    const score = fc.double({ min: 0, max: 5, noNaN: true }).map((value) => Math.round(value));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(score), fc.array(score), (capacity, first, later) => {
        const window = new ScoreWindow(capacity, Float64Array.from(first));
        later.forEach((each) => window.push(each));
        const newest = [...first, ...later].slice(-capacity);
        [...window.inOrder()].should.eql(newest);
        [...window.sorted].should.eql(newest.sort((a, b) => a - b));
      }),
    );
  });
});

describe('packed numbers', () => {
  it('keep every bit', () => {
    const values = Float64Array.of(0, -0, 1 / 3, NaN, Infinity, -Number.MIN_VALUE, Number.MAX_VALUE);
    const back = unpackNumbers(packNumbers(values))!;
    [...back].every((value, i) => Object.is(value, values[i])).should.be.true();
    // 1 is 3FF0…0: little-endian on every machine.
    packNumbers(Float64Array.of(1)).should.equal('AAAAAAAA8D8=');
    unpackNumbers('')!.length.should.equal(0);
  });

  it('are read only from what they were packed into', () => {
    for (const text of ['AAAA', 'AAAAAAAA8D8', '?AAAAAAA8D8=', 7, null, undefined]) {
      should(unpackNumbers(text)).equal(null);
    }
  });
});
