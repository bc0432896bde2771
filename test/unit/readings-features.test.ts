// Over 300 lines: one row of features, looked at from every side.
import fc from 'fast-check';
import should from 'should';
import type { FeatureSpec, Pipeline } from '#lib/core/pipeline';
import type { Reading } from '#lib/core/readings';
import { featureColumns, fieldOfColumn } from '#lib/readings/feature-columns';
import type { FeatureRow } from '#lib/readings/feature-row';
import { FeatureStream } from '#lib/readings/feature-stream';
import { zoneOffset } from '#lib/readings/time-zone';

const T0 = Date.UTC(2026, 0, 5); // a Monday
const SECOND = 1000;
const HOUR = 3_600_000;

function pipelineOf(features: readonly FeatureSpec[], changes: Partial<Pipeline> = {}): Pipeline {
  return {
    fields: ['flow'],
    derived: [],
    features,
    stepMs: SECOND,
    stepGiven: false,
    aggregation: 'mean',
    gapMs: 5 * SECOND,
    timeZone: 'UTC',
    medians: [],
    ...changes,
  };
}

function reading(timestampMs: number, values: Record<string, number>, label?: string): Reading {
  const plain = { device: 'pump-07', timestampMs, values: new Map(Object.entries(values)) };
  return label === undefined ? plain : { ...plain, label };
}

/** Pushes one flow a second and gives the rows' values; NaN is a reading without flow. */
function valuesOver(pipeline: Pipeline, flows: readonly number[]): number[][] {
  const stream = new FeatureStream(pipeline);
  return flows.map((flow, i) => [...stream.push(reading(T0 + i * SECOND, Number.isNaN(flow) ? {} : { flow }))!.values]);
}

function push(stream: FeatureStream, timestampMs: number, values: Record<string, number>): FeatureRow {
  const row = stream.push(reading(timestampMs, values));
  should(row).not.be.null();
  return row!;
}

const windows: readonly FeatureSpec[] = (['mean', 'deviation', 'minimum', 'maximum'] as const).map((statistic) => ({
  kind: 'window',
  field: 'flow',
  statistic,
  rows: 3,
}));

describe('feature rows', () => {
  it('have names that say what they are', () => {
    featureColumns(
      pipelineOf([
        { kind: 'value', field: 'flow' },
        ...windows,
        { kind: 'lag', field: 'flow', rows: 1 },
        { kind: 'rate', field: 'flow' },
        { kind: 'hour-of-day' },
        { kind: 'day-of-week' },
      ]),
    ).should.eql([
      'flow',
      'mean(flow, 3)',
      'deviation(flow, 3)',
      'minimum(flow, 3)',
      'maximum(flow, 3)',
      'lag(flow, 1)',
      'rate(flow)',
      'hour-of-day sin',
      'hour-of-day cos',
      'day-of-week sin',
      'day-of-week cos',
    ]);
  });

  it('have names that tell the field they are made from, whatever it is called', () => {
    for (const field of ['flow', 'motor (left), 5', 'rate(of change)', 'hour-of-day', 'a\nb']) {
      const features: FeatureSpec[] = [
        { kind: 'window', field, statistic: 'mean', rows: 3 },
        { kind: 'lag', field, rows: 1 },
        { kind: 'rate', field },
      ];
      featureColumns({ features }).map(fieldOfColumn).should.eql([field, field, field]);
    }
    ['flow', 'mean flow', '__proto__'].map(fieldOfColumn).should.eql(['flow', 'mean flow', '__proto__']);
    featureColumns({ features: [{ kind: 'hour-of-day' }] })
      .map(fieldOfColumn)
      .should.eql(['hour-of-day', 'hour-of-day']);
  });

  it('have windows that trail, missing until they are full', () => {
    valuesOver(pipelineOf(windows), [2, 4, 9, 2]).should.eql([
      [NaN, NaN, NaN, NaN],
      [NaN, NaN, NaN, NaN],
      [5, Math.sqrt(13), 2, 9],
      [5, Math.sqrt(13), 2, 9],
    ]);
  });

  it('pass over missing values in a window, and impute what is missing by its training median', () => {
    const pipeline = pipelineOf(windows, { medians: [0, 7, 0, 0] });
    valuesOver(pipeline, [2, NaN, NaN, NaN, 8]).should.eql([
      [0, 7, 0, 0],
      [0, 7, 0, 0],
      [2, 7, 2, 2],
      [0, 7, 0, 0],
      [8, 7, 8, 8],
    ]);
  });

  it('have lags and rates, missing where there is no row to look back on', () => {
    const features: FeatureSpec[] = [
      { kind: 'lag', field: 'flow', rows: 2 },
      { kind: 'rate', field: 'flow' },
    ];
    valuesOver(pipelineOf(features), [1, 3, 2, NaN, 5]).should.eql([
      [NaN, NaN],
      [NaN, 2],
      [1, -1],
      [3, NaN],
      [2, NaN],
    ]);
  });

  it('give a rate per second, whatever the step', () => {
    const stream = new FeatureStream(pipelineOf([{ kind: 'rate', field: 'flow' }], { stepMs: 60_000, gapMs: 300_000 }));
    push(stream, T0, { flow: 10 });
    push(stream, T0 + 60_000, { flow: 13 }).values[0]!.should.equal(0.05);
  });

  it('never bridge a gap with a window, a lag or a rate', () => {
    const stream = new FeatureStream(
      pipelineOf([...windows, { kind: 'lag', field: 'flow', rows: 1 }, { kind: 'rate', field: 'flow' }]),
    );
    push(stream, T0, { flow: 2 });
    push(stream, T0 + SECOND, { flow: 1 });
    push(stream, T0 + 6 * SECOND, { flow: 3 }).values.should.eql(Float64Array.of(2, 1, 1, 3, 1, 0.4));
    push(stream, T0 + 11 * SECOND + 1, { flow: 8 }).values.should.eql(Float64Array.of(NaN, NaN, NaN, NaN, NaN, NaN));
  });

  it('derive fields from others, and windows from those', () => {
    const pipeline = pipelineOf(
      [
        { kind: 'value', field: 'used %' },
        { kind: 'value', field: 'total' },
        { kind: 'window', field: 'head', statistic: 'mean', rows: 2 },
      ],
      {
        fields: ['used', 'free', 'in', 'out'],
        derived: [
          { name: 'total', operation: 'sum', of: ['used', 'free'] },
          { name: 'used %', operation: 'percent', part: 'used', whole: 'total' },
          { name: 'head', operation: 'difference', minuend: 'out', subtrahend: 'in' },
        ],
      },
    );
    const stream = new FeatureStream(pipeline);
    const row = push(stream, T0, { used: 1, free: 3, in: 2, out: 10 });
    row.values.should.eql(Float64Array.of(25, 4, NaN));
    row.reading.get('used %')!.should.equal(25);
    push(stream, T0 + SECOND, { used: 0, free: 0, in: 2, out: 6 }).values.should.eql(Float64Array.of(NaN, 0, 6));
    push(stream, T0 + 2 * SECOND, { used: 1, in: 2, out: 6 }).values.should.eql(Float64Array.of(NaN, NaN, 4));
  });

  it('know the local hour and weekday, on both sides of a change of the clocks', () => {
    const pipeline = pipelineOf([{ kind: 'hour-of-day' }, { kind: 'day-of-week' }], { timeZone: 'Europe/Berlin' });
    const hourOf = (timestampMs: number): number => {
      const [sin, cos] = new FeatureStream(pipeline).push(reading(timestampMs, { flow: 1 }))!.values;
      return ((Math.atan2(sin!, cos!) / (2 * Math.PI)) * 24 + 24) % 24;
    };
    // On 29 March 2026 Berlin's clocks go from 2 to 3 at 01:00 UTC.
    hourOf(Date.UTC(2026, 2, 29, 0, 45)).should.be.approximately(1.75, 1e-9);
    hourOf(Date.UTC(2026, 2, 29, 1, 0)).should.be.approximately(3, 1e-9);
    hourOf(Date.UTC(2026, 9, 25, 0, 59)).should.be.approximately(2 + 59 / 60, 1e-9);
    hourOf(Date.UTC(2026, 9, 25, 1, 0)).should.be.approximately(2, 1e-9);

    const weekday = (timestampMs: number): number[] => [
      ...new FeatureStream(pipeline).push(reading(timestampMs, { flow: 1 }))!.values.slice(2),
    ];
    weekday(T0).should.eql([0, 1]);
    // Sunday 23:30 UTC is Monday in Berlin.
    weekday(T0 - HOUR / 2).should.eql([0, 1]);
    weekday(T0 - 2 * HOUR).should.eql([Math.sin((12 * Math.PI) / 7), Math.cos((12 * Math.PI) / 7)]);
    weekday(-3 * 24 * HOUR).should.eql([0, 1]);
  });

  it('refuse a time zone that does not exist', () => {
    should(() => new FeatureStream(pipelineOf([], { timeZone: 'Mars/Olympus' }))).throw(
      /no time zone "Mars\/Olympus".*Europe\/Berlin/,
    );
  });

  it('name what is missing, and say when that is too much to judge', () => {
    const fields = ['flow', 'pressure', 'current', 'speed'];
    const stream = new FeatureStream(pipelineOf([{ kind: 'value', field: 'flow' }], { fields, medians: [4] }));
    const half = push(stream, T0, { flow: 1, speed: NaN, current: 2 });
    half.missing.should.eql(['pressure', 'speed']);
    half.verdict.should.equal('judge');
    const most = push(stream, T0 + SECOND, { current: 2 });
    most.missing.should.eql(['flow', 'pressure', 'speed']);
    most.verdict.should.equal('mostly-missing');
    most.values.should.eql(Float64Array.of(4));
    [...most.reading].should.eql([['current', 2]]);
  });

  it('are not judged while the condition does not hold, or cannot be known', () => {
    const pipeline = pipelineOf([{ kind: 'value', field: 'flow' }], {
      judgeWhen: { field: 'running', comparison: '>', value: 0 },
    });
    const stream = new FeatureStream(pipeline);
    push(stream, T0, { flow: 1, running: 1 }).verdict.should.equal('judge');
    push(stream, T0 + SECOND, { flow: 1, running: 0 }).verdict.should.equal('not-now');
    push(stream, T0 + 2 * SECOND, { flow: 1 }).verdict.should.equal('not-now');
  });

  const comparisons = { '>': [7], '>=': [5, 7], '<': [3], '<=': [3, 5], '==': [5], '!=': [3, 7] } as const;
  for (const [comparison, judged] of Object.entries(comparisons)) {
    it(`are judged only when running ${comparison} 5`, () => {
      const judgeWhen = { field: 'running', comparison: comparison as keyof typeof comparisons, value: 5 };
      const stream = new FeatureStream(pipelineOf([{ kind: 'value', field: 'flow' }], { judgeWhen }));
      const verdicts = [3, 5, 7].filter((running) => push(stream, T0, { flow: 1, running }).verdict === 'judge');
      verdicts.should.eql(judged);
    });
  }

  it('are judged when late, without a trace in the windows of others', () => {
    const features: FeatureSpec[] = [...windows.slice(0, 1), { kind: 'lag', field: 'flow', rows: 1 }];
    const stream = new FeatureStream(pipelineOf(features));
    push(stream, T0, { flow: 1 });
    push(stream, T0 + 2 * SECOND, { flow: 3 });
    const late = push(stream, T0 + SECOND, { flow: 100 });
    late.late.should.be.true();
    late.values.should.eql(Float64Array.of(NaN, NaN));
    const next = push(stream, T0 + 3 * SECOND, { flow: 5 });
    next.late.should.be.false();
    next.values.should.eql(Float64Array.of(3, 3));
  });

  it('start anew when so many are late that the clock must have been put back', () => {
    const stream = new FeatureStream(pipelineOf(windows));
    push(stream, Date.UTC(2099, 0, 1), { flow: 1 });
    const rows = Array.from({ length: 150 }, (_, i) => push(stream, T0 + i * SECOND, { flow: i }));
    rows.filter(({ late }) => late).length.should.equal(99);
    should(rows[100]!.values[0]).be.NaN();
    rows[101]!.values[0]!.should.equal(100);
    rows[149]!.values[0]!.should.equal(148);
  });

  it('refuse a time that is not a number', () => {
    should(() => new FeatureStream(pipelineOf([])).push(reading(NaN, {}))).throw(/must be a number of milliseconds/);
  });
});

describe('the offset of a time zone', () => {
  it('is the one by which its wall clocks differ from UTC, at any time', () => {
    const zones = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia'];
    const clocks = new Map(
      zones.map((timeZone) => [
        timeZone,
        new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
      ]),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1975, 0, 1) / 1000, max: Date.UTC(2037, 0, 1) / 1000 }),
        (timeZone, seconds) => {
          // A Swedish date is ISO 8601 but for the T.
          const wallMs = Date.parse(
            `${clocks
              .get(timeZone)!
              .format(seconds * 1000)
              .replace(' ', 'T')}Z`,
          );
          zoneOffset(timeZone)(seconds * 1000).should.equal(wallMs - seconds * 1000);
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
  });
});

describe('sampling', () => {
  const value: FeatureSpec[] = [{ kind: 'value', field: 'flow' }];

  it('puts readings on the grid of a given step, and gives a row when its step is over', () => {
    const stream = new FeatureStream(pipelineOf(value, { stepMs: 10 * SECOND, stepGiven: true, gapMs: 50 * SECOND }));
    should(stream.push(reading(T0 + 1 * SECOND, { flow: 1 }))).be.null();
    should(stream.push(reading(T0 + 9 * SECOND, { flow: 4 }))).be.null();
    // Out of order, but its step is still open.
    should(stream.push(reading(T0 + 8 * SECOND, { flow: 7 }))).be.null();
    const row = push(stream, T0 + 10 * SECOND, { flow: 100 });
    row.timestampMs.should.equal(T0);
    row.values.should.eql(Float64Array.of(4));
    row.sampling.should.equal('as-trained');
    push(stream, T0 + 8 * SECOND, { flow: 7 }).late.should.be.true();
  });

  const aggregated = { mean: 13 / 3, last: 7, minimum: 2, maximum: 7, sum: 13 } as const;
  for (const [aggregation, expected] of Object.entries(aggregated)) {
    it(`takes the ${aggregation} of a step`, () => {
      const pipeline = pipelineOf(value, {
        stepMs: 10 * SECOND,
        stepGiven: true,
        aggregation: aggregation as keyof typeof aggregated,
      });
      const stream = new FeatureStream(pipeline);
      stream.push(reading(T0 + 1 * SECOND, { flow: 4 }));
      stream.push(reading(T0 + 3 * SECOND, { flow: 7 }));
      stream.push(reading(T0 + 2 * SECOND, { flow: 2 }, 'leak'));
      stream.push(reading(T0 + 4 * SECOND, {}, 'normal'));
      const row = push(stream, T0 + 10 * SECOND, { flow: 0 });
      row.values.should.eql(Float64Array.of(expected));
      row.label!.should.equal('leak');
    });
  }

  it('takes readings at about the trained rate as they come', () => {
    const stream = new FeatureStream(pipelineOf(value));
    for (let i = 0; i < 20; i++) {
      const row = push(stream, T0 + i * 0.6 * SECOND, { flow: i });
      row.sampling.should.equal('as-trained');
      row.values[0]!.should.equal(i);
    }
  });

  it('says so when readings come slower than trained', () => {
    const stream = new FeatureStream(pipelineOf(value));
    const rows = Array.from({ length: 10 }, (_, i) => push(stream, T0 + i * 3 * SECOND, { flow: i }));
    rows
      .map(({ sampling }) => sampling)
      .should.eql([...Array<string>(5).fill('as-trained'), ...Array<string>(5).fill('slower')]);
  });

  it('is not upset by one pause or one burst', () => {
    const stream = new FeatureStream(pipelineOf(value));
    let timestampMs = T0;
    for (let i = 0; i < 30; i++) {
      timestampMs += i === 12 ? 40 * SECOND : i >= 20 && i < 23 ? 10 : SECOND;
      push(stream, timestampMs, { flow: i }).sampling.should.equal('as-trained');
    }
  });

  it('aggregates readings that come clearly faster than trained', () => {
    const stream = new FeatureStream(pipelineOf(value));
    const rows = Array.from({ length: 50 }, (_, i) => stream.push(reading(T0 + i * 100, { flow: i })));
    const made = rows.filter((row) => row !== null);
    const aggregating = made.filter(({ sampling }) => sampling === 'aggregating');
    aggregating.map(({ values }) => values[0]).should.eql([7, 14.5, 24.5, 34.5]);
    aggregating.map(({ timestampMs }) => timestampMs - T0).should.eql([400, 1000, 2000, 3000]);
  });

  it('goes back to single readings with every value in the windows', () => {
    const stream = new FeatureStream(pipelineOf([{ kind: 'window', field: 'flow', statistic: 'maximum', rows: 18 }]));
    for (let i = 0; i < 50; i++) stream.push(reading(T0 + i * 100, { flow: i === 49 ? 1000 : 1 }));
    let row: FeatureRow | null = null;
    for (let i = 0; i < 15; i++) row = stream.push(reading(T0 + 5 * SECOND + i * SECOND, { flow: 1 }));
    row!.sampling.should.equal('as-trained');
    row!.timestampMs.should.equal(T0 + 19 * SECOND);
    // The reading of 1000 went into the mean of its step with nine of 1.
    row!.values[0]!.should.equal(100.9);
  });

  it('knows no rhythm where readings had no times', () => {
    const stream = new FeatureStream(pipelineOf(value, { stepMs: 0, gapMs: 0 }));
    for (let i = 0; i < 20; i++) push(stream, T0, { flow: i }).should.match({ late: false, sampling: 'as-trained' });
  });
});
