import should from 'should';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import { StateReader } from '#lib/core/state-reader';
import { makeTable } from '#lib/core/table';
import { StreamingDetector, streaming } from '#lib/detectors/streaming';
import { zoneOffset } from '#lib/readings/time-zone';
import { normalSignals } from '../support/signals';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);
/** Raw score from which a reading is an anomaly: less probable than 1 in 1,000. */
const THRESHOLD = 3;

/** A detector of one field, its clock, and the noise of its signal. */
class Watch {
  detector: StreamingDetector;
  readonly random = new Random(1);

  constructor(
    readonly stepMs: number,
    readonly zone = 'UTC',
    public nowMs = START_MS,
  ) {
    this.detector = new StreamingDetector(100, zoneOffset(zone));
    this.detector.add('x');
  }

  judge(value: number): number {
    return this.detector.score(makeTable(['x'], Float64Array.of(value)), this.nowMs)[0]!;
  }

  /** Judges a value as the next one, then lets it be learned. */
  next(value: number): number {
    const score = this.judge(value);
    this.detector.learnOne(Float64Array.of(value), this.nowMs);
    this.nowMs += this.stepMs;
    return score;
  }

  /** @returns the scores of a signal, by local time, up to a moment */
  until(endMs: number, signal: (localMs: number) => number): number[] {
    const offset = zoneOffset(this.zone);
    const scores: number[] = [];
    while (this.nowMs < endMs) scores.push(this.next(signal(this.nowMs + offset(this.nowMs))));
    return scores;
  }

  restart(): void {
    const { scalars } = JSON.parse(JSON.stringify(this.detector.snapshot())) as { scalars: JsonObject };
    const reader = new StateReader(streaming.id, { scalars, tensors: {} });
    this.detector = StreamingDetector.restore(reader, 100, zoneOffset(this.zone));
  }
}

const hourOf = (localMs: number): number => (localMs % DAY_MS) / HOUR_MS;
const isWeekend = (localMs: number): boolean => (Math.floor(localMs / DAY_MS) + 3) % 7 >= 5;
const anomaliesIn = (scores: readonly number[]): number => scores.filter((score) => score >= THRESHOLD).length;

/** A plant that works from 6 to 18 o'clock, on weekdays. */
const shifts =
  (random: Random) =>
  (localMs: number): number =>
    (hourOf(localMs) >= 6 && hourOf(localMs) < 18 && !isWeekend(localMs) ? 100 : 20) + random.normal();

describe('the calendar of the streaming detector', () => {
  for (const stepMinutes of [1, 5, 15, 60]) {
    it(`knows hours and weekdays, with a reading every ${stepMinutes} min`, () => {
      const watch = new Watch(stepMinutes * MINUTE_MS);
      const usual = shifts(watch.random);
      watch.until(START_MS + 25 * DAY_MS, usual);
      const weeks = watch.until(START_MS + 33 * DAY_MS + 8 * HOUR_MS, usual);
      should(anomaliesIn(weeks)).be.belowOrEqual(weeks.length / 100);
      // Saturday, eight o'clock: the plant works.
      const wrong = watch.until(START_MS + 33 * DAY_MS + 12 * HOUR_MS, () => watch.random.normal(100));
      should(anomaliesIn(wrong)).be.above(0);
      should(Math.max(...wrong)).be.above(THRESHOLD + 1);
    });
  }

  it('says what was to be expected at this hour', () => {
    const watch = new Watch(5 * MINUTE_MS);
    watch.until(START_MS + 21 * DAY_MS + 3 * HOUR_MS, shifts(watch.random));
    const { low, high } = watch.detector.explain(Float64Array.of(100), watch.nowMs);
    should(low[0]).be.within(10, 20);
    should(high[0]).be.within(20, 30);
  });

  it('goes by the clock on the wall when that is put forward', () => {
    const changeMs = Date.UTC(2026, 2, 29, 1);
    const berlin = zoneOffset('Europe/Berlin');
    const [byWall, byUtc] = ['Europe/Berlin', 'UTC'].map((zone) => {
      const watch = new Watch(5 * MINUTE_MS, zone, changeMs - 28 * DAY_MS);
      const usual = shifts(watch.random);
      watch.until(changeMs, () => usual(watch.nowMs + berlin(watch.nowMs)));
      // The Monday after, ten past seven in the evening: work ended an hour ago.
      const scores = watch.until(Date.UTC(2026, 2, 30, 17, 10), () => usual(watch.nowMs + berlin(watch.nowMs)));
      should(anomaliesIn(scores)).equal(0);
      return watch.detector.explain(Float64Array.of(20), watch.nowMs).high[0];
    });
    should(byWall).be.within(20, 40);
    should(byUtc).be.above(60);
  });

  it('leaves verdicts as they are without it for the first day', () => {
    const [timed, timeless] = [new Watch(10_000), new Watch(10_000)];
    const signal = normalSignals['sluggish noise']!(new Random(2));
    for (let i = 0; i < 8000; i++) {
      const value = signal();
      const score = timed.next(value);
      should(timeless.detector.score(makeTable(['x'], Float64Array.of(value)))[0]).equal(score);
      timeless.detector.learnOne(Float64Array.of(value));
    }
  });

  it('begins anew with a state that has none, as earlier versions wrote it', () => {
    const watch = new Watch(5 * MINUTE_MS);
    for (let i = 0; i < 500; i++) watch.detector.learnOne(Float64Array.of(watch.random.normal()));
    should(JSON.stringify(watch.detector.snapshot())).not.containEql('calendar');
    watch.restart();
    watch.until(START_MS + 10 * DAY_MS, shifts(watch.random));
    should(JSON.stringify(watch.detector.snapshot())).containEql('calendar');
  });

  it('goes on after a restart as if there had been none, bit for bit', () => {
    for (const [stepMs, days] of [
      [5 * MINUTE_MS, 6],
      [MINUTE_MS, 3],
      [HOUR_MS, 12],
    ] as const) {
      for (const kind of ['a daily rhythm, by the minute', 'a few counts now and then', 'a random walk']) {
        const [straight, restarted] = [new Watch(stepMs), new Watch(stepMs)];
        const signal = normalSignals[kind]!(new Random(3));
        const endMs = START_MS + days * DAY_MS;
        for (let i = 0; straight.nowMs < endMs; i++) {
          const value = i % 97 === 0 ? 50 : signal();
          if (i % 331 === 0) restarted.restart();
          should(restarted.next(value)).equal(straight.next(value));
        }
        should(restarted.detector.snapshot()).eql(straight.detector.snapshot());
      }
    }
  });

  it('is at ease with constants, with counts and with pauses', () => {
    const constant = new Watch(5 * MINUTE_MS);
    should(Math.max(...constant.until(START_MS + 8 * DAY_MS, () => 7))).be.below(1.5);
    const counts = new Watch(5 * MINUTE_MS);
    const signal = normalSignals['whole numbers']!(counts.random);
    should(anomaliesIn(counts.until(START_MS + 8 * DAY_MS, signal))).be.below(5);
    counts.nowMs += 3 * DAY_MS + 7 * MINUTE_MS;
    should(anomaliesIn(counts.until(counts.nowMs + DAY_MS, signal))).be.below(5);
  });

  it('survives the largest and the smallest of numbers, and a clock that jumps', () => {
    const watch = new Watch(7 * MINUTE_MS);
    const odd = [0, -0, 5e-324, 1e-300, 3e38, -3e38, 1e308, -1e308, Number.MAX_VALUE, 1];
    for (let i = 0; i < 3000; i++) {
      if (i % 500 === 0) watch.nowMs = i % 1000 === 0 ? -1e12 : 8e14;
      should(watch.next(odd[(i * 7 + (i >> 4)) % odd.length]!)).be.within(0, 30);
      if (i % 1000 === 999) watch.restart();
    }
  });

  it('refuses a damaged state', () => {
    const watch = new Watch(5 * MINUTE_MS);
    watch.until(START_MS + 3 * DAY_MS, shifts(watch.random));
    const sound = JSON.stringify(watch.detector.snapshot().scalars);
    for (const [from, to] of [
      ['"calendar":{', '"calendar":7,"x":{'],
      ['"steps":{', '"steps":[],"x":{'],
      ['"slots":"', '"slots":"AAAA'],
      ['"numbers":"', '"numbers":"AAAA'],
      ['"recent":[]', '"recent":[-1]'],
    ] as const) {
      should(sound).containEql(from);
      const scalars = JSON.parse(sound.replace(from, to)) as JsonObject;
      should(() => StreamingDetector.restore(new StateReader(streaming.id, { scalars, tensors: {} }))).throw(/must be/);
    }
  });

  it('takes little room, kept or not', () => {
    const watch = new Watch(5 * MINUTE_MS);
    watch.until(START_MS + 15 * DAY_MS, shifts(watch.random));
    should(JSON.stringify(watch.detector.snapshot()).length).be.below(7500);
  });
});
