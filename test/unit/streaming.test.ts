import should from 'should';
import { Random } from '#lib/core/random';
import { makeTable } from '#lib/core/table';
import { StreamingDetector, streaming } from '#lib/detectors/streaming';
import { normalSignals } from '../support/signals';

/** Raw score from which a reading is an anomaly: less probable than 1 in 1,000. */
const THRESHOLD = 3;
const ALARM_AFTER = 3;

/** Judges a value as the next one of a detector's only feature, then lets it be learned. */
function next(detector: StreamingDetector, value: number): number {
  const row = Float64Array.of(value);
  const score = detector.score(makeTable(detector.features, row))[0]!;
  detector.learnOne(row);
  return score;
}

function detectorOf(...features: string[]): StreamingDetector {
  const detector = new StreamingDetector(100);
  for (const feature of features) detector.add(feature);
  return detector;
}

/** How many anomalous readings, and how many runs of them that raise an alarm, among `rows` normal ones. */
function falseAlarms(kind: string, seed: number, rows: number): { anomalies: number; alarms: number } {
  const signal = normalSignals[kind]!(new Random(seed));
  const detector = detectorOf('x');
  let [anomalies, alarms, run] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    run = next(detector, signal()) >= THRESHOLD ? run + 1 : 0;
    if (run > 0) anomalies++;
    if (run === ALARM_AFTER) alarms++;
  }
  return { anomalies, alarms };
}

describe('the streaming detector, on normal signals,', () => {
  /** Most false alarms in 3 × 20,000 readings; where none are named, there must be none at all. */
  const allowed: Record<string, number> = {
    'a random walk': 1,
    'sluggish noise': 1,
    'a slow temperature in tenths': 1,
    'on and off, every minute or so': 4,
    'a constant that begins to vary': 5,
    'on and off, every few hours': 6,
    'a switch on a timer': 3,
    'setpoints that change': 15,
    'a tank that empties and is filled': 12,
  };
  for (const kind of Object.keys(normalSignals)) {
    it(`does not flood with alarms: ${kind}`, () => {
      const runs = [1, 2, 3].map((seed) => falseAlarms(kind, seed, 20_000));
      const alarms = runs.reduce((sum, run) => sum + run.alarms, 0);
      const anomalies = runs.reduce((sum, run) => sum + run.anomalies, 0);
      should(alarms).be.belowOrEqual(allowed[kind] ?? 0);
      should(anomalies).be.below(60_000 * (alarms === 0 ? 0.001 : 0.02));
    });
  }
});

describe('the streaming detector, on faults,', () => {
  /** Scores of a fault's readings, in a signal that has been learned for 3,000 readings. */
  function scoresOf(kind: string, seed: number, rows: number, fault: (x: number, i: number) => number): number[] {
    const random = new Random(seed);
    const signal = normalSignals[kind]!(random);
    const detector = detectorOf('x');
    let last = 0;
    for (let i = 0; i < 3000; i++) next(detector, (last = signal()));
    return Array.from({ length: rows }, (_, i) => next(detector, fault(fault.length === 0 ? last : signal(), i)));
  }
  const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);
  const alarmAt = (scores: number[]): number =>
    scores.findIndex((_, i) => i >= 2 && scores.slice(i - 2, i + 1).every((score) => score >= THRESHOLD));

  it('sees a spike of six deviations at once, and seldom raises an alarm for it', () => {
    const runs = seeds.map((seed) => scoresOf('white noise', seed, 40, (x, i) => (i === 0 ? x + 6 : x)));
    should(runs.filter(([first]) => first! >= THRESHOLD).length).be.aboveOrEqual(18);
    should(runs.filter((scores) => alarmAt(scores) >= 0).length).be.belowOrEqual(1);
  });

  it('sees a shift of five deviations within ten readings, one of three within twenty', () => {
    for (const [deviations, within] of [
      [5, 10],
      [3, 20],
    ] as const) {
      const delays = seeds.map((seed) => alarmAt(scoresOf('white noise', seed, 60, (x) => x + deviations)));
      should(delays.filter((delay) => delay >= 0 && delay < within).length).be.aboveOrEqual(19);
    }
  });

  it('sees a sensor that is stuck within fifteen readings', () => {
    for (const kind of ['white noise', 'a daily rhythm, by the minute', 'on and off, every minute or so']) {
      const delays = seeds.map((seed) => {
        const random = new Random(seed);
        const signal = normalSignals[kind]!(random);
        const detector = detectorOf('x');
        let last = 0;
        for (let i = 0; i < 3000; i++) next(detector, (last = signal()));
        return alarmAt(Array.from({ length: 40 }, () => next(detector, last)));
      });
      should(delays.filter((delay) => delay >= 0 && delay < 15).length).equal(20);
    }
  });

  it('sees noise that becomes three times as strong within fifty readings', () => {
    const delays = seeds.map((seed) => alarmAt(scoresOf('white noise', seed, 60, (x) => 20 + 3 * (x - 20))));
    should(delays.filter((delay) => delay >= 0 && delay < 50).length).be.aboveOrEqual(18);
  });

  it('does not learn a fault at once, but in the end', () => {
    for (const seed of [1, 2, 3]) {
      const scores = scoresOf('white noise', seed, 3000, (x) => x + 10);
      should(scores.slice(5, 150).filter((score) => score < THRESHOLD).length).be.below(8);
      should(scores.slice(2000).filter((score) => score >= THRESHOLD).length).be.below(10);
    }
  });

  it('sees a large shift soon after its warm-up, and does not learn it at once either', () => {
    const runs = seeds.map((seed) => {
      const random = new Random(seed);
      const detector = detectorOf('x');
      for (let i = 0; i < 150; i++) next(detector, random.normal());
      return Array.from({ length: 45 }, () => next(detector, random.normal(10)));
    });
    should(runs.filter((scores) => alarmAt(scores) >= 0 && alarmAt(scores) < 10).length).be.aboveOrEqual(18);
    should(runs.filter((scores) => scores.at(-1)! >= THRESHOLD).length).be.aboveOrEqual(17);
  });

  it('is not made blind by a fault that has passed', () => {
    for (const seed of [1, 2, 3]) {
      const isFault = (i: number): boolean => i < 60 || i >= 400;
      const scores = scoresOf('white noise', seed, 440, (x, i) => (isFault(i) ? x + 10 : x));
      should(alarmAt(scores.slice(400))).be.within(2, 10);
    }
  });
});

describe('the streaming detector', () => {
  it('does not judge before its warm-up is over', () => {
    const detector = detectorOf('x');
    for (let i = 0; i < 99; i++) should(next(detector, i % 7)).equal(0);
    next(detector, 3);
    should(next(detector, 1e6)).be.above(THRESHOLD);
  });

  it('gives a feature that is added later a warm-up of its own', () => {
    const detector = detectorOf('x');
    const random = new Random(1);
    for (let i = 0; i < 500; i++) next(detector, random.normal());
    detector.add('y');
    const score = (y: number): number => {
      const row = Float64Array.of(random.normal(), y);
      const [raw] = detector.score(makeTable(detector.features, row));
      detector.learnOne(row);
      return raw!;
    };
    for (let i = 0; i < 99; i++) should(score(1e9 * random.normal())).be.below(THRESHOLD);
    score(0);
    should(detector.learnedOf(0)).equal(600);
    should(detector.learnedOf(1)).equal(100);
    should(score(1e15)).be.above(THRESHOLD);
  });

  it('makes the same of a reading with something missing as of one without that field', () => {
    const [both, one] = [detectorOf('x', 'y'), detectorOf('x')];
    const random = new Random(2);
    for (let i = 0; i < 300; i++) {
      const x = random.normal();
      const row = Float64Array.of(x, NaN);
      should(both.score(makeTable(both.features, row))[0]).equal(next(one, x));
      both.learnOne(row);
    }
    should(both.learnedOf(1)).equal(0);
  });

  it('learns nothing from judging', () => {
    const detector = detectorOf('x');
    const random = new Random(3);
    for (let i = 0; i < 500; i++) next(detector, random.normal());
    const before = JSON.stringify(detector.snapshot());
    const table = makeTable(['x'], Float64Array.of(1, 50, NaN, -3));
    const scores = detector.score(table);
    detector.explain(Float64Array.of(50));
    should(detector.score(table)).eql(scores);
    should(JSON.stringify(detector.snapshot())).equal(before);
  });

  it('goes on after a restart as if there had been none, bit for bit', () => {
    for (const kind of Object.keys(normalSignals)) {
      for (const cut of [5, 16, 60, 1500]) {
        const signal = normalSignals[kind]!(new Random(4));
        let restarted = detectorOf('x');
        const straight = detectorOf('x');
        for (let i = 0; i < cut + 300; i++) {
          const x = signal();
          if (i === cut) {
            const { scalars } = JSON.parse(JSON.stringify(restarted.snapshot())) as ReturnType<
              StreamingDetector['snapshot']
            >;
            restarted = streaming.restore({ scalars, tensors: {} }, 1, { warmUp: 100 }) as StreamingDetector;
          }
          should(next(restarted, x)).equal(next(straight, x));
        }
        should(restarted.snapshot()).eql(straight.snapshot());
      }
    }
  });

  it('expects what usually comes, below zero only where that was seen', () => {
    const detector = detectorOf('flow', 'temperature');
    const random = new Random(5);
    for (let i = 0; i < 2000; i++) detector.learnOne(Float64Array.of(Math.abs(random.normal(0.5)), random.normal()));
    const { shares, low, high } = detector.explain(Float64Array.of(9, 0));
    should(shares[0]).be.above(0.99);
    should(low[0]).equal(0);
    should(high[0]).be.within(1.5, 5);
    should(low[1]).be.within(-5, -2);
    should(high[1]).be.within(2, 5);
  });

  it('survives the largest and the smallest of numbers', () => {
    const detector = detectorOf('x');
    const odd = [0, -0, 5e-324, 1e-300, 3e38, -3e38, 1e308, -1e308, Number.MAX_VALUE, 1];
    for (let i = 0; i < 2000; i++) should(next(detector, odd[(i * 7 + (i >> 4)) % odd.length]!)).be.within(0, 30);
    for (const value of [...detector.explain(Float64Array.of(1)).low]) should(value).be.Number().and.not.be.NaN();
  });
});
