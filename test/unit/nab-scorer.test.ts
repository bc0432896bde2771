import should from 'should';
import { type NabSeries, probationOf, sweep, worthAt } from '../../bench/support/nab';

/** A series whose rows are scored from the first on only where it is short: probation is 15 % of the rows. */
function seriesOf(rows: number, ...windows: { first: number; last: number }[]): NabSeries {
  return { name: 'made up', timestampsMs: new Float64Array(rows), values: new Float64Array(rows), windows };
}

function alertsAt(rows: number, ...alerts: number[]): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => (alerts.includes(row) ? 1 : -Infinity));
}

const EVEN = { tpWeight: 1, fpWeight: 1, fnWeight: 1 };
const STANDARD = { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 };

// The expected numbers are those of the benchmark's definition: Lavin and Ahmad 2015, section III, and the examples in
// the comments and tests of its own scorer.
describe('the scorer of the Numenta Anomaly Benchmark', () => {
  it('weighs an alert by where it comes', () => {
    should(worthAt(-1)).be.approximately(0.98661, 1e-5);
    should(worthAt(-0.5)).be.approximately(0.84828, 1e-5);
    should(worthAt(0)).equal(0);
    should(worthAt(1)).be.approximately(-0.98661, 1e-5);
    should(worthAt(3)).equal(-1);
    should([100, 5000, 22_695].map(probationOf)).eql([15, 750, 750]);
  });

  it('gives nothing for no alert, and 100 for one at the beginning of each window', () => {
    const series = [seriesOf(100, { first: 40, last: 49 }, { first: 70, last: 79 }), seriesOf(50)];
    should(sweep(series, [alertsAt(100), alertsAt(50)], STANDARD).normalised).equal(0);
    should(sweep(series, [alertsAt(100, 40, 70), alertsAt(50)], STANDARD).normalised).be.approximately(100, 1e-9);
  });

  it('counts the earliest alert of a window, a missed window, and a false alert by its distance', () => {
    const series = [seriesOf(100, { first: 40, last: 44 }, { first: 80, last: 84 })];
    // 1 for the first window, −1 for the second, and 3 rows after a window of 5: 2 / (1 + e^3.75) − 1.
    should(sweep(series, [alertsAt(100, 40, 41, 47)], EVEN).total).be.approximately(-0.954, 1e-4);
  });

  it('counts an alert within a window by its place', () => {
    const series = [seriesOf(20, { first: 10, last: 11 })];
    const { total } = sweep(series, [alertsAt(20, 11)], STANDARD);
    should(total).be.approximately(0.8482836399575131 / 0.9866142981514305, 1e-12);
  });

  it('takes a false alert before any window for a whole one, and looks at nothing during probation', () => {
    const series = [seriesOf(100, { first: 40, last: 49 })];
    should(sweep(series, [alertsAt(100, 20, 40)], STANDARD).total).be.approximately(1 - 0.11, 1e-12);
    should(sweep(series, [alertsAt(100, 14, 40)], STANDARD).total).be.approximately(1, 1e-12);
  });

  it('takes the one threshold for all series that is best', () => {
    const series = [seriesOf(100, { first: 40, last: 49 }), seriesOf(100, { first: 40, last: 49 })];
    const first = Float64Array.from({ length: 100 }, (_, row) => (row === 40 ? 0.9 : row === 20 ? 0.2 : 0));
    const second = Float64Array.from({ length: 100 }, (_, row) => (row === 40 ? 0.5 : row === 20 ? 0.8 : 0));
    const { threshold, total } = sweep(series, [first, second], STANDARD);
    should(threshold).equal(0.5);
    should(total).be.approximately(2 - 0.11, 1e-12);
  });
});
