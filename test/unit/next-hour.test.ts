import should from 'should';
import { nextHour } from '#lib/forecasting/next-hour';

const HOUR_MS = 3_600_000;

describe('nextHour', () => {
  const never = (): number => 0;
  it('is of the points within it', () => {
    const values = Float64Array.of(1, 5, 3, 100);
    should(nextHour(values, HOUR_MS / 3, 3, never)).eql({ mean: 3, min: 1, max: 5, trend: 'steady' });
    should(nextHour(values, HOUR_MS, 3, never)).eql({ mean: 1, min: 1, max: 1, trend: 'steady' });
    should(nextHour(values, HOUR_MS + 1, 3, never)).equal(null);
  });

  it('rises or falls where its end probably does', () => {
    const trend = (above: number): string =>
      nextHour(Float64Array.of(1, 2), HOUR_MS / 2, 7, (step, { direction, value }) => {
        [step, value].should.eql([1, 7]);
        return direction === 'above' ? above : 1 - above;
      })!.trend;
    [0.1, 0.25, 0.26, 0.74, 0.75, 1]
      .map(trend)
      .should.eql(['falling', 'falling', 'steady', 'steady', 'rising', 'rising']);
  });
});
