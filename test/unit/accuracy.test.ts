import should from 'should';
import type { JsonObject } from '#lib/core/json';
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

  it('goes on from a snapshot, also where its samples are from before 1970', () => {
    for (const start of [1_000, -1_000]) {
      const window = new AccuracyWindow(2);
      for (let i = 0; i < 10; i++) window.add(start + i, [i], 1);
      const saved = JSON.parse(JSON.stringify(window.snapshot())) as JsonObject;
      should(new AccuracyWindow(2, saved).accuracy(4, 1_000)).eql(window.accuracy(4, 1_000));
    }
  });
});
