import should from 'should';
import { Random } from '#lib/core/random';
import { ALARM_DEFAULTS, stepAlarm } from '#lib/detection/alarm';
import { alarmRateOf, alarmsPerRow, limitForAlarms } from '#lib/detection/alarm-rate';
import type { AlarmState } from '#lib/detection/alarm-state';
import type { Anomaly } from '#lib/detection/anomaly';

/** Raw scores whose neighbours correlate by `phi`. */
function scores(phi: number, rows: number, seed: number): Float64Array {
  const random = new Random(seed);
  let x = random.normal();
  return Float64Array.from({ length: rows }, () => {
    x = phi * x + Math.sqrt(1 - phi * phi) * random.normal();
    return Math.exp(x / 4);
  });
}

/** Alarms that `ml-detect` raises at this limit. */
function alarmsAt(limit: number, raws: Float64Array): number {
  let state: AlarmState = null;
  let alarms = 0;
  raws.forEach((raw, i) => {
    const isAnomaly = raw >= limit;
    const anomaly: Anomaly = {
      device: 'pump-1',
      model: { name: 'pump', version: 1, algorithm: 'mahalanobis' },
      timestamp: new Date(60_000 * i).toISOString(),
      isAnomaly,
      score: isAnomaly ? 0.75 : 0.2,
      rawScore: raw,
      threshold: 0.7,
      severity: isAnomaly ? 'warning' : 'normal',
      contributions: [],
      missing: [],
    };
    const step = stepAlarm(state, anomaly, new Map(), ALARM_DEFAULTS);
    state = step.state;
    alarms += step.events.filter(({ type }) => type === 'raised').length;
  });
  return alarms;
}

describe('the rate of alarms', () => {
  for (const phi of [0, 0.5, 0.9, 0.99]) {
    it(`is what fresh rows show, neighbours correlating by ${phi}: one in 300 rows, and one in 3,000`, () => {
      for (const rowsAnAlarm of [300, 3000]) {
        let observed = 0;
        let promised = 0;
        for (let seed = 1; seed <= 10; seed++) {
          const rate = alarmRateOf(scores(phi, 4000, seed), {})!;
          observed += alarmsAt(limitForAlarms(rate, 1 / rowsAnAlarm), scores(phi, 30_000, 100 + seed));
          promised += 30_000 / rowsAnAlarm;
        }
        (observed / promised).should.be.within(0.3, 2);
      }
    });
  }

  it('falls with the limit, and is the inverse of the limit for so many alarms', () => {
    const rate = alarmRateOf(scores(0.9, 5000, 1), {})!;
    const limits = [1e-2, 1e-3, 1e-4].map((alarms) => limitForAlarms(rate, alarms));
    should(limits).eql([...limits].sort((a, b) => a - b));
    limits.map((limit) => Number(alarmsPerRow(rate, limit).toPrecision(6))).should.eql([1e-2, 1e-3, 1e-4]);
  });

  it('is not known from few rows, or from rows that are all alike', () => {
    should(alarmRateOf(scores(0.9, 60, 1), {})).be.null();
    should(alarmRateOf(new Float64Array(1000).fill(1), {})).be.null();
  });
});
