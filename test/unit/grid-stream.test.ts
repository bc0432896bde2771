// Over 300 lines: one class; most of its length are cases.
import fc from 'fast-check';
import should from 'should';
import type { SeriesPlan } from '#lib/core/artifact';
import type { History } from '#lib/core/history';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import type { Reading } from '#lib/core/readings';
import { GridStream } from '#lib/readings/grid-stream';
import { toReadingTables } from '#lib/readings/reading-tables';
import { regularGrid } from '#lib/readings/regular-grid';
import type { SeriesOptions } from '#lib/readings/series-options';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const T0 = Date.UTC(2026, 4, 4);

const plan: SeriesPlan = {
  field: 'flow',
  others: [],
  derived: [],
  stepMs: MINUTE,
  aggregation: 'mean',
  fillMs: 4 * DAY,
  timeZone: 'Europe/Berlin',
};

function reading(timestampMs: number, flow: number, more: Record<string, number> = {}): Reading {
  const values = new Map(Object.entries({ flow, ...more }).filter(([, value]) => !Number.isNaN(value)));
  return { device: 'pump-07', timestampMs, values };
}

const minutes = (from: number, to: number, value: (i: number) => number = (i) => i): Reading[] =>
  Array.from({ length: to - from }, (_, k) => reading(T0 + (from + k) * MINUTE, value(from + k)));

/** Samples that each reading completed. */
const pushAll = (stream: GridStream, readings: readonly Reading[]): number[] => readings.map((one) => stream.push(one));

const valuesOf = (stream: GridStream): number[] => [...stream.history().target];

function copyOf(history: History): History {
  return { ...history, target: history.target.slice(), others: history.others.map((other) => other.slice()) };
}

describe('the live window of a series', () => {
  it('has a sample as soon as its reading came, where readings come once a step', () => {
    const stream = new GridStream(plan, 5);
    stream.length.should.equal(0);
    pushAll(stream, minutes(0, 8)).should.eql(new Array(8).fill(1));
    stream.length.should.equal(5);
    stream.newestMs.should.equal(T0 + 7 * MINUTE);
    const { target, ...rest } = stream.history();
    [...target].should.eql([3, 4, 5, 6, 7]);
    rest.should.eql({ startMs: T0 + 3 * MINUTE, stepMs: MINUTE, timeZone: 'Europe/Berlin', others: [] });
  });

  it('has a sample when a reading of the next step came, where they come faster', () => {
    const stream = new GridStream(plan, 100);
    const readings = Array.from({ length: 60 }, (_, i) => reading(T0 + i * 10_000, i));
    const completed = pushAll(stream, readings);
    // Nobody knows the rhythm when the first one comes: its step is taken for complete, and changes until the next.
    completed.forEach((count, i) => count.should.equal(i === 0 || (i >= 12 && i % 6 === 0) ? 1 : 0));
    valuesOf(stream).should.eql([2.5, 8.5, 14.5, 20.5, 26.5, 32.5, 38.5, 44.5, 50.5]);
  });

  it('changes the newest sample when another reading of its step comes, late or not', () => {
    const stream = new GridStream(plan, 100);
    pushAll(stream, minutes(0, 8));
    stream.push(reading(T0 + 7 * MINUTE, 17)).should.equal(0);
    stream.push(reading(T0 + 7 * MINUTE - 1000, 6)).should.equal(0);
    valuesOf(stream).should.eql([0, 1, 2, 3, 4, 5, 6, 10]);
    stream.late.should.equal(0);
  });

  it('keeps its size whatever comes', () => {
    const stream = new GridStream(plan, 30);
    for (let i = 0; i < 5000; i++) {
      stream.push(reading(T0 + i * MINUTE, i));
      const { target } = stream.history();
      target.length.should.equal(Math.min(i + 1, 30));
      target.at(-1)!.should.equal(i);
      target[0]!.should.equal(Math.max(0, i - 29));
    }
  });

  describe('gaps', () => {
    it('of a few samples are bridged as soon as they end', () => {
      const stream = new GridStream(plan, 100);
      pushAll(stream, [...minutes(0, 10), ...minutes(10, 13, () => NaN), ...minutes(13, 15)]).should.eql([
        ...new Array<number>(10).fill(1),
        ...[0, 0, 0, 4, 1],
      ]);
      valuesOf(stream).should.eql(Array.from({ length: 15 }, (_, i) => i));
    });

    it('of hours get the shape of the day before', () => {
      const stream = new GridStream(plan, 2880);
      const rhythm = (i: number): number => Math.sin((2 * Math.PI * i) / 1440);
      pushAll(stream, [...minutes(0, 3000, rhythm), ...minutes(3300, 3302, rhythm)])
        .slice(-2)
        .should.eql([0, 302]);
      const { target, startMs } = stream.history();
      const first = (startMs - T0) / MINUTE;
      target.forEach((value, i) => value.should.be.approximately(rhythm(first + i), 1e-9));
    });

    it('longer than the window leave a window that is full and up to date', () => {
      const stream = new GridStream(plan, 20);
      pushAll(stream, [...minutes(0, 100, () => 5), ...minutes(700, 702, () => 5)]);
      valuesOf(stream).should.eql(new Array(20).fill(5));
      stream.history().startMs.should.equal(T0 + 682 * MINUTE);
    });

    it('too long to fill begin the window anew, and it says so', () => {
      const stream = new GridStream({ ...plan, fillMs: 60 * MINUTE }, 100);
      pushAll(stream, minutes(0, 50));
      should(stream.restart).be.null();
      pushAll(stream, minutes(120, 123)).should.eql([0, 2, 1]);
      valuesOf(stream).should.eql([120, 121, 122]);
      stream.restart!.should.eql({ atMs: T0 + 120 * MINUTE, reason: 'silence' });
    });
  });

  describe('wrong times', () => {
    it('late readings are counted and ignored', () => {
      const stream = new GridStream(plan, 100);
      pushAll(stream, minutes(0, 10));
      stream.push(reading(T0 + 3 * MINUTE, 99)).should.equal(0);
      stream.push(reading(T0 - 3 * DAY, 99)).should.equal(0);
      stream.late.should.equal(2);
      valuesOf(stream).should.eql([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    it('a batch that came before changes nothing, however often it comes', () => {
      const stream = new GridStream(plan, 1000);
      for (let hour = 0; hour < 5; hour++) pushAll(stream, minutes(hour * 60, hour * 60 + 300, Math.sin));
      stream.length.should.equal(540);
      stream.late.should.equal(0);
      should(stream.restart).be.null();
    });

    it('a hundred late ones in a row are a clock that was put back', () => {
      const stream = new GridStream(plan, 1000);
      pushAll(stream, minutes(0, 300));
      pushAll(
        stream,
        minutes(50, 149, (i) => -i),
      );
      stream.length.should.equal(300);
      stream.push(reading(T0 + 149 * MINUTE, -149)).should.equal(1);
      stream.push(reading(T0 + 150 * MINUTE, -150)).should.equal(1);
      valuesOf(stream).should.eql([-149, -150]);
      stream.restart!.should.eql({ atMs: T0 + 149 * MINUTE, reason: 'clock-put-back' });
    });

    it('a single one far ahead costs no history', () => {
      const stream = new GridStream(plan, 100);
      pushAll(stream, [...minutes(0, 10), reading(T0 + 3650 * DAY, 7), ...minutes(10, 20)]);
      valuesOf(stream).should.eql(Array.from({ length: 20 }, (_, i) => i));
      should(stream.restart).be.null();
    });

    it('that are no numbers are refused', () => {
      should(() => new GridStream(plan, 100).push(reading(NaN, 1))).throw(/time of a reading must be a number/);
    });
  });

  describe('seeded with known samples', () => {
    const seed: History = {
      startMs: T0,
      stepMs: MINUTE,
      timeZone: 'Europe/Berlin',
      target: Float64Array.from({ length: 300 }, (_, i) => i),
      others: [],
    };

    it('goes on from there', () => {
      const stream = new GridStream(plan, 5);
      stream.seed(seed);
      stream.history().should.containEql({ startMs: T0 + 295 * MINUTE });
      valuesOf(stream).should.eql([295, 296, 297, 298, 299]);
      pushAll(stream, minutes(300, 302));
      valuesOf(stream).should.eql([297, 298, 299, 300, 301]);
    });

    it('leaves what was seeded, and takes what comes after it', () => {
      const stream = new GridStream(plan, 1000);
      stream.seed(seed);
      const completed = pushAll(
        stream,
        minutes(0, 310, (i) => 1000 + i),
      );
      completed.slice(0, 300).should.eql(new Array(300).fill(0));
      valuesOf(stream).should.eql([...seed.target, ...Array.from({ length: 10 }, (_, i) => 1300 + i)]);
      stream.late.should.equal(0);
    });

    it('fills the time between, with the shape of the day before', () => {
      const stream = new GridStream(plan, 2000);
      const rhythm = (i: number): number => Math.sin((2 * Math.PI * i) / 1440);
      stream.seed({ ...seed, target: Float64Array.from({ length: 2000 }, (_, i) => rhythm(i)) });
      pushAll(stream, minutes(2200, 2202, rhythm)).should.eql([0, 202]);
      valuesOf(stream).forEach((value, i) => value.should.be.approximately(rhythm(202 + i), 1e-9));
    });

    it('begins anew where the device has put back its clock to a time before', () => {
      const stream = new GridStream(plan, 1000);
      stream.seed(seed);
      pushAll(stream, minutes(-5000, -4890));
      stream.length.should.equal(11);
      stream.restart!.reason.should.equal('clock-put-back');
    });

    it('refuses samples of another grid', () => {
      should(() => {
        new GridStream(plan, 5).seed({ ...seed, stepMs: 1000 });
      }).throw(/must have a step of 60000 ms and 0 further fields, got 1000 ms and 0/);
    });
  });

  describe('with further fields', () => {
    const wide: SeriesPlan = { ...plan, others: ['setpoint'] };

    it('waits until each has come once, then keeps its last value', () => {
      const stream = new GridStream(wide, 100);
      pushAll(stream, minutes(0, 5)).should.eql([0, 0, 0, 0, 0]);
      stream.push(reading(T0 + 5 * MINUTE, NaN, { setpoint: 40 })).should.equal(0);
      pushAll(stream, minutes(6, 9)).should.eql([1, 1, 1]);
      const { target, others } = stream.history();
      [[...target], [...others[0]!]].should.eql([
        [6, 7, 8],
        [40, 40, 40],
      ]);
    });
  });

  describe('against the grid of all readings at once', () => {
    const random = new Random(11);
    const cases: Record<string, { readonly readings: readonly Reading[]; readonly options?: Partial<SeriesOptions> }> =
      {
        'a logger that jitters, with gaps, repeats and a drift': {
          readings: Array.from({ length: 6000 }, (_, i) =>
            reading(T0 + i * 60_030 + random.uniform(-15_000, 15_000), random.normal(50, 3)),
          )
            .filter((_, i) => (i < 3000 || i > 3400) && (i < 500 || i > 520) && i % 97 !== 0)
            .sort((a, b) => a.timestampMs - b.timestampMs),
        },
        'readings every ten seconds': {
          readings: Array.from({ length: 6000 }, (_, i) => reading(T0 + i * 10_000, random.normal())).filter(
            (_, i) => i < 2000 || i > 2100,
          ),
        },
        'further fields, some missing, a derived target and a condition': {
          readings: Array.from({ length: 4000 }, (_, i) =>
            reading(T0 + i * MINUTE, i % 31 === 0 ? NaN : random.normal(5, 1), {
              ...(i % 7 === 0 ? { outlet: i } : {}),
              ...(i < 2000 || i > 2300 ? { outside: Math.sin(i / 200) } : {}),
              running: i % 500 < 450 ? 1 : 0,
              inlet: i + random.normal(),
            }),
          ),
          options: {
            field: 'drop',
            others: ['flow', 'outside'],
            derived: [{ name: 'drop', operation: 'difference', minuend: 'inlet', subtrahend: 'flow' }],
            judgeWhen: { field: 'running', comparison: '>', value: 0 },
          },
        },
        'an hour of readings, a pause too long to fill, and days of them': {
          readings: [...minutes(0, 60), ...minutes(10_000, 14_000, Math.sin)],
        },
      };

    for (const [name, { readings, options }] of Object.entries(cases)) {
      const table = toReadingTables(readings)[0]!;
      const all = regularGrid(table, { field: 'flow', stepMs: MINUTE, ...options });

      it(`ends with the same samples: ${name}`, () => {
        const stream = new GridStream(all.plan, 20_160);
        const completed = pushAll(stream, readings).reduce((sum, count) => sum + count, 0);
        const live = stream.history();
        live.startMs.should.equal(all.history.startMs);
        live.target.should.eql(all.history.target);
        live.others.should.eql(all.history.others);
        completed.should.equal(all.report.samples + all.report.droppedBefore);
        (all.report.filled + all.report.droppedBefore).should.be.above(0);
      });

      it(`goes on from a snapshot with the same bits: ${name}`, () => {
        const whole = new GridStream(all.plan, 1500);
        let cut = new GridStream(all.plan, 1500);
        readings.forEach((one, i) => {
          if (i % 333 === 50) {
            const snapshot = JSON.parse(JSON.stringify(cut.snapshot())) as JsonObject;
            cut = GridStream.restore(all.plan, 1500, snapshot);
            cut.snapshot().should.eql(snapshot);
          }
          cut.push(one).should.equal(whole.push(one));
        });
        copyOf(cut.history()).should.eql(copyOf(whole.history()));
        cut.snapshot().should.eql(whole.snapshot());
      });
    }
  });

  describe('a snapshot', () => {
    const kept = (): { stream: GridStream; snapshot: JsonObject } => {
      const stream = new GridStream(plan, 100);
      pushAll(stream, [...minutes(0, 80), reading(T0 + DAY, 5)]);
      return { stream, snapshot: JSON.parse(JSON.stringify(stream.snapshot())) as JsonObject };
    };

    it('is taken over by a window of another capacity', () => {
      const { snapshot } = kept();
      valuesOf(GridStream.restore(plan, 3, snapshot)).should.eql([77, 78, 79]);
      GridStream.restore(plan, 500, snapshot).length.should.equal(80);
    });

    it('of another plan begins anew', () => {
      const { snapshot } = kept();
      for (const change of [
        { field: 'pressure' },
        { stepMs: 1000 },
        { others: ['a'] },
        { aggregation: 'sum' } as const,
      ]) {
        GridStream.restore({ ...plan, ...change }, 100, snapshot).length.should.equal(0);
      }
      GridStream.restore({ ...plan, fillMs: 0 }, 100, snapshot).length.should.equal(80);
    });

    it('that is damaged, anywhere and anyhow, begins anew or goes on with numbers', () => {
      const places: (readonly string[])[] = [];
      const visit = (value: unknown, path: readonly string[]): void => {
        if (path.length > 0) places.push(path);
        if (typeof value !== 'object' || value === null) return;
        for (const [name, member] of Object.entries(value)) visit(member, [...path, name]);
      };
      visit(kept().snapshot, []);
      const damage = fc.oneof(
        fc.constantFrom(null, -1, 0.5, '', [], {}, 1e300, 'AAAA', undefined),
        fc.anything({ maxDepth: 1 }),
      );
      fc.assert(
        fc.property(fc.constantFrom(...places), damage, (path, value) => {
          const { snapshot } = kept();
          let place = snapshot as Record<string, unknown>;
          for (const name of path.slice(0, -1)) place = place[name] as Record<string, unknown>;
          place[path.at(-1)!] = value;
          const stream = GridStream.restore(plan, 100, snapshot);
          pushAll(stream, minutes(2000, 2020));
          stream.history().target.every(Number.isFinite).should.be.true();
          stream.length.should.be.within(0, 100);
        }),
        { numRuns: 500, seed: 3 },
      );
    });
  });
});
