// Over 300 lines: fitting and streaming must agree, so they are tested on the same tables.
import fc from 'fast-check';
import should from 'should';
import type { JsonObject } from '#lib/core/json';
import type { Pipeline } from '#lib/core/pipeline';
import { Random } from '#lib/core/random';
import type { Reading } from '#lib/core/readings';
import type { FeatureRow } from '#lib/readings/feature-row';
import { FeatureStream } from '#lib/readings/feature-stream';
import { fitPipeline, type FieldFeatures, type FittedPipeline, type PipelineOptions } from '#lib/readings/fit-pipeline';
import { MessageReader } from '#lib/readings/message-reader';
import { readingsOf, toReadingTables } from '#lib/readings/reading-tables';

const T0 = Date.UTC(2026, 2, 28, 12); // half a day before clocks change in Europe
const MINUTE = 60_000;

function reading(timestampMs: number, values: Record<string, number>, more: Partial<Reading> = {}): Reading {
  return { device: 'pump-07', timestampMs, values: new Map(Object.entries(values)), ...more };
}

/** One reading a minute, with the values that `values` gives for each. */
function readings(count: number, values: (i: number) => Record<string, number>): Reading[] {
  return Array.from({ length: count }, (_, i) => reading(T0 + i * MINUTE, values(i)));
}

function fit(data: readonly Reading[], options: PipelineOptions = {}): FittedPipeline {
  return fitPipeline(toReadingTables(data), options);
}

const everything: FieldFeatures = {
  field: '',
  window: 5,
  mean: true,
  deviation: true,
  minimum: true,
  maximum: true,
  lags: [1, 3],
  rate: true,
};

describe('a pipeline that is fitted', () => {
  it('takes all numeric fields, and says what it left out and why', () => {
    const { pipeline, leftOut } = fit(
      readings(400, (i) => ({
        flow: Math.sin(i),
        setpoint: 40,
        'motor.hours': 1000 + Math.floor(i / 10),
        lastSeen: T0 + i * MINUTE - 17,
        bootTime: 1_700_000_000,
        memoryBytes: 2e9 + Math.cos(i) * 1e8,
        serviceLevel: i < 200 ? 1 : 2,
        'machine.id': 17,
        unitId: 3,
        humidity: 40 + Math.sin(i / 7),
        ...(i % 20 === 0 ? { rare: i % 3 } : {}),
      })),
    );
    pipeline.fields.should.eql(['flow', 'setpoint', 'memoryBytes', 'serviceLevel', 'humidity']);
    leftOut
      .map(({ field, reason }) => `${field}: ${reason}`)
      .should.eql(
        [
          'rare: is there in only 5 % of the readings',
          'motor.hours: only ever grows, like a counter: to learn from its rate of change, name it as a field',
          'lastSeen: holds times',
          'bootTime: holds times',
          'machine.id: is an id by its name',
          'unitId: is an id by its name',
        ].sort(
          (a, b) => leftOut.findIndex((x) => a.startsWith(x.field)) - leftOut.findIndex((x) => b.startsWith(x.field)),
        ),
      );
  });

  it('takes a field that is named, whatever it looks like', () => {
    fit(
      readings(200, (i) => ({ flow: i % 7, count: i })),
      { fields: ['count'] },
    ).pipeline.fields.should.eql(['count']);
  });

  it('keeps constant fields: a constant signal is no error', () => {
    const { pipeline, x } = fit(readings(100, () => ({ flow: 5 })));
    pipeline.fields.should.eql(['flow']);
    x.rows.should.equal(100);
  });

  it('says which fields came when none is left, or a name is wrong', () => {
    should(() => fit(readings(200, (i) => ({ count: i })))).throw(
      /no field to learn from: count only ever grows.*name the fields to use/,
    );
    should(() => fit([reading(T0, {})])).throw(/the readings hold no numbers at all/);
    should(() => fitPipeline([])).throw(/the readings hold no numbers at all/);
    const data = readings(10, (i) => ({ flow: i, pressure: i }));
    should(() => fit(data, { fields: ['flwo'] })).throw(
      'The field "flwo" is not in the readings. Did you mean "flow"? Fields there: flow, pressure.',
    );
    should(() => fit(data, { fields: ['vibration'] })).throw(
      /^The field "vibration" is not in the readings\. Fields there/,
    );
    should(() => fit(data, { judgeWhen: { field: 'runing', comparison: '>', value: 0 } })).throw(
      /judge only when.*"runing"/,
    );
    should(() => fit(data, { derived: [{ name: 'x', operation: 'sum', of: ['flow', 'y'] }] })).throw(
      /derived field "x".*"y"/,
    );
    should(() => fit(data, { derived: [{ name: 'flow', operation: 'sum', of: ['flow'] }] })).throw(
      /name of another field/,
    );
    should(() => fit(data, { features: [{ ...everything, field: 'speed' }] })).throw(/"speed" is not in the readings/);
  });

  it('refuses options outside their range', () => {
    const data = readings(10, (i) => ({ flow: i }));
    should(() => fit(data, { stepMs: -1 })).throw(/step must be at least 1 ms.*got -1/);
    should(() => fit(data, { features: [{ ...everything, window: 0 }] })).throw(
      /window must be 1 to 10000 rows long, got 0/,
    );
    should(() => fit(data, { features: [{ ...everything, lags: [1.5] }] })).throw(/lag must be 1 to 10000 rows/);
    should(() => fit(data, { timeZone: 'Nowhere' })).throw(/no time zone "Nowhere"/);
    should(() => fit(data, { aggregation: 'median' as 'mean' })).throw(/must be one of mean, last/);
    const derived = Array.from({ length: 300 }, (_, i) => ({ name: `d${i}`, operation: 'sum', of: ['flow'] }) as const);
    should(() => fit(data, { derived, features: [everything] })).throw(/features are too many/);
    const long = {
      device: 'd',
      fields: ['flow'],
      timestampsMs: new Float64Array(250_000),
      data: new Float64Array(250_000),
    };
    should(() => fitPipeline([long], { derived: derived.slice(0, 250) })).throw(
      /250000 readings with 251 features are too many; .*at most 199203 readings fit/,
    );
    should(() => fit(data, { derived: [{ name: 'x', operation: 'sum', of: [] }] })).throw(/sum of at least one field/);
    should(() => fit(data, { judgeWhen: { field: 'flow', comparison: '>', value: NaN } })).throw(
      /compare with a number, got NaN/,
    );
  });

  it('finds the step as the median interval, and measures what a gap is', () => {
    const regular = fit(readings(50, (i) => ({ flow: i % 3 }))).pipeline;
    regular.should.match({ stepMs: MINUTE, stepGiven: false, gapMs: 5 * MINUTE });
    // Four tags within 15 ms, once a minute.
    const bursts = Array.from({ length: 400 }, (_, i) =>
      reading(T0 + Math.floor(i / 4) * MINUTE + (i % 4) * 5, { flow: i % 3 }),
    );
    fit(bursts).pipeline.should.match({ stepMs: 5, gapMs: 5 * (MINUTE - 15) });
    fit(
      readings(50, (i) => ({ flow: i % 3 })),
      { stepMs: 10 * MINUTE },
    ).pipeline.should.match({
      stepMs: 10 * MINUTE,
      stepGiven: true,
      gapMs: 50 * MINUTE,
    });
    const timeless = Array.from({ length: 50 }, (_, i) => reading(T0, { flow: i % 3 }));
    const { pipeline, x } = fit(timeless, { features: [everything] });
    pipeline.should.match({ stepMs: 0, gapMs: 0 });
    x.rows.should.equal(50);
  });

  it('imputes by medians that faults have no part in', () => {
    const data = readings(101, (i) => (i % 10 === 5 ? { pressure: 1 } : { flow: i < 60 ? 1 : 900, pressure: 1 })).map(
      (each, i) => (i < 60 ? each : { ...each, label: 'leak' }),
    );
    const { pipeline, x, labels } = fit(data);
    pipeline.medians.should.eql([1, 1]);
    x.data[5 * 2]!.should.equal(1);
    labels.slice(59, 61).should.eql([null, 'leak']);
  });

  it('leaves out rows that are not to be judged, or of which most is missing', () => {
    const data = readings(90, (i) =>
      i % 3 === 0 ? { flow: i, pressure: 1, on: 1 } : i % 3 === 1 ? { flow: i, pressure: 1, on: 0 } : { on: 1 },
    );
    const { x, pipeline } = fit(data, {
      fields: ['flow', 'pressure'],
      judgeWhen: { field: 'on', comparison: '==', value: 1 },
    });
    x.rows.should.equal(30);
    pipeline.fields.should.eql(['flow', 'pressure']);
    should(() => fit(data, { judgeWhen: { field: 'on', comparison: '>', value: 1 } })).throw(
      /Of 90 readings none can be learned from: "judge only when on > 1" holds for none/,
    );
    const halves = data.map((each, i) => ({ ...each, values: new Map([[`f${i % 3}`, i]]) }));
    should(() => fit(halves)).throw(/more than half of the fields \(f0, f1, f2\).*say so in the node/);
    should(() => fit(data.slice(0, 3), { stepMs: 3_600_000 })).throw(/of one step of 3600 s/);
  });

  it('gives each device its own rows, in one table', () => {
    const data = readings(40, (i) => ({ flow: i % 5 })).map((each, i) => ({
      ...each,
      device: i % 2 === 0 ? 'a' : 'b',
    }));
    const lag = {
      ...everything,
      mean: false,
      deviation: false,
      minimum: false,
      maximum: false,
      lags: [1],
      rate: false,
    };
    const { x, segments, timestampsMs, labels } = fit(data, { features: [lag] });
    segments.should.eql([
      { device: 'a', start: 0, end: 20 },
      { device: 'b', start: 20, end: 40 },
    ]);
    timestampsMs[20]!.should.equal(T0 + MINUTE);
    labels.length.should.equal(40);
    // The second device's first lag does not look back on the first device's last flow (3): it is the median.
    [...x.data.subarray(38, 44)].should.eql([3, 1, 1, 2, 3, 1]);
  });

  it('orders its columns: values, then what each field asks for, then the calendar, none twice', () => {
    const row = { ...everything, deviation: false, minimum: false, maximum: false, lags: [1] };
    const { x } = fit(
      readings(20, (i) => ({ flow: i % 4, pressure: i % 3 })),
      {
        derived: [{ name: 'head', operation: 'difference', minuend: 'pressure', subtrahend: 'flow' }],
        features: [
          { ...row, field: 'flow' },
          { ...row, rate: false },
        ],
        hourOfDay: true,
        dayOfWeek: true,
      },
    );
    x.columns.should.eql([
      'flow',
      'pressure',
      'head',
      'mean(flow, 5)',
      'lag(flow, 1)',
      'rate(flow)',
      'mean(pressure, 5)',
      'lag(pressure, 1)',
      'mean(head, 5)',
      'lag(head, 1)',
      'hour-of-day sin',
      'hour-of-day cos',
      'day-of-week sin',
      'day-of-week cos',
    ]);
  });

  it('reads what derived fields are made from, without making it a feature', () => {
    const { pipeline, x } = fit(
      readings(20, (i) => ({ used: i, free: 20 - i, flow: i % 3 })),
      {
        fields: ['flow'],
        derived: [
          { name: 'total', operation: 'sum', of: ['used', 'free'] },
          { name: 'used %', operation: 'percent', part: 'used', whole: 'total' },
        ],
      },
    );
    pipeline.fields.should.eql(['flow', 'used', 'free']);
    x.columns.should.eql(['flow', 'total', 'used %']);
    [...x.data.subarray(15, 18)].should.eql([2, 20, 25]);
  });
});

/** A day of irregular readings: missing fields, gaps, duplicates, quick and slow stretches, over a change of the clocks. */
function troubledDay(seed: number, count: number): Reading[] {
  const random = new Random(seed);
  let timestampMs = T0;
  return Array.from({ length: count }, (_, i) => {
    const stretch = Math.floor(i / 60) % 5;
    timestampMs += random.uniform() < 0.02 ? 40 * MINUTE : stretch === 3 ? 10_000 : stretch === 4 ? 3 * MINUTE : MINUTE;
    if (random.uniform() < 0.05) timestampMs -= stretch === 3 ? 10_000 : MINUTE;
    const values = new Map<string, number>();
    for (const field of ['flow', 'pressure', 'running']) {
      if (random.uniform() < 0.9) values.set(field, field === 'running' ? random.below(4) : random.normal(40, 3));
    }
    const label = random.uniform() < 0.1 ? (random.uniform() < 0.5 ? 'normal' : 'leak') : undefined;
    return { device: 'pump-07', timestampMs, values, ...(label === undefined ? {} : { label }) };
  });
}

const manyOptions: [string, PipelineOptions][] = [
  ['a step found in the data', {}],
  ['a given step', { stepMs: 2 * MINUTE, aggregation: 'mean' }],
  ['a given step that is finer than the data', { stepMs: 7000, aggregation: 'last' }],
];
const richOptions: PipelineOptions = {
  derived: [{ name: 'power', operation: 'percent', part: 'flow', whole: 'pressure' }],
  features: [everything, { ...everything, field: 'flow', window: 60, lags: [] }],
  hourOfDay: true,
  dayOfWeek: true,
  timeZone: 'Europe/Berlin',
  judgeWhen: { field: 'running', comparison: '>', value: 0 },
};

function judged(stream: FeatureStream, data: Iterable<Reading>): FeatureRow[] {
  const rows: FeatureRow[] = [];
  for (const each of data) {
    const row = stream.push(each);
    if (row?.verdict === 'judge') rows.push(row);
  }
  return rows;
}

function bitsOf(rows: readonly FeatureRow[]): Buffer {
  return Buffer.concat(rows.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)));
}

function throughJson(snapshot: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(snapshot)) as JsonObject;
}

describe('live readings', () => {
  for (const [name, options] of manyOptions) {
    const data = troubledDay(7, 900);
    const tables = toReadingTables(data);
    const inOrder = [...readingsOf(tables[0]!)];
    const { pipeline, x, timestampsMs, labels } = fitPipeline(tables, { ...richOptions, ...options });

    it(`meet exactly the features that training met, with ${name}`, () => {
      const rows = judged(new FeatureStream(pipeline), inOrder);
      rows.length.should.equal(x.rows).and.be.above(200);
      bitsOf(rows)
        .equals(Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength))
        .should.be.true();
      rows.map(({ timestampMs }) => timestampMs).should.eql([...timestampsMs]);
      rows.map(({ label }) => label ?? null).should.eql([...labels]);
      // It would mean little if nothing was missing, cut by a gap, or in another time.
      x.columns.length.should.equal(40);
      rows.filter(({ missing }) => missing.length > 0).length.should.be.above(20);
      for (const value of x.data) if (!Number.isFinite(value)) throw new Error('A value is not finite.');
    });

    it(`go on after a restart with the same bits, wherever it comes, with ${name}`, () => {
      const live = troubledDay(8, 300);
      const whole = bitsOf(judged(new FeatureStream(pipeline), live));
      fc.assert(
        fc.property(fc.uniqueArray(fc.nat(live.length), { minLength: 1, maxLength: 4 }), (cuts) => {
          let stream = new FeatureStream(pipeline);
          const rows: FeatureRow[] = [];
          const bounds = [0, ...cuts.sort((a, b) => a - b), live.length];
          for (let i = 1; i < bounds.length; i++) {
            stream = FeatureStream.restore(pipeline, throughJson(stream.snapshot()));
            rows.push(...judged(stream, live.slice(bounds[i - 1], bounds[i])));
          }
          return bitsOf(rows).equals(whole);
        }),
        { seed: 1, numRuns: 40 },
      );
    });
  }

  it('come by messages to the same rows as by a batch', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      timestamp: new Date(T0 + i * MINUTE).toISOString(),
      flow: i % 7 === 0 ? null : Math.sin(i),
      motor: { current: String(i % 11) },
    }));
    const batch = new MessageReader().read({ payload: rows }, 0);
    const { pipeline, x } = fitPipeline(toReadingTables(batch), { features: [everything] });
    const reader = new MessageReader();
    const stream = new FeatureStream(pipeline);
    const live = rows.flatMap((row) => judged(stream, reader.read({ payload: JSON.stringify(row) }, 0)));
    bitsOf(live).equals(Buffer.from(x.data.buffer)).should.be.true();
  });

  it('start anew from a snapshot of another pipeline, or a damaged one', () => {
    const data = troubledDay(9, 200);
    const { pipeline } = fit(data, richOptions);
    const stream = new FeatureStream(pipeline);
    for (const each of data) stream.push(each);
    const snapshot = throughJson(stream.snapshot());
    const next = reading(data.at(-1)!.timestampMs + MINUTE, { flow: 1, pressure: 2, running: 1 });
    const fresh = new FeatureStream(pipeline).push(next)!.values;
    const restored = (from: JsonObject, into: Pipeline = pipeline): Float64Array =>
      FeatureStream.restore(into, from).push(next)!.values;
    restored(snapshot).should.not.eql(fresh);
    const damaged: JsonObject[] = [
      {},
      { ...snapshot, pipeline: 'another' },
      { ...snapshot, histories: [[1]] },
      { ...snapshot, histories: [['x']] },
      { ...snapshot, lastRowMs: 'now' },
      { ...snapshot, sampler: null },
      {
        ...snapshot,
        sampler: {
          ...(snapshot.sampler as JsonObject),
          open: { index: 1, totals: [], counts: [], timesMs: [], label: null },
        },
      },
    ];
    for (const one of damaged) restored(one).should.eql(fresh);
    const other = { ...pipeline, aggregation: 'last' } as const;
    restored(snapshot, other).should.eql(fresh);
  });

  it('keep a bounded past', () => {
    const { pipeline } = fit(troubledDay(9, 200), richOptions);
    const stream = new FeatureStream(pipeline);
    const sizeAfter = (from: number, to: number): number => {
      for (let i = from; i < to; i++)
        stream.push(reading(T0 + i * MINUTE, { flow: 40 + (i % 7), pressure: 2, running: 1 }));
      return JSON.stringify(stream.snapshot()).length;
    };
    const [after60, after6000] = [sizeAfter(0, 60), sizeAfter(60, 6000)];
    after60.should.be.above(400);
    after6000.should.be.approximately(after60, 50);
  });
});

describe('reading tables', () => {
  it('group a batch by device, in time order, with every field and label', () => {
    const tables = toReadingTables([
      reading(2000, { flow: 2 }, { device: 'a' }),
      reading(1000, { pressure: 1 }, { device: 'b', label: 'leak' }),
      reading(1000, { flow: 1, pressure: 3 }, { device: 'a' }),
      reading(2000, { flow: 4 }, { device: 'a' }),
    ]);
    tables.should.eql([
      {
        device: 'a',
        fields: ['flow', 'pressure'],
        timestampsMs: Float64Array.of(1000, 2000, 2000),
        data: Float64Array.of(1, 3, 2, NaN, 4, NaN),
      },
      {
        device: 'b',
        fields: ['pressure'],
        timestampsMs: Float64Array.of(1000),
        data: Float64Array.of(1),
        labels: ['leak'],
      },
    ]);
    [...readingsOf(tables[1]!)].should.eql([reading(1000, { pressure: 1 }, { device: 'b', label: 'leak' })]);
  });
});
