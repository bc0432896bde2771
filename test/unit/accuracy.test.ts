import should from 'should';
import { AccuracyWindow } from '#lib/forecasting/accuracy';

describe('AccuracyWindow', () => {
  it('is of the newest 504 blocks', () => {
    const window = new AccuracyWindow(2);
    // The first 10 blocks were all wrong; they have gone when 504 newer ones have come.
    for (let i = 0; i < 2 * 514; i++) window.add(i, [i < 20 ? 100 : 1], i < 20 ? 0 : 1);
    const accuracy = window.accuracy(4, 1_000)!;
    [accuracy.mae, accuracy.mase, accuracy.coverage, accuracy.points].should.eql([1, 0.25, 1, 1_008]);
    accuracy.since.should.equal(new Date(20_000).toISOString());
    should(window.accuracy(0, 1_000)!.mase).equal(null);
  });
});
