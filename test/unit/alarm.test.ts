// Over 300 lines: one state machine, played by the same letters throughout.
import fc from 'fast-check';
import should from 'should';
import type { Severity } from '#lib/core/events';
import {
  acknowledgeAlarm,
  ALARM_DEFAULTS,
  type AlarmSettings,
  type AlarmStep,
  endAlarm,
  stepAlarm,
} from '#lib/detection/alarm';
import type { AlarmState } from '#lib/detection/alarm-state';
import type { Anomaly } from '#lib/detection/anomaly';
import type { AlarmEvent } from '#lib/detection/events';
import { loadDevice, saveDevice } from '#lib/detection/watched-device-state';

const settings: AlarmSettings = { ...ALARM_DEFAULTS, raiseAfter: 3, clearAfter: 5 };
const scores: Record<Severity, number | null> = { normal: 0.2, warning: 0.72, critical: 0.9, unknown: null };
const MINUTE_MS = 60_000;

/** One reading a minute from 14:00; `minute` says which. */
function verdict(severity: Severity, minute: number, vibration = 8.213): Anomaly {
  return {
    device: 'pump-07',
    model: { name: 'pump-health', version: 3, algorithm: 'isolation-forest' },
    timestamp: new Date(Date.UTC(2024, 4, 3, 14, minute)).toISOString(),
    isAnomaly: severity === 'warning' || severity === 'critical',
    score: scores[severity],
    rawScore: scores[severity],
    threshold: 0.7,
    severity,
    contributions: [{ feature: 'vibration', value: vibration, expected: [1.9, 2.4], share: 1 }],
    missing: [],
  };
}

/**
 * Plays severities and gives the events, marked with their minute. One letter a minute: n, w, c, u, and b for a score
 * just below the threshold, k for one just below the critical; A: acknowledge.
 */
function play(letters: string, given: AlarmSettings = settings): { minute: number; event: AlarmEvent }[] {
  const severities: Record<string, Severity> = {
    n: 'normal',
    b: 'normal',
    w: 'warning',
    k: 'warning',
    c: 'critical',
    u: 'unknown',
  };
  let state: AlarmState = null;
  const events: { minute: number; event: AlarmEvent }[] = [];
  let minute = 0;
  for (const letter of letters) {
    const severity = severities[letter];
    const step: AlarmStep =
      severity === undefined
        ? acknowledgeAlarm(state)
        : stepAlarm(state, played(letter, severity, minute), new Map([['vibration', 8.213]]), given);
    state = step.state;
    for (const event of step.events) events.push({ minute, event });
    if (severity !== undefined) minute++;
  }
  return events;
}

function played(letter: string, severity: Severity, minute: number): Anomaly {
  const anomaly = verdict(severity, minute);
  const justBelow: Record<string, number> = { b: 0.68, k: 0.77 };
  return { ...anomaly, score: justBelow[letter] ?? anomaly.score };
}

const types = (letters: string, given?: AlarmSettings): string[] =>
  play(letters, given).map(({ minute, event }) => `${minute} ${event.type} ${event.severity}`);

describe('an alarm', () => {
  it('is raised by three anomalous readings in a row, not by two', () => {
    types('nwwnwwn').should.eql([]);
    types('nwww').should.eql(['3 raised warning']);
  });

  it('is cleared by five normal readings in a row, not by four', () => {
    types('wwwnnnnwnnnn').should.eql(['2 raised warning']);
    types('wwwnnnnwnnnnn').should.eql(['2 raised warning', '12 cleared normal']);
  });

  it('ignores readings of which nothing can be said', () => {
    types('wuwuuw').should.eql(['5 raised warning']);
    types('wwwnnuunnun').should.eql(['2 raised warning', '10 cleared normal']);
  });

  it('is critical from the start when the readings that raise it are', () => {
    types('ccc').should.eql(['2 raised critical']);
    types('wcc').should.eql(['2 raised warning']);
  });

  it('becomes critical, and a warning again, as slowly as it is raised and cleared', () => {
    types('wwwccwccc').should.eql(['2 raised warning', '8 changed critical']);
    types('cccwwwwcwwwww').should.eql(['2 raised critical', '12 changed warning']);
  });

  it('does not flutter between critical and warning', () => {
    types('ccckkkkkkccckkkkkk').should.eql(['2 raised critical']);
    types('ccckkkkkk', { ...settings, deadBand: 0 }).should.eql(['2 raised critical', '7 changed warning']);
  });

  it('tells that it was acknowledged, once, and asks anew when it becomes critical', () => {
    const events = play('wwwAAccc').map(({ event }) => [event.type, event.severity, event.acknowledged]);
    events.should.eql([
      ['raised', 'warning', false],
      ['changed', 'warning', true],
      ['changed', 'critical', false],
    ]);
  });

  it('cannot be acknowledged before it is raised', () => {
    types('AwAw').should.eql([]);
  });

  it('begins with its first anomalous reading and ends with the first normal one', () => {
    const [raised, cleared] = play('nwwwnnnnn').map(({ event }) => event);
    should(raised?.since).equal('2024-05-03T14:01:00.000Z');
    should(cleared?.since).equal('2024-05-03T14:01:00.000Z');
    should(cleared?.until).equal('2024-05-03T14:04:00.000Z');
    should(raised).not.have.property('until');
  });

  it('carries one id, made of model, device and beginning', () => {
    const ids = play('wwwAcccwwwwwnnnnn').map(({ event }) => event.id);
    should(ids.length).equal(5);
    should([...new Set(ids)]).eql(['pump-health/pump-07/2024-05-03T14:00:00.000Z']);
  });

  it('keeps its worst reading', () => {
    let state: AlarmState = null;
    for (const [minute, severity] of (['warning', 'critical', 'warning'] as const).entries()) {
      const reading = new Map([['vibration', minute]]);
      const step = stepAlarm(state, verdict(severity, minute, minute), reading, settings);
      state = step.state;
      for (const event of step.events) {
        should(event.peakScore).equal(0.9);
        should(event.reading).eql({ vibration: 1 });
        should(event.contributions[0]?.value).equal(1);
      }
    }
    should(state?.alarm).not.be.null();
  });

  it('can be ended by hand', () => {
    let state: AlarmState = null;
    for (let minute = 0; minute < 3; minute++) {
      state = stepAlarm(state, verdict('warning', minute), new Map(), settings).state;
    }
    const ended = endAlarm(state, '2024-05-03T15:00:00.000Z');
    should(ended.state).be.null();
    ended.events.map(({ type, until }) => [type, until]).should.eql([['cleared', '2024-05-03T15:00:00.000Z']]);
    endAlarm(null, '2024-05-03T15:00:00.000Z').events.should.eql([]);
  });

  it('speaks in sentences that can be read on a phone', () => {
    const [raised, acknowledged, worse, cleared] = play('wwwAcccnnnnn').map(({ event }) => event.text);
    should(raised).equal('pump-07: vibration is 8.2, expected 1.9 to 2.4; warning since 14:00 UTC.');
    should(acknowledged).equal(
      'pump-07: warning, acknowledged, since 3 May 14:00 UTC; at worst vibration was 8.2, expected 1.9 to 2.4.',
    );
    should(worse).equal(
      'pump-07: now critical, since 3 May 14:00 UTC; at worst vibration was 8.2, expected 1.9 to 2.4.',
    );
    should(cleared).equal(
      'pump-07: back to normal at 14:06 UTC after 6 min; at worst vibration was 8.2, expected 1.9 to 2.4.',
    );
  });

  it('says so when a field is unusual within its range', () => {
    let state: AlarmState = null;
    let text: string | undefined;
    for (let minute = 0; minute < 3; minute++) {
      const step = stepAlarm(state, verdict('warning', minute, 2), new Map(), settings);
      state = step.state;
      text = step.events[0]?.text;
    }
    should(text).equal('pump-07: the course of vibration is unusual; warning since 14:00 UTC.');
  });
});

describe('an alarm that does not flutter', () => {
  it('takes scores within the dead-band for normal before it is raised, and not afterwards', () => {
    types('wwbw').should.eql([]);
    types('wwwbbbbbbbb').should.eql(['2 raised warning']);
    types('wwwbbbbbbbb', { ...settings, deadBand: 0 }).should.eql(['2 raised warning', '7 cleared normal']);
    types('wwwnnbnnnnn').should.eql(['2 raised warning', '10 cleared normal']);
  });

  it('waits for its on-delay as well as for its readings', () => {
    const slow = { ...settings, onDelayMs: 5 * MINUTE_MS };
    types('wwwww', slow).should.eql([]);
    types('wwwwww', slow).should.eql(['5 raised warning']);
    types('wwwwnwwwwww', slow).should.eql(['10 raised warning']);
    types('ww', { ...slow, onDelayMs: MINUTE_MS }).should.eql([]);
  });

  it('waits for its off-delay as well as for its readings', () => {
    const slow = { ...settings, clearAfter: 2, offDelayMs: 4 * MINUTE_MS };
    types('wwwnnnn', slow).should.eql(['2 raised warning']);
    types('wwwnnnnn', slow).should.eql(['2 raised warning', '7 cleared normal']);
    types('wwwnnnnwnnnnn', slow).should.eql(['2 raised warning', '12 cleared normal']);
  });
});

describe('an alarm that asks for a person', () => {
  const states = (letters: string, given: AlarmSettings): string[] =>
    play(letters, given).map(({ minute, event }) => `${minute} ${event.type} ${event.state}`);
  const latched = { ...settings, latch: true };

  it('is over by itself where nothing else is wanted, seen or not', () => {
    states('wwwAnnnnn', settings).should.eql(['2 raised unacknowledged', '3 changed acknowledged', '7 cleared normal']);
  });

  it('stays until it is acknowledged where it latches, and says that all is well again', () => {
    const events = play('wwwnnnnnnnA', latched);
    events
      .map(({ minute, event }) => `${minute} ${event.type} ${event.state}`)
      .should.eql(['2 raised unacknowledged', '7 changed returned', '10 cleared normal']);
    const [, returned, cleared] = events.map(({ event }) => event);
    should(returned?.until).equal('2024-05-03T14:03:00.000Z');
    should(cleared?.until).equal('2024-05-03T14:03:00.000Z');
    should(cleared?.acknowledged).be.true();
    should(returned?.text).equal(
      'pump-07: back to normal at 14:03 UTC after 3 min, not yet acknowledged; at worst vibration was 8.2, expected 1.9 to 2.4.',
    );
  });

  it('does not latch once it has been acknowledged', () => {
    states('wwwAnnnnn', latched).should.eql(['2 raised unacknowledged', '3 changed acknowledged', '7 cleared normal']);
  });

  it('comes back as the same alarm while it is latched', () => {
    states('wwwnnnnnwwwA', latched).should.eql([
      '2 raised unacknowledged',
      '7 changed returned',
      '10 changed unacknowledged',
      '11 changed acknowledged',
    ]);
    const [, , again] = play('wwwnnnnnwww', latched);
    should(again?.event.text).match(/^pump-07: again warning, since 3 May 14:00 UTC; /);
  });

  it('becomes critical when nobody acknowledges it in time, and stays so until it is over', () => {
    const urgent = { ...settings, escalateAfterMs: 4 * MINUTE_MS };
    const events = play('wwwwwwwwwwwnnnnn', urgent);
    events
      .map(({ minute, event }) => `${minute} ${event.type} ${event.severity}`)
      .should.eql(['2 raised warning', '4 changed critical', '15 cleared normal']);
    should(events[1]?.event.text).match(/: now critical, as nobody has acknowledged it, since /);
    types('wwwAwwwwww', urgent).should.eql(['2 raised warning', '3 changed warning']);
  });
});

describe('an alarm, whatever comes', () => {
  const letters = fc.string({
    unit: fc.constantFrom('n', 'n', 'b', 'w', 'w', 'c', 'u', 'A'),
    minLength: 0,
    maxLength: 80,
  });
  const anySettings: fc.Arbitrary<AlarmSettings> = fc.record({
    raiseAfter: fc.integer({ min: 1, max: 4 }),
    onDelayMs: fc.constantFrom(0, 0, 3 * MINUTE_MS),
    clearAfter: fc.integer({ min: 1, max: 4 }),
    offDelayMs: fc.constantFrom(0, 0, 3 * MINUTE_MS),
    deadBand: fc.constantFrom(0, 0.05),
    latch: fc.boolean(),
    escalateAfterMs: fc.constantFrom(null, 6 * MINUTE_MS),
    criticalScore: fc.constant(ALARM_DEFAULTS.criticalScore),
  });

  it('is never raised twice without being cleared, and changes only between the two', () => {
    let seen = 0;
    fc.assert(
      fc.property(letters, anySettings, (played, given) => {
        let open: AlarmEvent | null = null;
        for (const { event } of play(played, given)) {
          seen++;
          if (event.type === 'raised') should(open).be.null();
          else should(event.id).equal(open?.id);
          if (event.type === 'changed') {
            should([event.severity, event.state]).not.eql([open?.severity, open?.state]);
          }
          open = event.type === 'cleared' ? null : event;
          if (event.until !== undefined) should(event.until >= event.since).be.true();
        }
      }),
      { seed: 1, numRuns: 800 },
    );
    should(seen).be.above(300);
  });

  it('does not depend on unknown readings in between', () => {
    fc.assert(
      fc.property(letters, (played) => {
        const withoutTimes = (text: string): unknown => play(text).map(({ event }) => [event.type, event.severity]);
        should(withoutTimes(played.replaceAll('u', ''))).eql(withoutTimes(played));
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('goes on from its state as JSON as if nothing had happened', () => {
    fc.assert(
      fc.property(letters, fc.nat(80), (played, cut) => {
        let straight: AlarmState = null;
        let restored: AlarmState = null;
        [...played].forEach((letter, minute) => {
          if (minute === cut) restored = JSON.parse(JSON.stringify(restored)) as AlarmState;
          const severity = letter === 'w' ? 'warning' : letter === 'c' ? 'critical' : 'normal';
          const step = stepAlarm(straight, verdict(severity, minute), new Map([['x', minute]]), settings);
          const other = stepAlarm(restored, verdict(severity, minute), new Map([['x', minute]]), settings);
          should(other).eql(step);
          straight = step.state;
          restored = other.state;
        });
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('goes on from the state that an earlier release wrote', () => {
    const model = { name: 'pump-health', version: 3, algorithm: 'isolation-forest' };
    const worst = { score: 0.72, reading: [['vibration', 8.213]], contributions: [] };
    const alarm = { id: 'pump-health/pump-07/x', device: 'pump-07', model, severity: 'warning', acknowledged: false };
    const counts = { anomalous: 0, critical: 0, uncritical: 7, normal: 4, normalSince: '2024-05-03T14:03:00.000Z' };
    const since = '2024-05-03T14:00:00.000Z';
    const loaded = loadDevice({ alarm: { since, worst, alarm, ...counts }, presence: null, model });
    const { state, events } = stepAlarm(loaded.alarm, verdict('normal', 7), new Map(), settings);
    should(state).be.null();
    events
      .map(({ type, since, until }) => [type, since, until])
      .should.eql([['cleared', '2024-05-03T14:00:00.000Z', '2024-05-03T14:03:00.000Z']]);
    loadDevice(saveDevice(loaded)).should.eql(loaded);
  });
});
