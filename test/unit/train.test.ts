// Over 300 lines: one function, from readings to a version, on the same telemetry.
import should from 'should';
import type { DetectorArtifact } from '#lib/core/artifact';
import { encodeArtifact } from '#lib/core/codec';
import { IN_ALARM_LABEL, type ReadingTable } from '#lib/core/readings';
import { probability } from '#lib/detection/calibration';
import { scoreOf } from '#lib/detection/score';
import { FeatureStream } from '#lib/readings/feature-stream';
import { readingsOf } from '#lib/readings/reading-tables';
import { detector, detectors } from '#lib/registry';
import { train } from '#lib/training/train';
import { Trainer } from '#lib/training/trainer';
import type { DetectionRequest } from '#lib/training/request';
import { MINUTE_MS, START_MS, telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

function request(changes: Partial<DetectionRequest> = {}): DetectionRequest {
  return detectionRequest({ algorithm: 'isolation-forest', tables: [telemetry({ rows: 2000 })], ...changes });
}

/** Scores readings as live ones are scored. */
function scores({ algorithm, state, pipeline, calibration }: DetectorArtifact, table: ReadingTable): number[] {
  const model = detector(algorithm.id).restore(state, algorithm.stateVersion, algorithm.params);
  const stream = new FeatureStream(pipeline);
  return [...readingsOf(table)].map((reading) => {
    const row = stream.push(reading)!;
    const x = { columns: model.features, rows: 1, data: row.values };
    return scoreOf(probability(calibration, model.score(x)[0]!));
  });
}

describe('training', () => {
  for (const algorithm of [...detectors.map(({ id }) => id), 'auto']) {
    it(`with ${algorithm} finds planted faults and leaves normal readings in peace`, async () => {
      const artifact = await train(request({ algorithm }));
      artifact.card.threshold.should.equal(0.7);
      artifact.card.active.should.be.true();
      const live = telemetry({ rows: 2000, seed: 8, leak: { from: 1500, to: 1600 } });
      const isAnomaly = scores(artifact, live).map((score) => score >= artifact.card.threshold);
      const anomalies = (from: number, to: number): number => isAnomaly.slice(from, to).filter(Boolean).length;
      anomalies(0, 1500).should.be.belowOrEqual(15);
      anomalies(1510, 1600).should.equal(90);
    });
  }

  it('says what it made', async () => {
    const { name, device, version, createdMs, pipeline, card } = await train(request());
    should({ name, device, version, createdMs }).eql({
      name: 'pump-health',
      device: 'pump-1',
      version: 0,
      createdMs: 0,
    });
    pipeline.fields.should.eql(['flow', 'pressure', 'current', 'temperature']);
    should(card).containEql({
      name: 'pump-health',
      device: 'pump-1',
      algorithm: 'isolation-forest',
      features: ['flow', 'pressure', 'current', 'temperature'],
      rows: 2000,
      span: { from: '2026-05-04T00:00:00.000Z', to: '2026-05-05T09:19:00.000Z' },
      stepMs: MINUTE_MS,
      seed: 1,
    });
    should(card.metrics).containEql({ fittedRows: 2000, heldOutRows: 2000 });
    // 1.33 readings a day are anomalies; alarms take three of them in a row.
    card.metrics.falseAlarmsPerDay!.should.be.within(0, 0.5);
    card.metrics.heldOutAlarmRate!.should.be.within(0, 0.02);
    card.activeReason.should.be.a.String().and.not.be.empty();
    should(card.metrics).not.have.property('recall');
  });

  describe('refuses too little', () => {
    it('and says how many readings came and how many are needed', async () => {
      await should(train(request({ tables: [telemetry({ rows: 37 })] }))).be.rejectedWith({
        code: 'TOO_FEW_ROWS',
        message: '37 readings came; at least 100 are needed. Collect more, then train again.',
      });
    });

    it('and says what became of the readings that came', async () => {
      const tables = [telemetry({ rows: 300, leak: { from: 0, to: 250 }, label: 'leak' })];
      await should(train(request({ tables }))).be.rejectedWith({
        code: 'TOO_FEW_ROWS',
        message:
          '300 readings came, of which 50 can be learned from (250 labelled as not normal); ' +
          'at least 100 are needed. Collect more, then train again.',
      });
      const pipeline = { stepMs: 10 * MINUTE_MS };
      await should(train(request({ pipeline, tables: [telemetry({ rows: 500 })] }))).be.rejectedWith({
        code: 'TOO_FEW_ROWS',
        message: /^500 readings came, which make (49|50) rows; at least 100 are needed/,
      });
    });

    for (const rows of [0, 1, 99]) {
      it(`when ${rows} readings come`, async () => {
        await should(train(request({ tables: [telemetry({ rows })] }))).be.rejectedWith({ code: 'TOO_FEW_ROWS' });
      });
    }

    it('but trains on exactly as many as are needed', async () => {
      for (const algorithm of ['isolation-forest', 'mad', 'auto']) {
        const { card } = await train(request({ algorithm, tables: [telemetry({ rows: 100 })] }));
        card.rows.should.equal(100);
        should(card.warnings.some((warning) => warning.startsWith('Only 100 rows to learn from'))).be.true();
      }
    });
  });

  describe('leaves out', () => {
    it('rows whose windows are still filling, at the start and after a gap, unless too few would be left', async () => {
      const first = telemetry({ rows: 300 });
      const second = telemetry({ rows: 300, startMs: START_MS + 1000 * MINUTE_MS });
      const table: ReadingTable = {
        ...first,
        timestampsMs: Float64Array.of(...first.timestampsMs, ...second.timestampsMs),
        data: Float64Array.of(...first.data, ...second.data),
      };
      const windows = { field: '', window: 21, mean: true, deviation: false, minimum: false, maximum: false };
      const pipeline = { features: [{ ...windows, lags: [], rate: false }] };
      const rowsOf = async (minRows: number): Promise<number> =>
        (await train(request({ minRows, pipeline, tables: [table] }))).card.rows;
      (await rowsOf(100)).should.equal(560);
      (await rowsOf(561)).should.equal(600);
    });

    const leak = { from: 500, to: 800 };

    it('rows labelled as faults, and says how well it finds them', async () => {
      const { card } = await train(request({ tables: [telemetry({ rows: 2000, leak, label: 'leak' })] }));
      card.rows.should.equal(1700);
      card.warnings.should.containEql('300 rows are left out: labelled as something else than normal.');
      should(card.metrics).containEql({ labelledRows: 300, recall: 1 });
      card.metrics.precision!.should.be.above(0.98);
      card.metrics.auc!.should.be.above(0.999);
    });

    it('nothing else of it: the model is the one that the other rows give', async () => {
      const whole = telemetry({ rows: 2000, leak, label: 'leak' });
      const without: ReadingTable = {
        device: whole.device,
        fields: whole.fields,
        timestampsMs: whole.timestampsMs.filter((_, row) => row < leak.from || row >= leak.to),
        data: whole.data.filter((_, cell) => cell < leak.from * 4 || cell >= leak.to * 4),
      };
      const labelled = await train(request({ tables: [whole] }));
      const clean = await train(request({ tables: [without] }));
      labelled.state.should.eql(clean.state);
      labelled.calibration.should.eql(clean.calibration);
    });

    it('rows whose windows reach back into a fault', async () => {
      const windowOf5 = { field: '', window: 5, mean: true, deviation: false, minimum: false, maximum: false };
      const features = [{ ...windowOf5, lags: [7], rate: true }];
      const tables = [telemetry({ rows: 2000, leak, label: 'leak' })];
      const { card } = await train(request({ pipeline: { features }, tables }));
      // As many again are left out at the start, where the lag has nothing to reach back to.
      card.rows.should.equal(1686);
      card.warnings.should.containEql('7 rows are left out: windows and lags reach back into rows that are left out.');
    });

    it('readings that came during an alarm, unless somebody asked for them', async () => {
      const tables = [telemetry({ rows: 2000, leak, label: IN_ALARM_LABEL })];
      const { card } = await train(request({ tables }));
      card.rows.should.equal(1700);
      card.warnings.should.containEql('300 rows are left out: an alarm was on.');
      should(card.metrics).not.have.property('recall');
      const asked = await train(request({ tables, learnAlarms: true }));
      asked.card.rows.should.equal(2000);
    });
  });

  it('warns of gaps, of features that never change, and of fields that are left out', async () => {
    const first = telemetry({ rows: 1000 });
    const second = telemetry({ rows: 1000, startMs: START_MS + 2000 * MINUTE_MS });
    const columns = 6;
    const data = new Float64Array(2000 * columns);
    [...first.data, ...second.data].forEach((value, i) => (data[Math.floor(i / 4) * columns + (i % 4)] = value));
    for (let row = 0; row < 2000; row++) data.set([1500, row], row * columns + 4);
    const table: ReadingTable = {
      device: 'pump-1',
      fields: [...first.fields, 'speed', 'runtime'],
      timestampsMs: Float64Array.of(...first.timestampsMs, ...second.timestampsMs),
      data,
    };
    const { card } = await train(request({ tables: [table] }));
    const warnings = card.warnings.join('\n');
    warnings.should.match(/^"runtime" is left out: it only ever grows/m);
    warnings.should.match(/^Never changed while it was learned: speed\./m);
    warnings.should.match(/^The readings have 1 gap; the longest lasts 16 h 41 min\.$/m);
  });

  it('makes one model for several devices, and holds out every row of each once', async () => {
    const tables = ['a', 'b', 'c'].map((device, i) => telemetry({ rows: 400, device, seed: i }));
    const { device, card } = await train(request({ device: '*', tables }));
    device.should.equal('*');
    card.rows.should.equal(1200);
    should(card.metrics).containEql({ fittedRows: 1200, heldOutRows: 1200 });
  });

  it('chooses the threshold by contamination or by a budget of false alarms', async () => {
    const contaminated = await train(request({ threshold: { by: 'contamination', value: 0.05 } }));
    const budget = await train(request({ threshold: { by: 'false-alarms-per-day', value: 10 } }));
    contaminated.card.threshold.should.be.within(0.4, 0.65);
    budget.card.metrics.falseAlarmsPerDay!.should.be.approximately(10, 0.01);
    const weekly = await train(request({ threshold: { by: 'false-alarms-per-week', value: 7 } }));
    weekly.card.metrics.falseAlarmsPerDay!.should.be.approximately(1, 0.01);
  });

  it('refuses an unknown algorithm and a wrong parameter', async () => {
    await should(train(request({ algorithm: 'magic' }))).be.rejectedWith({ code: 'NOT_FOUND' });
    await should(train(request({ params: { trees: 0 } }))).be.rejectedWith({ code: 'PARAMETER', message: /trees/ });
  });

  it('stops when it is aborted', async () => {
    await should(train(request(), { signal: AbortSignal.abort() })).be.rejectedWith({ code: 'ABORTED' });
    const controller = new AbortController();
    const abortLate = (fraction: number): void => {
      if (fraction > 0.2) controller.abort();
    };
    const running = train(request(), { signal: controller.signal, onProgress: abortLate });
    await should(running).be.rejectedWith({ code: 'ABORTED' });
  });

  it('tells its progress from something to 1, never back', async () => {
    const told: number[] = [];
    await train(request(), { onProgress: (fraction) => told.push(fraction) });
    told.should.eql([...told].sort((a, b) => a - b));
    should(told.at(-1)).equal(1);
    should(told.length).be.aboveOrEqual(3);
  });

  it('leaves its input as it is', async () => {
    const given = request();
    const copy = structuredClone(given);
    await train(given);
    given.should.eql(copy);
  });

  describe('gives the same bits', () => {
    it('for the same request, and others for another seed', async () => {
      const text = async (seed: number): Promise<string> => encodeArtifact(await train(request({ seed })));
      (await text(1)).should.equal(await text(1));
      (await text(1)).should.not.equal(await text(2));
    });

    it('in a worker as outside', async () => {
      const trainer = new Trainer(() => 0);
      try {
        const given = request();
        const expected = encodeArtifact(await train(given));
        const made = await trainer.train(() => given);
        encodeArtifact(made).should.equal(expected);
        given.tables[0]!.data.length.should.equal(0);
      } finally {
        await trainer.close();
      }
    });
  });
});

describe('a trainer', () => {
  let now = 0;
  let trainer: Trainer;
  beforeEach(() => {
    now = 1000;
    trainer = new Trainer(() => (now += 50));
  });
  afterEach(() => trainer.close());

  it('dates the model and tells how long it took', async () => {
    const { createdMs, card } = await trainer.train(() => request());
    createdMs.should.equal(1100);
    card.durationMs.should.equal(50);
  });

  it('lets 100 devices wait their turn, and makes a request only when it is its turn', async () => {
    let made = 0;
    const trainings = Array.from({ length: 100 }, (_, i) =>
      trainer.train(() => {
        made++;
        return request({ device: `pump-${i}`, algorithm: 'mad', tables: [telemetry({ rows: 120, seed: i })] });
      }),
    );
    made.should.be.belowOrEqual(1);
    trainer.waiting.should.equal(99);
    const devices = (await Promise.all(trainings)).map(({ device }) => device);
    devices.should.eql(Array.from({ length: 100 }, (_, i) => `pump-${i}`));
  });

  it('brings errors out of the worker, and goes on', async () => {
    const failed = trainer.train(() => request({ tables: [telemetry({ rows: 10 })] }));
    const next = trainer.train(() => request());
    await should(failed).be.rejectedWith({ code: 'TOO_FEW_ROWS', message: /^10 readings came/ });
    (await next).name.should.equal('pump-health');
  });

  it('cancels one training at once, and all when it closes', async () => {
    const slow = (): DetectionRequest => request({ params: { trees: 1000 }, tables: [telemetry({ rows: 50_000 })] });
    const controller = new AbortController();
    let begun = (): void => undefined;
    const began = new Promise<void>((resolve) => (begun = resolve));
    const first = trainer.train(slow, { signal: controller.signal, onProgress: () => begun() });
    const second = trainer.train(slow);
    const third = trainer.train(slow);
    await began;
    controller.abort();
    await should(first).be.rejectedWith({ code: 'ABORTED' });
    const closing = trainer.close();
    await should(second).be.rejectedWith({ code: 'ABORTED' });
    await should(third).be.rejectedWith({ code: 'ABORTED' });
    await closing;
    await should(trainer.train(slow)).be.rejectedWith({ code: 'ABORTED' });
  });
});
