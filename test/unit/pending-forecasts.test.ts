import { PendingForecasts } from '#lib/forecasting/pending-forecasts';

describe('PendingForecasts', () => {
  it('keep a long horizon in mind within bounds, and check every part of it', () => {
    for (const horizon of [1, 7, 24, 25, 100, 1_440, 2_000]) {
      const pending = new PendingForecasts(horizon);
      const seen = new Set<number>();
      let most = 0;
      for (let i = 0; i < 3 * horizon; i++) {
        const values = Float64Array.from({ length: horizon }, (_, step) => i + step);
        const issued = { volatility: 1, widths: Float64Array.of(1) };
        if (pending.wants(i)) pending.add(i, values, [values, values], issued);
        if (i % 7 === 0) most = Math.max(most, (pending.snapshot() as unknown[]).length);
        for (const { step, value, members } of pending.take(i)) {
          seen.add(step);
          // Every forecast for sample i says i.
          [value, ...members].should.eql([i, i, i]);
        }
      }
      most.should.be.belowOrEqual(25);
      seen.size.should.be.aboveOrEqual(Math.min(horizon, 64));
      const steps = [...seen];
      Math.min(...steps).should.be.belowOrEqual(horizon / 64);
      Math.max(...steps).should.be.aboveOrEqual(horizon - 1 - horizon / 64);
    }
  });
});
