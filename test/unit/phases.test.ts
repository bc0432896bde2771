import fc from 'fast-check';
import should from 'should';
import { phases } from '#lib/readings/phases';

const HOUR_MS = 3_600_000;
const berlin = { stepMs: HOUR_MS, timeZone: 'Europe/Berlin' };

describe('phases of a season', () => {
  it('count the hours of a local day', () => {
    // 21:00 UTC is 22:00 in Berlin in winter.
    const startMs = Date.UTC(2026, 0, 5, 21);
    should([...phases({ ...berlin, startMs }, 0, 5, 24)]).eql([22, 23, 0, 1, 2]);
  });

  it('leave an hour out when the clocks go forward, and have one twice when they go back', () => {
    const spring = Date.UTC(2026, 2, 29, 0);
    should([...phases({ ...berlin, startMs: spring }, -1, 4, 24)]).eql([0, 1, 3, 4]);
    const autumn = Date.UTC(2026, 9, 25, 0);
    should([...phases({ ...berlin, startMs: autumn }, -1, 4, 24)]).eql([1, 2, 2, 3]);
  });

  it('of a week change at local midnight, and each day takes 24 of them', () => {
    const startMs = Date.UTC(2026, 5, 1);
    const clock = { ...berlin, startMs };
    const [day, week] = [phases(clock, 0, 400, 24), phases(clock, 0, 400, 168)];
    week.forEach((phase, i) => should(phase % 24).equal(day[i]));
    should(new Set(week).size).equal(168);
  });

  it('of a season that is not whole days are counted from the epoch, whatever the zone', () => {
    should([...phases({ ...berlin, startMs: 14 * HOUR_MS }, 0, 6, 5)]).eql([4, 0, 1, 2, 3, 4]);
    should([...phases({ ...berlin, startMs: -3 * HOUR_MS }, 0, 4, 5)]).eql([2, 3, 4, 0]);
  });

  it('are the same at the same times, wherever the history starts and however much is asked for', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(15 * 60_000, HOUR_MS, 24 * HOUR_MS),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 0, max: 30_000 }),
        fc.integer({ min: 1, max: 50 }),
        (timeZone, stepMs, moved, first, count) => {
          const startMs = Math.floor(Date.UTC(2025, 0, 1) / stepMs) * stepMs;
          const period = (7 * 24 * HOUR_MS) / stepMs;
          const long = phases({ startMs, stepMs, timeZone }, 0, first + count, period);
          const later = { startMs: startMs + moved * stepMs, stepMs, timeZone };
          const part = phases(later, first - moved, count, period);
          return part.every((phase, i) => phase === long[first + i]);
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });
});
