// Over 300 lines: one generator, whose profiles and faults are told from each other by the same measures.
import fc from 'fast-check';
import should from 'should';
import type { Reading } from '#lib/core/readings';
import { type BatchOptions, makeBatch, MAX_BATCH_ROWS } from '#lib/synthetic/batch';
import { SyntheticDevice } from '#lib/synthetic/generator';
import type { Profile } from '#lib/synthetic/profile';
import { customProfile, type Metric } from '#lib/synthetic/profiles/custom';
import { pumpStation } from '#lib/synthetic/profiles/pump-station';
import { server } from '#lib/synthetic/profiles/server';
import { csvHeader, csvLine, flatRow } from '#lib/synthetic/rows';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MONDAY_MS = Date.UTC(2026, 0, 5);

const metric: Metric = { name: 'level', base: 50, daily: 5, weekly: 2, noise: 0.05, minimum: 0, maximum: 100 };
const custom = customProfile([metric, { ...metric, name: 'tank.temperature', base: 20, minimum: null, maximum: 22 }]);
const allProfiles: readonly Profile[] = [pumpStation, server, custom];

function batch(profile: Profile, options: Partial<BatchOptions> = {}): Reading[] {
  const whole = {
    profile,
    devices: [profile.device],
    startMs: MONDAY_MS,
    days: 1,
    intervalMs: MINUTE_MS,
    scenarios: false,
    seed: 1,
  };
  return [...makeBatch({ ...whole, ...options })];
}

const value = (reading: Reading, field: string): number => reading.values.get(field)!;
const column = (readings: readonly Reading[], field: string): number[] => readings.map((r) => value(r, field));
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** The stretches of consecutive readings that have this label. */
function runs(readings: readonly Reading[], label: string): Reading[][] {
  const found: Reading[][] = [];
  readings.forEach((reading, i) => {
    if (reading.label !== label) return;
    if (readings[i - 1]?.label === label) found.at(-1)!.push(reading);
    else found.push([reading]);
  });
  return found;
}

const month = new Map(allProfiles.map((profile) => [profile, batch(profile, { days: 30, scenarios: true })]));

describe('synthetic readings', () => {
  for (const profile of allProfiles) {
    describe(profile.id, () => {
      const readings = month.get(profile)!;

      it('are 43,200 rows in 30 days at one minute, each with every field as a finite number', () => {
        readings.length.should.equal(43_200);
        const names = profile.fields.map((field) => field.name);
        for (const { values } of readings) {
          [...values.keys()].should.eql(names);
          for (const v of values.values()) if (!Number.isFinite(v)) throw new Error(`not finite: ${v}`);
        }
        should(readings[1]!.timestampMs - readings[0]!.timestampMs).equal(MINUTE_MS);
      });

      it('hold each scenario in its share of the rows, the rest is normal', () => {
        for (const { id, share } of profile.scenarios) {
          const rows = readings.filter((reading) => reading.label === id).length;
          should(rows / readings.length).be.approximately(share, 0.002, id);
        }
        const normal = readings.filter((reading) => reading.label === 'normal').length;
        should(normal / readings.length).be.approximately(0.85, 0.002);
      });

      it('hold each scenario for a time between its shortest and its longest', () => {
        for (const { id, phases } of profile.scenarios) {
          const shortest = phases.reduce((sum, phase) => sum + phase.minMs, 0) / MINUTE_MS;
          const longest = phases.reduce((sum, phase) => sum + phase.maxMs, 0) / MINUTE_MS;
          const lengths = runs(readings, id).map((run) => run.length);
          should(lengths.length).be.above(0);
          for (const rows of lengths) should(rows).be.within(shortest - 1, longest + 1, id);
        }
      });

      it('are the same, bit for bit, for the same seed, and others for another', () => {
        should(batch(profile, { scenarios: true })).eql(batch(profile, { scenarios: true }));
        should(column(batch(profile), profile.fields[0]!.name)).not.eql(
          column(batch(profile, { seed: 2 }), profile.fields[0]!.name),
        );
      });

      it('are the same live and as a batch', () => {
        const device = new SyntheticDevice(profile, profile.device, 1);
        const live = Array.from({ length: 100 }, (_, i) => device.next(MONDAY_MS + i * MINUTE_MS));
        should(live).eql(batch(profile).slice(0, 100));
      });

      it('of one device do not depend on the other devices', () => {
        const fleet = batch(profile, { devices: ['a', 'b', 'c'], days: 0.1 });
        const only = batch(profile, { devices: ['b'], days: 0.1 });
        should(fleet.filter((reading) => reading.device === 'b')).eql(only);
        should(fleet.slice(0, 3).map((reading) => reading.device)).eql(['a', 'b', 'c']);
        should([...fleet[0]!.values]).not.eql([...fleet[1]!.values]);
      });

      it('that are normal stay near their usual range from one day to the next', () => {
        const days = batch(profile, { days: 2 });
        const [first, second] = [days.slice(0, 1440), days.slice(1440)];
        for (const { name } of profile.fields) {
          const learned = column(first, name);
          const [low, high] = [Math.min(...learned), Math.max(...learned)];
          const margin = 0.05 * (high - low);
          const outside = column(second, name).filter((v) => v < low - margin || v > high + margin).length;
          should(outside).be.belowOrEqual(7, name);
        }
      });
    });
  }

  it('have no scenario where the span is too short for one', () => {
    should(
      batch(pumpStation, { days: 0.05, scenarios: true }).every((reading) => reading.label === 'normal'),
    ).be.true();
  });

  it('end a scenario in time when readings come seldom', () => {
    const readings = batch(server, { days: 30, intervalMs: 6 * HOUR_MS, scenarios: true });
    should(readings.at(-1)!.timestampMs).equal(MONDAY_MS + 29.75 * 24 * HOUR_MS);
    should(readings.filter((reading) => reading.label === 'normal').length).be.above(readings.length / 2);
  });
});

describe('the synthetic server', () => {
  const readings = month.get(server)!;

  it('orders the percentiles of the response time', () => {
    for (const reading of readings) {
      should(value(reading, 'response_time_p50')).be.belowOrEqual(value(reading, 'response_time_p95'));
      should(value(reading, 'response_time_p95')).be.belowOrEqual(value(reading, 'response_time_p99'));
    }
  });

  it('gives memory in MB that fits the percent', () => {
    for (const reading of readings) {
      const expected = (value(reading, 'memory_usage_percent') / 100) * 8192;
      should(value(reading, 'memory_usage_mb')).be.approximately(expected, 0.051);
    }
  });

  it('gives rates of change that are those of cpu, memory and errors, per minute', () => {
    const fiveMinutes = batch(server, { intervalMs: 5 * MINUTE_MS });
    for (let i = 5; i < fiveMinutes.length; i++) {
      const [now, before, earlier] = [fiveMinutes[i]!, fiveMinutes[i - 1]!, fiveMinutes[i - 5]!];
      const change = (field: string, since: Reading): number => value(now, field) - value(since, field);
      should(value(now, 'cpu_rate_of_change')).be.approximately(change('cpu_usage_percent', before) / 5, 5.1e-4);
      should(value(now, 'memory_rate_of_change')).be.approximately(change('memory_usage_percent', before) / 5, 5.1e-4);
      should(value(now, 'error_rate_trend')).be.approximately(change('error_rate', earlier) / 25, 5.1e-6);
    }
  });

  it('follows the hours of the day and the days of the week', () => {
    const normal = batch(server, { days: 28 });
    const cpuAt = (hour: number, days: readonly number[]): number =>
      mean(
        normal
          .filter(({ timestampMs: t }) => new Date(t).getUTCHours() === hour && days.includes(new Date(t).getUTCDay()))
          .map((reading) => value(reading, 'cpu_usage_percent')),
      );
    should(cpuAt(14, [1, 2, 3, 4, 5])).be.above(1.5 * cpuAt(2, [1, 2, 3, 4, 5]));
    should(cpuAt(14, [1, 2, 3, 4, 5])).be.above(1.02 * cpuAt(14, [0, 6]));
  });

  it('has noise of 5 to 10 % around that', () => {
    const midweek = batch(server, { days: 28 }).filter(({ timestampMs: t }) =>
      [2, 3, 4].includes(new Date(t).getUTCDay()),
    );
    for (const { name } of server.fields.slice(0, 8)) {
      // The rhythm is the same at the same minute of these twelve days: what differs is noise.
      const deviations = Array.from({ length: 24 }, (_, hour) => {
        const values = column(
          midweek.filter(({ timestampMs: t }) => (t / MINUTE_MS) % 1440 === 60 * hour),
          name,
        );
        return Math.max(...values.map((v) => Math.abs(v / mean(values) - 1)));
      });
      should(mean(deviations)).be.within(0.025, 0.1, name);
      should(Math.max(...deviations)).be.within(0.03, 0.15, name);
    }
  });

  it('builds a cpu spike up from 30 to 85 % in an hour, peaks at 85–95 %, drops to 35 % and recovers', () => {
    for (const spike of runs(readings, 'cpu-spike')) {
      const cpu = column(spike, 'cpu_usage_percent');
      should(cpu[0]!).be.approximately(30, 2);
      should(mean(cpu.slice(28, 33))).be.approximately(57.5, 2);
      should(cpu[59]!).be.approximately(85, 3);
      const peak = cpu.slice(61, 70);
      should(Math.min(...peak)).be.above(85);
      should(Math.max(...peak)).be.below(95);
      const dropped = cpu.findIndex((v, i) => i > 65 && v < 45);
      should(dropped).be.within(70, 79);
      should(Math.max(...cpu.slice(dropped))).be.below(45);
    }
  });

  it('leaks memory in a straight line from 30 to 90 %, then drops at once', () => {
    for (const leak of runs(readings, 'memory-leak')) {
      should(leak.length).be.within(6 * 60, 12 * 60 + 1);
      const memory = column(leak, 'memory_usage_percent');
      const last = memory.length - 2;
      for (const i of [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last))) {
        should(memory[i]!).be.approximately(30 + (60 * i) / last, 2.2);
      }
      should(memory.at(-1)!).be.below(40);
    }
  });

  it('lets errors storm from 0.01 to 0.25 with slow responses behind them', () => {
    const usual = mean(column(batch(server), 'response_time_p95'));
    for (const storm of runs(readings, 'error-storm')) {
      const errors = column(storm, 'error_rate');
      should(errors[0]!).be.below(0.11);
      should(Math.max(...errors.slice(0, 10))).be.approximately(0.25, 0.02);
      should(errors.at(-1)!).be.below(0.02);
      should(Math.max(...column(storm, 'response_time_p95'))).be.above(3 * usual);
    }
  });
});

describe('the synthetic pump station', () => {
  /** The same pump over the same hours, once left alone, once with a scenario after an hour. */
  function twice(scenario: string, hours: number, field?: string): { alone: Reading[]; faulty: Reading[] } {
    const run = (inject: boolean): Reading[] => {
      const device = new SyntheticDevice(pumpStation, 'pump-01', 7);
      return Array.from({ length: hours * 60 }, (_, i) => {
        if (inject && i === 60) device.inject(scenario, field === undefined ? {} : { field });
        return device.next(MONDAY_MS + i * MINUTE_MS);
      });
    };
    return { alone: run(false), faulty: run(true) };
  }

  it('obeys the affinity laws: faster means more flow, more pressure, more current', () => {
    const day = batch(pumpStation);
    const [slow, fast] = [
      day.filter((reading) => value(reading, 'speed') < 1350),
      day.filter((reading) => value(reading, 'speed') > 1370),
    ];
    const ratio = (field: string): number => mean(column(fast, field)) / mean(column(slow, field));
    const speed = ratio('speed');
    // Against a pipe with a static head, flow grows faster than speed; head a little slower than its square.
    should(ratio('flow')).be.within(speed, speed ** 2);
    should(ratio('pressure')).be.within(speed, speed ** 2);
    should(ratio('motorCurrent')).be.within(speed ** 2, speed ** 3.2);
  });

  it('lets temperatures lag behind the load', () => {
    const { alone, faulty } = twice('blocked-valve', 2);
    const change = (minute: number, field: string): number =>
      value(faulty[60 + minute]!, field) - value(alone[60 + minute]!, field);
    should(change(4, 'motorCurrent') / change(19, 'motorCurrent')).be.within(0.8, 1.2);
    should(change(4, 'motorTemperature') / change(19, 'motorTemperature')).be.within(0.05, 0.4);
  });

  it('is left as it was by a scenario that has not begun', () => {
    const { alone, faulty } = twice('cavitation', 2);
    should(faulty.slice(0, 60)).eql(alone.slice(0, 60));
    should(faulty[60]!.label).equal('cavitation');
  });

  it('cavitates: more vibration, less and unsteady flow, the same speed', () => {
    const { alone, faulty } = twice('cavitation', 2);
    const [before, during] = [alone.slice(63, 74), faulty.slice(63, 74)];
    should(mean(column(during, 'vibration'))).be.above(2.5 * mean(column(before, 'vibration')));
    should(mean(column(during, 'flow'))).be.below(0.93 * mean(column(before, 'flow')));
    should(column(during, 'speed')).eql(column(before, 'speed'));
  });

  it('wears a bearing: vibration and bearing temperature grow together for hours', () => {
    const { alone, faulty } = twice('bearing-wear', 14);
    const worn = faulty.filter((reading) => reading.label === 'bearing-wear');
    should(worn.length).be.within(6 * 60, 13 * 60);
    const rise = (at: number, field: string): number => value(faulty[at]!, field) - value(alone[at]!, field);
    should(rise(60 + 60, 'vibration')).be.below(1.5);
    should(rise(60 + 355, 'vibration')).be.above(1.5);
    should(rise(60 + 355, 'bearingTemperature')).be.above(8);
    should(rise(60 + 355, 'bearingTemperature')).be.above(rise(60 + 60, 'bearingTemperature'));
  });

  it('meets a blocked valve: less flow and current, more pressure', () => {
    const { alone, faulty } = twice('blocked-valve', 2);
    const [before, during] = [alone.slice(65, 78), faulty.slice(65, 78)];
    should(mean(column(during, 'flow'))).be.below(0.5 * mean(column(before, 'flow')));
    should(mean(column(during, 'motorCurrent'))).be.below(0.85 * mean(column(before, 'motorCurrent')));
    should(mean(column(during, 'pressure'))).be.above(1.1 * mean(column(before, 'pressure')));
  });

  it('has a sensor stuck at its last value, and nothing else changed', () => {
    const { alone, faulty } = twice('sensor-stuck', 2, 'flow');
    const stuck = faulty.slice(60, 79);
    should(stuck.every((reading) => value(reading, 'flow') === value(alone[59]!, 'flow'))).be.true();
    should(column(stuck, 'pressure')).eql(column(alone.slice(60, 79), 'pressure'));
  });

  it('has a sensor drift away in a straight line', () => {
    const { alone, faulty } = twice('sensor-drift', 6, 'pressure');
    const off = (at: number): number => value(faulty[at]!, 'pressure') - value(alone[at]!, 'pressure');
    should(off(60)).equal(0);
    should(off(180)).be.approximately(2 * off(120), 0.002);
    should(off(180)).be.above(0.2);
    should(column(faulty, 'flow')).eql(column(alone, 'flow'));
  });

  it('takes a scenario in the time it is given, and ends it when told', () => {
    const device = new SyntheticDevice(pumpStation, 'pump-01', 7);
    const labels = (count: number, startMs: number): (string | undefined)[] =>
      Array.from({ length: count }, (_, i) => device.next(startMs + i * 1000).label);
    device.inject('blocked-valve', { durationMs: 10_000 });
    labels(12, MONDAY_MS).should.eql([...Array<string>(10).fill('blocked-valve'), 'normal', 'normal']);
    device.inject('cavitation');
    labels(1, MONDAY_MS + 20_000).should.eql(['cavitation']);
    device.label.should.equal('cavitation');
    device.clear();
    labels(1, MONDAY_MS + 21_000).should.eql(['normal']);
  });

  it('says which scenarios and fields there are', () => {
    const device = new SyntheticDevice(pumpStation, 'pump-01', 7);
    should(() => device.inject('cpu-spike')).throw(
      'The scenarios of pump-station are cavitation, bearing-wear, blocked-valve, sensor-stuck, sensor-drift; got "cpu-spike".',
    );
    should(() => device.inject('sensor-stuck', { field: 'torque' })).throw(
      /^The fields of pump-station are flow, .*got "torque"/,
    );
    should(() => device.inject('cavitation', { durationMs: 0 })).throw(/must last longer than 0 ms/);
  });
});

describe('the user’s own synthetic metrics', () => {
  it('keep to their bounds, rhythms and noise', () => {
    const readings = batch(custom, { days: 7 });
    for (const level of column(readings, 'level')) should(level).be.within(50 - 5 - 2 - 2.5, 50 + 5 + 2 + 2.5);
    should(Math.max(...column(readings, 'tank.temperature'))).equal(22);
    const at = (hour: number): number =>
      mean(readings.filter(({ timestampMs: t }) => new Date(t).getUTCHours() === hour).map((r) => value(r, 'level')));
    should(at(14) - at(2)).be.approximately(10, 1);
  });

  const wrong: readonly (readonly [string, Partial<Record<keyof Metric, unknown>>, RegExp])[] = [
    ['without a name', { name: ' ' }, /needs a name/],
    ['named like the time', { name: 'timestamp' }, /cannot be named "timestamp"/],
    ['named __proto__', { name: '__proto__' }, /cannot be named "__proto__"/],
    ['with a base that is no number', { base: 'high' }, /"level": base must be a number, got "high"/],
    ['with negative noise', { noise: -0.1 }, /"level": noise must be/],
    ['with bounds the wrong way round', { minimum: 2, maximum: 1 }, /minimum 2 is above the maximum 1/],
  ];
  for (const [name, change, message] of wrong) {
    it(`are refused ${name}`, () => {
      should(() => customProfile([{ ...metric, ...change } as Metric])).throw(message);
    });
  }

  it('are refused when there are none, or two of one name', () => {
    should(() => customProfile([])).throw(/needs 1 to 200 metrics, got 0/);
    should(() => customProfile([metric, metric])).throw(/Two metrics are named "level"/);
  });

  it('are finite and within bounds whatever the settings', () => {
    const finite = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
    const anyMetric = fc.record({
      name: fc.constant('x'),
      base: finite,
      daily: finite,
      weekly: finite,
      noise: fc.double({ noNaN: true, min: 0, max: 10 }),
      minimum: fc.option(fc.constant(-5)),
      maximum: fc.option(fc.constant(5)),
    });
    const settings = fc.record({
      seed: fc.integer(),
      intervalMs: fc.integer({ min: 1, max: 1e9 }),
      scenarios: fc.boolean(),
    });
    fc.assert(
      fc.property(anyMetric, settings, (own, { seed, intervalMs, scenarios }) => {
        const days = (20 * intervalMs) / (24 * HOUR_MS);
        const readings = batch(customProfile([own]), { seed, intervalMs, scenarios, days });
        should(readings.length).equal(20);
        for (const reading of readings) {
          should(Number.isFinite(value(reading, 'x'))).be.true();
          if (scenarios) continue;
          should(value(reading, 'x')).be.within(own.minimum ?? -Infinity, own.maximum ?? Infinity);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('a synthetic batch', () => {
  it('refuses times that cannot be', () => {
    should(() => batch(server, { days: 0 })).throw(/more than 0 days, got 0/);
    should(() => batch(server, { days: NaN })).throw(/more than 0 days, got NaN/);
    should(() => batch(server, { intervalMs: 0 })).throw(/at least 1 ms, got 0/);
  });

  it('is bounded', () => {
    should(() => batch(server, { days: 1e9 })).throw(new RegExp(`${MAX_BATCH_ROWS} rows at most`));
  });

  it('is written as rows and as CSV with the same content', () => {
    const [reading] = batch(server, { days: 0.001 });
    const row = flatRow(reading!);
    should(row).containEql({ timestamp: '2026-01-05T00:00:00.000Z', device: 'server-01', label: 'normal' });
    should(Object.keys(row)).have.length(17);
    csvHeader(server).split(',').should.eql(Object.keys(row));
    csvLine(reading!).split(',').should.eql(Object.values(row).map(String));
  });

  it('quotes CSV where it must', () => {
    const odd = customProfile([{ ...metric, name: 'flow, "left"' }]);
    csvHeader(odd).should.equal('timestamp,device,"flow, ""left""",label');
  });
});
