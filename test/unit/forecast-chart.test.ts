import fc from 'fast-check';
import should from 'should';
import type { Forecast } from '#lib/forecasting/forecast';
import { ChartLines, type ChartPoint } from '#nodes/ml-forecast/chart';

const MINUTE_MS = 60_000;

/** A forecast of so many minutes from a minute on. */
function forecast(from: number, steps: number, device = 'pump-1'): Forecast {
  return {
    device,
    field: 'flow',
    model: { name: 'm', version: 1, algorithm: 'auto' },
    stepMs: MINUTE_MS,
    level: 0.9,
    points: Array.from({ length: steps }, (_, i) => ({
      timestamp: new Date((from + 1 + i) * MINUTE_MS).toISOString(),
      value: from,
      lower: from - 1,
      upper: from + 1,
    })),
    trend: null,
    nextHour: null,
    accuracy: null,
  };
}
const actual = (minute: number, device = 'pump-1') => ({ device, timeMs: minute * MINUTE_MS, value: minute });
const told = (points: readonly ChartPoint[]): unknown[] =>
  points.map(({ topic, payload, timestamp }) => [topic, payload, timestamp / MINUTE_MS]);

describe('points for a chart', () => {
  it('are the actual values, and the whole path the first time', () => {
    const chart = new ChartLines(10);
    told(chart.points({ actuals: [actual(10)], forecasts: [forecast(10, 2)] })).should.eql([
      ['actual', 10, 10],
      ['forecast', 10, 11],
      ['forecast', 10, 12],
      ['lower', 9, 11],
      ['lower', 9, 12],
      ['upper', 11, 11],
      ['upper', 11, 12],
    ]);
  });

  it('are then only those that reach further', () => {
    const chart = new ChartLines(10);
    chart.points({ actuals: [actual(10)], forecasts: [forecast(10, 2)] });
    told(chart.points({ actuals: [actual(11)], forecasts: [forecast(11, 2)] })).should.eql([
      ['actual', 11, 11],
      ['forecast', 11, 13],
      ['lower', 10, 13],
      ['upper', 12, 13],
    ]);
    told(chart.points({ actuals: [], forecasts: [forecast(11, 2)] })).should.eql([]);
  });

  it('name the device where there are several', () => {
    const chart = new ChartLines(10);
    chart.points({ actuals: [actual(10)], forecasts: [] });
    told(chart.points({ actuals: [actual(11), actual(11, 'pump-2')], forecasts: [] })).should.eql([
      ['pump-1 actual', 11, 11],
      ['pump-2 actual', 11, 11],
    ]);
  });

  it('are drawn anew after a reset', () => {
    const chart = new ChartLines(10);
    chart.points({ actuals: [actual(10)], forecasts: [] });
    chart.forget('pump-1');
    told(chart.points({ actuals: [actual(5)], forecasts: [] })).should.eql([['actual', 5, 5]]);
    chart.forget(null);
    told(chart.points({ actuals: [actual(3)], forecasts: [] })).should.eql([['actual', 3, 3]]);
  });

  it('never turn back, on no line, whatever comes', () => {
    const step = fc.record({
      minute: fc.integer({ min: 0, max: 30 }),
      steps: fc.integer({ min: 1, max: 5 }),
      device: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const chart = new ChartLines(10);
        chart.points({ actuals: [actual(-1, 'a'), actual(-1, 'b')], forecasts: [] });
        const newest = new Map<string, number>();
        for (const { minute, steps: count, device } of steps) {
          const found = { actuals: [actual(minute, device)], forecasts: [forecast(minute, count, device)] };
          for (const { topic, timestamp } of chart.points(found)) {
            should(timestamp).be.above(newest.get(topic) ?? -Infinity);
            newest.set(topic, timestamp);
          }
        }
      }),
      { seed: 1 },
    );
  });
});
