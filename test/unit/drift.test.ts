// Over 300 lines: from the measure to the event, on the same signals.
import fc from 'fast-check';
import should from 'should';
import type { DetectorArtifact } from '#lib/core/artifact';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import type { JsonObject } from '#lib/core/json';
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { binOf, kolmogorovSmirnov, stabilityIndex } from '#lib/detection/drift/divergence';
import { DeviceDrift } from '#lib/detection/drift/device-drift';
import { type DriftFinding, DriftWatch } from '#lib/detection/drift/drift-watch';
import { type DeviceRows, referenceOf } from '#lib/detection/drift/reference';
import type { DriftEvent } from '#lib/detection/events';
import { Scorer } from '#lib/detection/scorer';
import { FeatureStream } from '#lib/readings/feature-stream';
import { readingsOf } from '#lib/readings/reading-tables';
import { train } from '#lib/training/train';
import { normalSignals } from '../support/signals';
import { MINUTE_MS } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const STEP_MS = 10 * MINUTE_MS;
const DAY_ROWS = 144;
const WINDOW_DAYS = 400 / DAY_ROWS;

type Signals = readonly (() => number)[];

const rhythm = (random: Random): (() => number) => {
  let row = 0;
  return () => 10 * Math.sin((2 * Math.PI * row++) / DAY_ROWS) + random.normal();
};

/** So many days of two fields with a daily rhythm, every ten minutes. */
function rowsOf(signals: Signals, days: number): DeviceRows {
  const rows = Math.round(days * DAY_ROWS);
  const data = Array.from({ length: rows }, () => signals.map((signal) => signal()));
  return {
    timestampsMs: Float64Array.from({ length: rows }, (_, row) => row * STEP_MS),
    valueAt: (feature, row) => data[row]![feature]!,
  };
}

const FEATURES = ['flow', 'pressure'];
const TRAINED_DAYS = 14;

/** A watch that has been trained on fourteen days, and the signals that go on. */
function watched(seed = 1) {
  const random = new Random(seed);
  const signals = [rhythm(random.fork()), rhythm(random.fork())];
  const reference = referenceOf(FEATURES, [rowsOf(signals, TRAINED_DAYS)], STEP_MS)!;
  let row = TRAINED_DAYS * DAY_ROWS;
  const next = (change: (values: number[]) => number[] = (values) => values) => ({
    timestampMs: STEP_MS * row++,
    values: change(signals.map((signal) => signal())),
  });
  return { reference, next };
}

/** Gives so many days of rows to a watch. */
function live(
  watch: DriftWatch,
  next: ReturnType<typeof watched>['next'],
  days: number,
  change?: (values: number[]) => number[],
) {
  const findings: DriftFinding[] = [];
  for (let i = 0; i < days * DAY_ROWS; i++) {
    const { timestampMs, values } = next(change);
    const finding = watch.push(timestampMs, values);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

const changes = (findings: readonly DriftFinding[]): string[] =>
  findings.flatMap(({ change, features }) => (change === null ? [] : [`${change}: ${features[0]!.feature}`]));
const moved = ([flow, pressure]: number[]): number[] => [flow!, pressure! + 12];

describe('the divergence of two distributions', () => {
  it('is as scipy 1.17.1 (ks_2samp) and the index’s formula say', () => {
    kolmogorovSmirnov([5, 3, 0, 2], [1, 4, 3, 2]).should.be.approximately(0.4, 1e-12);
    stabilityIndex([5, 3, 0, 2], [1, 4, 3, 2]).should.be.approximately(0.9405147343306575, 1e-12);
  });

  it('is never negative, symmetric, and 0 between equals', () => {
    const counts = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        for (const divergence of [stabilityIndex, kolmogorovSmirnov]) {
          divergence(a, a).should.be.approximately(0, 1e-12);
          divergence(a, b).should.be.aboveOrEqual(0).and.be.approximately(divergence(b, a), 1e-12);
        }
      }),
      { seed: 1 },
    );
  });

  it('counts a value in the bin up to whose edge it reaches', () => {
    [0, 1, 1.5, 2, 9].map((value) => binOf([1, 2], value)).should.eql([0, 0, 1, 1, 2]);
    binOf([], 5).should.equal(0);
  });
});

describe('the reference of a training', () => {
  it('shares the rows evenly between ten bins', () => {
    const { distributions } = watched().reference;
    for (const { edges, counts } of distributions) {
      edges.should.have.length(9);
      for (const count of counts) (count / (TRAINED_DAYS * DAY_ROWS)).should.be.approximately(0.1, 0.01);
    }
  });

  it('knows how much of a difference is normal where days differ by themselves', () => {
    const random = new Random(2);
    let level = 0;
    const wanders = (): number => (level = 0.999 * level + random.normal());
    const { distributions } = referenceOf(FEATURES, [rowsOf([rhythm(random), wanders], 30)], STEP_MS)!;
    const [steady, wandering] = distributions;
    steady!.indexLimit.should.equal(0.25);
    wandering!.indexLimit.should.be.above(1);
    wandering!.distanceLimit.should.be.within(0.3, 1);
  });

  it('needs to have seen three windows of a day, or of 400 rows where these take longer', () => {
    const random = new Random(3);
    const days = (count: number) => referenceOf(FEATURES, [rowsOf([rhythm(random), rhythm(random)], count)], STEP_MS);
    should(days(2.5 * WINDOW_DAYS)).be.null();
    days(4 * WINDOW_DAYS)!.windowMs.should.equal(400 * STEP_MS);
    should(referenceOf(FEATURES, [rowsOf([rhythm(random), rhythm(random)], 30)], 0)).be.null();
  });

  it('leaves a feature out of which too few days are known', () => {
    const random = new Random(1);
    const { timestampsMs, valueAt } = rowsOf([rhythm(random), rhythm(random)], 14);
    const known = (row: number): boolean => row >= 12 * DAY_ROWS;
    const rows = { timestampsMs, valueAt: (f: number, row: number) => (f === 0 || known(row) ? valueAt(f, row) : NaN) };
    referenceOf(FEATURES, [rows], STEP_MS)!.distributions.map(({ feature }) => feature).should.eql(['flow']); // prettier-ignore
  });

  it('sees a constant stray, but not its last digits', () => {
    const { distributions } = referenceOf(['level'], [rowsOf([() => -50], 14)], STEP_MS)!;
    distributions[0]!.edges.should.eql([-50.5, -49.5]);
  });
});

describe('the watch for a drift', () => {
  it('is silent over weeks that are like those of training', () => {
    const { reference, next } = watched();
    const findings = live(new DriftWatch(reference), next, 60);
    findings.length.should.be.above(60);
    changes(findings).should.eql([]);
    Math.max(...findings.map(({ features }) => features[0]!.level)).should.be.below(1);
  });

  it('tells one drift once, when it has lasted for longer than a window, and its end', () => {
    const { reference, next } = watched();
    const watch = new DriftWatch(reference);
    changes(live(watch, next, 10)).should.eql([]);
    changes(live(watch, next, WINDOW_DAYS, moved)).should.eql([]);
    changes(live(watch, next, 30, moved)).should.eql(['began: pressure']);
    watch.isOn.should.be.true();
    changes(live(watch, next, 30))
      .join()
      .should.match(/^ended: [a-z]+$/);
    watch.isOn.should.be.false();
  });

  it('takes a disturbance of a few hours for none', () => {
    const { reference, next } = watched();
    const watch = new DriftWatch(reference);
    live(watch, next, 10);
    live(watch, next, WINDOW_DAYS / 5, ([flow, pressure]) => [flow! + 100, pressure! - 100]);
    changes(live(watch, next, 20)).should.eql([]);
  });

  it('says nothing before a window is full, nor of one with holes', () => {
    const { reference, next } = watched();
    live(new DriftWatch(reference), next, 0.9 * WINDOW_DAYS).should.eql([]);
    const watch = new DriftWatch(reference);
    for (let i = 0; i < 10; i++) {
      // Half a window of rows, then silence for two.
      live(watch, next, WINDOW_DAYS / 2, moved).should.eql([]);
      for (let row = 0; row < 800; row++) next();
    }
  });

  it('goes on where it was cut off, bit for bit', () => {
    const straight = watched();
    const cut = watched();
    const whole = new DriftWatch(straight.reference);
    let part = new DriftWatch(cut.reference);
    for (let piece = 0; piece < 40; piece++) {
      const change = piece > 10 && piece < 30 ? moved : undefined;
      const expected = live(whole, straight.next, 0.9, change);
      live(part, cut.next, 0.9, change).should.eql(expected);
      part = new DriftWatch(cut.reference, JSON.parse(JSON.stringify(part.snapshot())) as JsonObject);
    }
    part.snapshot().should.eql(whole.snapshot());
  });

  it('begins anew with a state that is damaged or of other features', () => {
    const { reference, next } = watched();
    const watch = new DriftWatch(reference);
    live(watch, next, 10);
    const state = watch.snapshot();
    const fresh = new DriftWatch(reference).snapshot();
    for (const damaged of [{}, { ...state, counts: [[1]] }, { ...state, rows: 'many' }, { ...state, counts: [] }]) {
      new DriftWatch(reference, damaged).snapshot().should.eql(fresh);
    }
  });
});

describe('the drift of a device', () => {
  const FIELDS = ['a', 'b'];
  const TRAINED = 5 * 1440;
  const signals = (): Signals => {
    const random = new Random(7);
    return FIELDS.map(() => normalSignals['a daily rhythm, by the minute']!(random.fork()));
  };

  async function artifactOf(rows = TRAINED): Promise<DetectorArtifact> {
    const [a, b] = signals();
    const table: ReadingTable = {
      device: 'pump-1',
      fields: FIELDS,
      timestampsMs: Float64Array.from({ length: rows }, (_, row) => row * MINUTE_MS),
      data: Float64Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? a!() : b!())),
    };
    return train(detectionRequest({ algorithm: 'mad', tables: [table] }));
  }

  /** Ten days after training, of which the third to the sixth are off; @returns events, and the levels in the verdicts */
  function play(artifacts: readonly DetectorArtifact[], restartAt: readonly number[] = []) {
    const scorers = artifacts.map(
      (artifact) => new Scorer({ artifact, threshold: null }, { criticalScore: 0.79, contributions: 0 }),
    );
    const stream = new FeatureStream(artifacts[0]!.pipeline);
    const [a, b] = signals();
    for (let row = 0; row < TRAINED; row++) [a!(), b!()];
    let drift = new DeviceDrift();
    const events: DriftEvent[] = [];
    const data = Float64Array.from({ length: 2 * 10 * 1440 }, (_, i) => {
      const day = i / 2 / 1440;
      return i % 2 === 0 ? a!() : b!() + (day >= 2 && day < 6 ? 15 : 0);
    });
    const timestampsMs = Float64Array.from({ length: 10 * 1440 }, (_, row) => (TRAINED + row) * MINUTE_MS);
    const levels: (number | undefined)[] = [];
    let row = 0;
    for (const reading of readingsOf({ device: 'pump-1', fields: FIELDS, timestampsMs, data })) {
      const scorer = scorers[Math.floor((row / timestampsMs.length) * scorers.length)]!;
      const features = stream.push(reading)!;
      events.push(...drift.observe(scorer.learned, features, scorer.judge(features, 'pump-1')));
      levels.push(drift.latest?.level);
      if (restartAt.includes(row++)) drift = DeviceDrift.restore(JSON.parse(JSON.stringify(drift.snapshot())) as never);
    }
    return { events, levels };
  }

  it('is one event that says what has drifted and what to do, and one when it is over', async () => {
    const { events, levels } = play([await artifactOf()]);
    should(events.map(({ type, severity, text }) => [type, severity, text])).eql([
      ['drift', 'warning', 'pump-1: readings of b have moved away from what pump-health learned; train it again.'],
      ['cleared', 'normal', 'pump-1: readings are again like those that pump-health learned from.'],
    ]);
    const [began, ended] = events as [DriftEvent, DriftEvent];
    ended.id.should.equal(began.id);
    const day = (iso: string): number => Date.parse(iso) / 86_400_000 - TRAINED / 1440;
    day(began.since).should.be.within(2, 2.5);
    day(ended.until!).should.be.within(6, 9);
    const worst = began.features.find(({ feature }) => feature === 'b')!;
    worst.stabilityIndex.should.be.above(0.5);
    worst.distance.should.be.within(0.3, 1);
    should(levels[1000]).be.undefined();
    levels[1.9 * 1440]!.should.be.below(0.75);
    levels[5 * 1440]!.should.be.above(2);
  });

  it('survives restarts', async () => {
    const artifact = await artifactOf();
    play([artifact], [700, 3500, 5000, 5001, 9500]).should.eql(play([artifact]));
  });

  it('ends when another version takes over', async () => {
    const [first, second] = [await artifactOf(), await artifactOf(4 * 1440)];
    const { events } = play([first, second]);
    should(events.map(({ type }) => type)).eql(['drift', 'cleared']);
    events[1]!.text.should.match(/another version of pump-health is in use/);
  });

  it('ends when a model takes over that knows no usual days, and is told of no more', async () => {
    const { reference, ...old } = await artifactOf();
    const { events, levels } = play([{ ...old, reference: reference! }, old]);
    should(events.map(({ type }) => type)).eql(['drift', 'cleared']);
    events[1]!.text.should.match(/drift is not watched any more/);
    should(levels.at(-1)).be.undefined();
  });

  it('is not seen in scores that are higher than those of the rows that a model was fitted on', async () => {
    const random = new Random(5);
    const fields = Array.from({ length: 8 }, (_, f) => `f${f}`);
    const rows = 1300;
    const tableOf = (from: number, count: number): ReadingTable => ({
      device: 'pump-1',
      fields,
      timestampsMs: Float64Array.from({ length: count }, (_, row) => (from + row) * STEP_MS),
      data: Float64Array.from({ length: count * fields.length }, () => random.normal()),
    });
    const artifact = await train(detectionRequest({ algorithm: 'auto', tables: [tableOf(0, rows)] }));
    const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: 0.79, contributions: 0 });
    const stream = new FeatureStream(artifact.pipeline);
    const drift = new DeviceDrift();
    const events: DriftEvent[] = [];
    for (const reading of readingsOf(tableOf(rows, 5000))) {
      const row = stream.push(reading)!;
      events.push(...drift.observe(scorer.learned, row, scorer.judge(row, 'pump-1')));
    }
    should(drift.latest).not.be.undefined();
    should(events).eql([]);
  });

  it('can be reset', () => {
    const drift = DeviceDrift.restore({
      reference: 'x',
      watch: {},
      open: { id: 'pump-health/pump-1/drift/x', since: '2026-01-01T00:00:00.000Z', features: [] },
    });
    const model = { name: 'pump-health', version: 1, algorithm: 'mad' };
    const ended = drift.end('pump-1', model, '2026-01-02T00:00:00.000Z');
    should(ended).containDeep([
      { type: 'cleared', id: 'pump-health/pump-1/drift/x', until: '2026-01-02T00:00:00.000Z' },
    ]);
    should(drift.end('pump-1', model, '2026-01-02T00:00:00.000Z')).eql([]);
  });

  it('is not noticed without a reference: an old model, or one that was trained on too short a time', async () => {
    const artifact = await artifactOf();
    const { reference, ...old } = artifact;
    should(reference).not.be.undefined();
    should(play([old])).eql({ events: [], levels: new Array<undefined>(14_400).fill(undefined) });
    decodeArtifact(encodeArtifact(artifact)).should.containEql({ reference });
    decodeArtifact(encodeArtifact(old)).should.not.have.property('reference');
  });
});
