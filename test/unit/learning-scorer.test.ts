import should from 'should';
import { Random } from '#lib/core/random';
import { LearningRows } from '#lib/detection/learning-rows';
import { LearningScorer, type LearningSettings } from '#lib/detection/learning-scorer';
import type { Anomaly } from '#lib/detection/anomaly';
import type { FeatureRow } from '#lib/readings/feature-row';

const settings: LearningSettings = {
  model: 'default',
  warmUpRows: 50,
  timeZone: 'UTC',
  fields: [],
  criticalScore: 0.79,
  contributions: 3,
};

/** A device's readings, one a second, through rows and scorer. */
class Device {
  readonly scorer: LearningScorer;
  readonly rows = new LearningRows();
  #second = 0;

  constructor(changes: Partial<LearningSettings> = {}) {
    this.scorer = new LearningScorer({ ...settings, ...changes });
  }

  row(values: Record<string, number>): FeatureRow {
    return this.rows.push({
      device: 'pump-07',
      timestampMs: Date.UTC(2026, 0, 1) + 1000 * this.#second++,
      values: new Map(Object.entries(values)),
    });
  }

  next(values: Record<string, number>): Anomaly {
    const row = this.row(values);
    const anomaly = this.scorer.judge(row, 'pump-07');
    this.scorer.learn(row);
    return anomaly;
  }
}

/** A device that has learned from 300 readings of flow and pressure. */
function trained(): { device: Device; random: Random } {
  const device = new Device();
  const random = new Random(1);
  for (let i = 0; i < 300; i++) device.next({ flow: random.normal(12), pressure: random.normal(4, 0.1) });
  return { device, random };
}

describe('learning as it goes', () => {
  it('says how far it is until it has learned from enough readings', () => {
    const device = new Device();
    const random = new Random(1);
    const first = device.next({ flow: 12 });
    should(first).eql({
      device: 'pump-07',
      model: { name: 'default', version: 0, algorithm: 'streaming' },
      timestamp: '2026-01-01T00:00:00.000Z',
      isAnomaly: false,
      score: null,
      rawScore: null,
      threshold: 0.7,
      severity: 'unknown',
      contributions: [],
      missing: [],
      note: 'learning: 0 of 50 readings',
    });
    for (let i = 1; i < 40; i++) device.next({ flow: random.normal(12) });
    should(device.next({ flow: 12 }).note).equal('learning: 40 of 50 readings');
    should(device.scorer.learned).equal(41);
    for (let i = 41; i < 50; i++) device.next({ flow: random.normal(12) });
    const judged = device.next({ flow: 12 });
    should(judged.severity).equal('normal');
    should(judged).not.have.property('note');
  });

  it('finds what is out of place, says which field and what was expected', () => {
    const { device } = trained();
    const anomaly = device.next({ flow: 12, pressure: 9 });
    should(anomaly.isAnomaly).be.true();
    should(anomaly.severity).equal('critical');
    should(anomaly.score).be.within(0.79, 1);
    const [main, other] = anomaly.contributions;
    should(main?.feature).equal('pressure');
    should(main?.share).be.above(0.9);
    should(main?.expected[0]).be.within(3, 4);
    should(main?.expected[1]).be.within(4, 5);
    should((main?.share ?? 0) + (other?.share ?? 0)).be.approximately(1, 1e-12);
  });

  it('judges what is there when a field is missing, and names it', () => {
    const { device } = trained();
    for (let i = 0; i < 30; i++) device.next({ flow: 12, pressure: 4, speed: i % 3 });
    const anomaly = device.next({ flow: 99, speed: 1 });
    should(anomaly.missing).eql(['pressure']);
    should(anomaly.isAnomaly).be.true();
  });

  it('says nothing when more than half of the usual fields are missing', () => {
    const device = new Device();
    const random = new Random(2);
    for (let i = 0; i < 100; i++) device.next({ a: random.normal(), b: random.normal(), c: random.normal() });
    const anomaly = device.next({ a: 99 });
    should(anomaly.severity).equal('unknown');
    should(anomaly.isAnomaly).be.false();
    should(anomaly.note).equal('Not judged: 2 of 3 fields are missing (b, c).');
  });

  it('soon no longer misses a field that has gone for good', () => {
    const { device, random } = trained();
    for (let i = 0; i < 100; i++) device.next({ flow: random.normal(12) });
    const anomaly = device.next({ flow: 99 });
    should(anomaly.missing).eql([]);
    should(anomaly.isAnomaly).be.true();
  });

  it('takes up a field that comes later, after a warm-up of its own', () => {
    const { device, random } = trained();
    const next = (speed: number): Anomaly =>
      device.next({ flow: random.normal(12), pressure: random.normal(4, 0.1), speed });
    should(next(50).isAnomaly).be.false();
    for (let i = 0; i < 60; i++) should(next(random.normal(50)).isAnomaly).be.false();
    should(next(1e6).isAnomaly).be.true();
  });

  it('knows messages that bring one field each', () => {
    const device = new Device();
    const random = new Random(3);
    let last: Anomaly | undefined;
    for (let i = 0; i < 400; i++) {
      last = device.next(i % 2 === 0 ? { flow: random.normal(12) } : { pressure: random.normal(4, 0.1) });
    }
    should(last?.severity).equal('normal');
    should(device.next({ flow: 99 }).isAnomaly).be.true();
  });

  it('leaves out ids, times and counters, unless they are named', () => {
    const reading = (i: number, flow: number): Record<string, number> => ({
      flow,
      pumpId: i === 0 ? 7 : 8,
      time: 1.7e9 + i,
      operatingHours: 1000 + i,
    });
    const device = new Device();
    const random = new Random(4);
    for (let i = 1; i < 300; i++) device.next(reading(i, random.normal(12)));
    const jumped = device.next({ ...reading(0, 12), time: 1.9e9, operatingHours: 9e9 });
    should(jumped.isAnomaly).be.false();
    jumped.contributions.map(({ feature }) => feature).should.eql(['flow']);

    const named = new Device({ fields: ['operatingHours'] });
    for (let i = 1; i < 300; i++) named.next(reading(i, random.normal(12)));
    should(named.next(reading(9_000_000, 12)).isAnomaly).be.true();
  });

  it('judges nothing while its condition does not hold', () => {
    const { device } = trained();
    const anomaly = device.scorer.judge({ ...device.row({ flow: 99, pressure: 99 }), verdict: 'not-now' }, 'pump-07');
    should(anomaly.severity).equal('unknown');
  });

  it('goes on after a restart as if there had been none, bit for bit', () => {
    const { device, random } = trained();
    const state = JSON.parse(JSON.stringify(device.scorer.snapshot())) as ReturnType<LearningScorer['snapshot']>;
    const restarted = LearningScorer.restore(settings, state);
    for (let i = 0; i < 300; i++) {
      const reading = { flow: random.normal(i % 50 === 0 ? 20 : 12), pressure: random.normal(4, 0.1), late: i };
      const row = device.row(reading);
      should(restarted.judge(row, 'pump-07')).eql(device.scorer.judge(row, 'pump-07'));
      device.scorer.learn(row);
      restarted.learn(row);
    }
    should(restarted.snapshot()).eql(device.scorer.snapshot());
  });

  it('refuses a damaged state', () => {
    const { device } = trained();
    const sound = JSON.stringify(device.scorer.snapshot());
    for (const [from, to] of [
      ['"flow"', '"flux"'],
      ['"count":300', '"count":-1'],
      ['"histograms":[', '"histograms":[7,'],
      ['"zeros":', '"zero":'],
    ] as const) {
      should(sound).containEql(from);
      const damaged = JSON.parse(sound.replace(from, to)) as ReturnType<LearningScorer['snapshot']>;
      should(() => LearningScorer.restore(settings, damaged)).throw(/must be|should be|must have/);
    }
  });

  it('is bounded in its fields, and safe with names that mean something to JavaScript', () => {
    const device = new Device();
    const odd = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`field ${i}`, i]));
    device.next({ ...odd, constructor: 1 });
    const row = device.rows.push({
      device: 'x',
      timestampMs: 0,
      values: new Map([
        ['__proto__', 1],
        ['toString', 2],
      ]),
    });
    device.scorer.judge(row, 'x');
    device.scorer.learn(row);
    should(JSON.stringify(device.scorer.snapshot()).length).be.below(1e6);
    should(({} as Record<string, unknown>).count).be.undefined();
  });
});

describe('rows for learning', () => {
  it('are late when they are older than the newest one, until the clock seems to have been put back', () => {
    const rows = new LearningRows();
    const push = (timestampMs: number): boolean =>
      rows.push({ device: 'pump-07', timestampMs, values: new Map() }).late;
    should([push(1000), push(2000), push(1500), push(2000)]).eql([false, false, true, false]);
    const late = Array.from({ length: 120 }, (_, i) => push(i));
    should(late.indexOf(false)).equal(99);
    should(late.slice(99)).matchEach(false);
  });
});
