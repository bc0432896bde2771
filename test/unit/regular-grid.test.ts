// Over 300 lines: one function; most of its length are cases.
import fc from 'fast-check';
import should from 'should';
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { regularGrid } from '#lib/readings/regular-grid';
import type { SeriesOptions } from '#lib/readings/series-options';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T0 = Date.UTC(2026, 4, 4);

/** A table of one field, `flow`. */
function tableOf(times: readonly number[], values: (i: number) => number): ReadingTable {
  return {
    device: 'pump-07',
    fields: ['flow'],
    timestampsMs: Float64Array.from(times),
    data: Float64Array.from(times, (_, i) => values(i)),
  };
}

function tableOfFields(times: readonly number[], fields: Record<string, (i: number) => number>): ReadingTable {
  const names = Object.keys(fields);
  return {
    device: 'pump-07',
    fields: names,
    timestampsMs: Float64Array.from(times),
    data: Float64Array.from(times.flatMap((_, i) => names.map((name) => fields[name]!(i)))),
  };
}

const every = (stepMs: number, count: number, startMs = T0): number[] =>
  Array.from({ length: count }, (_, i) => startMs + i * stepMs);

const flow: SeriesOptions = { field: 'flow' };
const grid = (table: ReadingTable, options: Partial<SeriesOptions> = {}): ReturnType<typeof regularGrid> =>
  regularGrid(table, { ...flow, ...options });
const dayRhythm = (timeMs: number): number => 50 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY);

describe('readings on a regular grid', () => {
  describe('the step', () => {
    const stepOf = (times: readonly number[]): number => grid(tableOf(times, (i) => i)).plan.stepMs;

    it('is the usual interval', () => {
      for (const step of [1, 1000, 5000, 10_000, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, DAY]) {
        stepOf(every(step, 50)).should.equal(step);
      }
    });

    it('is a sensible one where the clock jitters or is a little slow', () => {
      const random = new Random(1);
      stepOf(every(MINUTE, 500).map((time) => time + random.normal(0, 3000))).should.equal(MINUTE);
      stepOf(every(60_900, 500)).should.equal(MINUTE);
      stepOf(every(897_000, 500)).should.equal(15 * MINUTE);
    });

    it('is the odd one that the readings have where that is no sensible one', () => {
      stepOf(every(47_313, 50)).should.equal(47_313);
    });

    it('is the time from burst to burst where several tags come at a time', () => {
      stepOf(every(MINUTE, 100).flatMap((time) => [time, time + 30, time + 61, time + 95])).should.equal(MINUTE);
    });

    it('is not misled by pauses: eight hours of every day, and a year without', () => {
      const shifts = Array.from({ length: 10 }, (_, day) => every(MINUTE, 480, T0 + day * DAY)).flat();
      stepOf(shifts).should.equal(MINUTE);
      stepOf([...every(MINUTE, 30), ...every(MINUTE, 30, T0 + 365 * DAY)]).should.equal(MINUTE);
    });

    it('is that of the field, not of readings without it', () => {
      const table = tableOfFields(every(1000, 3600), { flow: (i) => (i % 60 === 0 ? i : NaN), current: (i) => i });
      grid(table).plan.stepMs.should.equal(MINUTE);
    });
  });

  it('keeps readings on the grid as they are, a constant and a level shift too', () => {
    for (const values of [(i: number) => Math.sin(i), () => 5, (i: number) => (i < 50 ? 10 : 90)]) {
      const { history, report } = grid(tableOf(every(MINUTE, 100), values));
      [...history.target].should.eql(Array.from({ length: 100 }, (_, i) => values(i)));
      history.should.containEql({ startMs: T0, stepMs: MINUTE, timeZone: 'UTC' });
      report.should.containEql({ readings: 100, samples: 100, filled: 0, longestGapMs: 0, droppedBefore: 0 });
    }
  });

  it('aggregates readings that come faster, in cells that begin at whole steps; the last, open one is left out', () => {
    const table = tableOf(every(10_000, 6 * 5 + 3, T0), (i) => i);
    const aggregated = (aggregation: SeriesOptions['aggregation'] & string): number[] => [
      ...grid(table, { stepMs: MINUTE, aggregation }).history.target,
    ];
    aggregated('mean').should.eql([2.5, 8.5, 14.5, 20.5, 26.5]);
    aggregated('last').should.eql([5, 11, 17, 23, 29]);
    aggregated('maximum').should.eql([5, 11, 17, 23, 29]);
    aggregated('minimum').should.eql([0, 6, 12, 18, 24]);
    aggregated('sum').should.eql([15, 51, 87, 123, 159]);
  });

  it('gives each reading a sample of its own when the logger polls between two steps', () => {
    const random = new Random(3);
    const times = every(MINUTE, 1000, T0 + MINUTE / 2).map((time) => time + random.uniform(-0.2, 0.2) * MINUTE);
    const { history, report } = grid(tableOf(times, (i) => i));
    [...history.target].should.eql(times.map((_, i) => i));
    report.filled.should.equal(0);
  });

  it('loses next to nothing when the logger drifts along the grid', () => {
    const { report } = grid(
      tableOf(every(60_050, 5000), (i) => i),
      { stepMs: MINUTE },
    );
    report.filled.should.be.belowOrEqual(5);
  });

  it('counts readings of one time, and aggregates them', () => {
    const { history, report } = grid(tableOf([T0, T0, T0 + MINUTE, T0 + 2 * MINUTE], (i) => i));
    [...history.target].should.eql([0.5, 2, 3]);
    report.duplicates.should.equal(1);
  });

  describe('gaps', () => {
    const without = (times: readonly number[], from: number, to: number): number[] => [
      ...times.slice(0, from),
      ...times.slice(to),
    ];

    it('of up to three samples are bridged by a line', () => {
      const times = without(every(MINUTE, 20), 10, 13);
      const { history, report } = grid(tableOf(times, (i) => (times[i]! - T0) / MINUTE));
      history.target.forEach((value, i) => value.should.be.approximately(i, 1e-9));
      report.should.containEql({ samples: 20, filled: 3, longestGapMs: 3 * MINUTE });
    });

    it('of hours get the shape of the day before, moved to meet both ends', () => {
      const times = without(every(15 * MINUTE, 96 * 4), 250, 290);
      // Each day is 3 higher than the one before.
      const truth = (time: number): number => dayRhythm(time) + (3 * (time - T0)) / DAY;
      const { history, report } = grid(tableOf(times, (i) => truth(times[i]!)));
      history.target.forEach((value, i) => value.should.be.approximately(truth(T0 + i * 15 * MINUTE), 1e-6));
      report.should.containEql({ filled: 40, longestGapMs: 10 * HOUR });
    });

    it('in a series that is never negative get no negative values', () => {
      const sun = (time: number): number => Math.max(0, dayRhythm(time) - 60);
      const times = without(every(15 * MINUTE, 96 * 4), 216, 290);
      grid(tableOf(times, (i) => sun(times[i]!))).history.target.forEach((value) => value.should.be.aboveOrEqual(0));
    });

    it('of a weekend are filled, so that a plant that stops then keeps its history', () => {
      const times = every(15 * MINUTE, 96 * 7 * 4).filter((time) => ![6, 0].includes(new Date(time).getUTCDay()));
      const { history, report } = grid(tableOf(times, (i) => dayRhythm(times[i]!)));
      report.should.containEql({ samples: 96 * (7 * 4 - 2), filled: 96 * 2 * 3, droppedBefore: 0 });
      history.target.forEach((value, i) => value.should.be.approximately(dayRhythm(T0 + i * 15 * MINUTE), 1e-6));
    });

    it('that are longer than what is filled end the history', () => {
      const times = without(every(MINUTE, 3000), 1000, 1100);
      const { history, report } = grid(
        tableOf(times, (i) => i),
        { fillMs: HOUR },
      );
      history.startMs.should.equal(T0 + 1100 * MINUTE);
      report.should.containEql({ samples: 1900, droppedBefore: 1000, droppedAfter: 0, droppedGapMs: 100 * MINUTE });
      grid(
        tableOf(times, (i) => i),
        { fillMs: 100 * MINUTE },
      ).report.samples.should.equal(3000);
    });

    it('longer than a day are filled only where as much came before', () => {
      const times = [...every(MINUTE, 120), ...every(MINUTE, 20_000, T0 + 3 * DAY)];
      grid(tableOf(times, (i) => i)).report.should.containEql({ samples: 20_000, droppedBefore: 120 });
    });

    it('with next to nothing behind them do not cost the long history before them', () => {
      const times = [...every(HOUR, 1000), ...every(HOUR, 5, T0 + 1500 * HOUR)];
      const { history, report } = grid(tableOf(times, (i) => i));
      history.startMs.should.equal(T0);
      report.should.containEql({ samples: 1000, droppedBefore: 0, droppedAfter: 5, droppedGapMs: 500 * HOUR });
    });

    it('with weeks behind them end a history of years', () => {
      const times = [...every(HOUR, 20_000), ...every(HOUR, 1100, T0 + 30_000 * HOUR)];
      grid(tableOf(times, (i) => i)).report.should.containEql({ samples: 1100, droppedBefore: 20_000 });
    });

    it('at the beginning and the end are cut off', () => {
      const { history } = grid(tableOf(every(MINUTE, 100), (i) => (i < 20 || i >= 90 ? NaN : i)));
      history.startMs.should.equal(T0 + 20 * MINUTE);
      [...history.target].should.eql(Array.from({ length: 70 }, (_, i) => i + 20));
    });
  });

  it('takes readings for missing while "judge only when" does not hold, and those labelled as a fault', () => {
    const table = tableOfFields(every(MINUTE, 60), {
      flow: (i) => (i >= 30 && i < 33 ? 0 : i),
      running: (i) => (i >= 30 && i < 33 ? 0 : 1),
    });
    const { history, report } = grid(table, { judgeWhen: { field: 'running', comparison: '>', value: 0 } });
    history.target.forEach((value, i) => value.should.be.approximately(i, 1e-9));
    report.should.containEql({ notNow: 3, filled: 3 });
    const labels = Array.from({ length: 60 }, (_, i) => (i >= 30 && i < 33 ? 'leak' : i === 5 ? 'normal' : null));
    grid({ ...table, labels }).report.should.containEql({ labelled: 3, filled: 3 });
  });

  it('makes the series from derived fields, also where their parts come in readings of their own', () => {
    const table = tableOfFields(
      every(MINUTE, 60).flatMap((time) => [time, time + 200]),
      { inlet: (r) => (r % 2 === 0 ? 10 + r : NaN), outlet: (r) => (r % 2 === 1 ? 3 : NaN) },
    );
    const { history, plan } = regularGrid(table, {
      field: 'drop',
      derived: [
        { name: 'drop', operation: 'difference', minuend: 'inlet', subtrahend: 'outlet' },
        { name: 'unused', operation: 'sum', of: ['inlet'] },
      ],
    });
    plan.derived.map(({ name }) => name).should.eql(['drop']);
    plan.stepMs.should.equal(MINUTE);
    history.target.slice(0, 5).should.eql(Float64Array.of(7, 9, 11, 13, 15));
  });

  describe('further fields', () => {
    it('keep their last value, then go on as the day before', () => {
      const times = every(15 * MINUTE, 96 * 3);
      const outside = (i: number): number => dayRhythm(times[i]!) + (i >= 96 * 2 ? 100 : 0);
      const table = tableOfFields(times, {
        flow: (i) => i,
        setpoint: (i) => (i % 50 === 7 ? i : NaN),
        outside: (i) => (i < 96 * 2 + 10 ? outside(i) : NaN),
      });
      const { history } = grid(table, { others: ['setpoint', 'outside'] });
      const [setpoint, temperature] = history.others as [Float64Array, Float64Array];
      [...setpoint.subarray(0, 18)].should.eql(new Array(18).fill(7));
      [...temperature.subarray(96 * 2 + 10, 96 * 2 + 20)].should.eql(new Array(10).fill(outside(96 * 2 + 9)));
      temperature
        .subarray(96 * 2 + 20)
        .forEach((value, i) => value.should.be.approximately(outside(96 * 2 + 20 + i), 1e-9));
    });

    it('that have no number are named', () => {
      const table = tableOfFields(every(MINUTE, 60), { flow: (i) => i, broken: () => NaN, current: (i) => i });
      should(() => grid(table, { others: ['current', 'broken'] })).throw(/further field broken has no number/);
    });
  });

  describe('the field', () => {
    const two = tableOfFields(every(MINUTE, 60), { flow: Math.sin, pressure: Math.cos, running: () => 1 });

    it('need not be named where there is only one', () => {
      regularGrid(
        tableOf(every(MINUTE, 200), (i) => i),
        { field: '' },
      ).plan.field.should.equal('flow');
      regularGrid(two, {
        field: '',
        others: ['pressure'],
        judgeWhen: { field: 'running', comparison: '>', value: 0 },
      }).plan.field.should.equal('flow');
    });

    it('has to be named where there are several', () => {
      should(() => regularGrid(two, { field: '' })).throw(/name the one to forecast\..*flow, pressure, running/);
    });

    it('that does not exist suggests the one that was meant', () => {
      should(() => regularGrid(two, { field: 'presure' })).throw(
        /"presure" is not in the readings\. Did you mean "pressure"/,
      );
    });
  });

  describe('what cannot be used is refused in plain words', () => {
    const refused = (table: ReadingTable, words: RegExp, options: Partial<SeriesOptions> = {}): void => {
      should(() => grid(table, options)).throw(words, { name: 'MlError' });
    };

    it('no number, no other time, nothing that counts', () => {
      refused(
        tableOf(every(MINUTE, 60), () => NaN),
        /flow cannot be forecast.*no number/,
      );
      refused(
        tableOf(every(MINUTE, 60), () => Infinity),
        /flow cannot be forecast.*no number/,
      );
      refused(
        tableOf(every(0, 60), (i) => i),
        /^The 60 readings of .* that hold flow have one and the same time: .*readings of different times\. Give each/,
      );
      refused(
        tableOf([T0], (i) => i),
        /^Only 1 of the 1 readings of .*readings of different times\. Collect more/,
      );
      refused(
        tableOf(every(MINUTE, 60), (i) => -i),
        /judge only when flow > 0" holds for none/,
        {
          judgeWhen: { field: 'flow', comparison: '>', value: 0 },
        },
      );
      refused({ ...tableOf([], () => 0), fields: [] }, /hold no numbers at all/, { field: '' });
      refused(
        tableOf(every(1000, 60), (i) => i),
        /one step of 86400 s: choose a shorter step/,
        { stepMs: DAY },
      );
    });

    it('numbers too large to learn from, and parts that never come together', () => {
      refused(
        tableOf(every(MINUTE, 60), () => 1e40),
        /flow has no usable number in any complete step of 60 s/,
      );
      const apart = tableOfFields(every(MINUTE, 60), { a: (i) => (i % 2 ? i : NaN), b: (i) => (i % 2 ? NaN : i) });
      refused(apart, /sum has no usable number/, {
        field: 'sum',
        derived: [{ name: 'sum', operation: 'sum', of: ['a', 'b'] }],
      });
    });

    it('options out of their range', () => {
      const table = tableOf(every(MINUTE, 60), (i) => i);
      refused(table, /step must be at least 1 ms/, { stepMs: -1 });
      refused(table, /gap to fill must be 0 ms or more/, { fillMs: NaN });
      refused(table, /no time zone "Mars"/, { timeZone: 'Mars' });
    });
  });

  describe('sizes', () => {
    it('memory is taken for readings, not for the time they span', () => {
      const times = [T0, T0 + 3650 * DAY];
      const { history, report } = grid(
        tableOf(times, (i) => i),
        { stepMs: 1 },
      );
      history.target.buffer.byteLength.should.be.belowOrEqual(2048);
      report.samples.should.equal(1);
    });

    it('of more than a million samples the newest are kept', () => {
      const times = every(HOUR, 400);
      const { history, report } = grid(
        tableOf(times, (i) => i),
        { stepMs: 1000 },
      );
      report.samples.should.be.within(990_000, 1_000_000);
      report.tooMany.should.equal(399 * 3600 + 1 - report.samples);
      history.target.at(-1)!.should.equal(399);
    });
  });

  describe('laws', () => {
    const options = { numRuns: 60, seed: 5 };
    /** Readings at about a step each, some missing, some twice. */
    const readings = fc.array(
      fc.record({
        copies: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2, 3),
        jitter: fc.double({ min: -0.49, max: 0.49, noNaN: true }),
        value: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      }),
      { minLength: 30, maxLength: 120 },
    );
    const rowsOf = (samples: readonly { readonly copies: number; readonly value: number }[]): [number, number][] =>
      samples.flatMap(({ copies, value }, i) =>
        Array.from({ length: copies }, (_, k): [number, number] => [T0 + i * MINUTE, value + k]),
      );
    const gridOf = (rows: readonly (readonly [number, number])[]): ReturnType<typeof regularGrid> =>
      grid(
        tableOf(
          rows.map(([time]) => time),
          (i) => rows[i]![1],
        ),
        { stepMs: MINUTE },
      );
    const same = (a: Float64Array, b: Float64Array): boolean =>
      a.length === b.length && a.every((value, i) => Math.abs(value - b[i]!) <= 1e-9 * (1 + Math.abs(value)));

    it('the order of readings of one time does not matter', () => {
      fc.assert(
        fc.property(readings, (samples) => {
          const rows = rowsOf(samples);
          fc.pre(new Set(rows.map(([time]) => time)).size > 1);
          const shuffled = [...rows].reverse().sort(([a], [b]) => a - b);
          const [a, b] = [gridOf(rows).history, gridOf(shuffled).history];
          return a.startMs === b.startMs && same(a.target, b.target);
        }),
        options,
      );
    });

    it('shifting all readings by whole steps shifts the history, and nothing else', () => {
      fc.assert(
        fc.property(readings, fc.integer({ min: -1e6, max: 1e6 }), (samples, steps) => {
          const rows = rowsOf(samples);
          fc.pre(new Set(rows.map(([time]) => time)).size > 1);
          const [a, b] = [gridOf(rows), gridOf(rows.map(([time, value]) => [time + steps * MINUTE, value]))];
          b.history.startMs.should.equal(a.history.startMs + steps * MINUTE);
          b.history.target.should.eql(a.history.target);
          b.report.should.eql(a.report);
        }),
        options,
      );
    });

    it('jitter within half a step around whole steps changes nothing', () => {
      fc.assert(
        fc.property(readings, (samples) => {
          const kept = samples.map((sample) => ({ ...sample, copies: Math.min(1, sample.copies) }));
          const rows = rowsOf(kept);
          fc.pre(rows.length > 1);
          const jitters = kept.filter(({ copies }) => copies === 1).map(({ jitter }) => jitter);
          const jittered = rows.map(([time, value], i): [number, number] => [time + jitters[i]! * MINUTE, value]);
          const [a, b] = [gridOf(rows).history, gridOf(jittered).history];
          b.startMs.should.equal(a.startMs);
          b.target.should.eql(a.target);
        }),
        options,
      );
    });

    it('the first half alone has the same samples as in the whole, up to its end', () => {
      fc.assert(
        fc.property(readings, (samples) => {
          const rows = rowsOf(samples);
          const half = rows.filter(([time]) => time < T0 + (samples.length * MINUTE) / 2);
          fc.pre(new Set(half.map(([time]) => time)).size > 1);
          const [whole, part] = [gridOf(rows).history, gridOf(half).history];
          part.startMs.should.equal(whole.startMs);
          part.target.should.eql(whole.target.slice(0, part.target.length));
        }),
        options,
      );
    });
  });
});
