import should from 'should';
import type { SelfTest } from '#lib/core/artifact';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { detectors } from '#lib/registry';
import type { DetectionRequest } from '#lib/training/request';
import { train } from '#lib/training/train';
import { MINUTE_MS, telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

type Report = Exclude<SelfTest, { readonly skipped: string }>;

function request(changes: Partial<DetectionRequest>): DetectionRequest {
  return detectionRequest({ algorithm: 'auto', tables: [telemetry({ rows: 2000 })], ...changes });
}

async function cardOf(changes: Partial<DetectionRequest> = {}) {
  const { card } = await train(request(changes));
  return card;
}

async function reportOf(changes: Partial<DetectionRequest> = {}): Promise<Report> {
  const { selfTest } = await cardOf(changes);
  should(selfTest).not.have.property('skipped');
  return selfTest as Report;
}

const alarmed = ({ faults }: Report, fault: string, size: number | null = null): number =>
  faults.find((each) => each.fault === fault && each.size === size)!.alarmed;

describe('the self-test', () => {
  for (const algorithm of [...detectors.map(({ id }) => id), 'auto']) {
    it(`reports on every fault and size, and on untouched readings (${algorithm})`, async () => {
      const { faults, untouched, stretchRows } = await reportOf({ algorithm });
      faults.map(({ fault, size }) => `${fault} ${size ?? ''}`.trim()).should.eql([
        ...['spike', 'shift', 'drift', 'noise'].flatMap((fault) => [2, 4, 8].map((size) => `${fault} ${size}`)),
        'stuck',
        'dropout',
        'correlation-break',
      ]); // prettier-ignore
      for (const { flagged, delayReadings, alarmed: raised, delayMs } of faults) {
        flagged.should.be.aboveOrEqual(raised);
        if (raised === 0) should(delayReadings).be.null();
        else {
          // Three anomalies in a row raise an alarm.
          delayReadings!.should.be.within(3, stretchRows);
          delayMs!.should.equal((delayReadings! - 1) * MINUTE_MS);
        }
      }
      untouched.flagged.should.be.belowOrEqual(0.02);
    });
  }

  it('finds large faults for certain and soon, small ones more seldom and later', async () => {
    const report = await reportOf();
    alarmed(report, 'shift', 8).should.equal(1);
    alarmed(report, 'dropout').should.equal(1);
    for (const fault of ['shift', 'drift', 'noise']) {
      const rates = [2, 4, 8].map((size) => alarmed(report, fault, size));
      rates.should.eql([...rates].sort((a, b) => a - b));
    }
    const delays = report.faults.filter(({ fault }) => fault === 'drift').map(({ delayReadings }) => delayReadings!);
    delays.at(-1)!.should.be.below(delays.at(-2)!);
  });

  it('shows what a detector is blind to', async () => {
    const tied = pair(3000);
    const together = await reportOf({ algorithm: 'mahalanobis', tables: [tied] });
    const apart = await reportOf({ algorithm: 'mad', tables: [tied] });
    alarmed(together, 'correlation-break').should.be.above(0.7);
    alarmed(apart, 'correlation-break').should.be.below(0.2);
  });

  it('lets a device recover from a spike as it does live: what rings on in windows is not always an alarm', async () => {
    const { faults } = await reportOf({ tables: [pair(3000, 0.03)] });
    const { flagged, alarmed: raised } = faults.find(({ fault, size }) => fault === 'spike' && size === 2)!;
    flagged.should.equal(1);
    raised.should.be.below(0.9);
  });

  it('makes of it the three figures of a model record', async () => {
    const { metrics, selfTest } = await cardOf();
    const { faults, untouched } = selfTest as Report;
    const found = faults.map(({ fault, flagged, alarmed: raised }) => (fault === 'spike' ? flagged : raised));
    const share = found.reduce((a, b) => a + b) / found.length;
    metrics.falsePositiveRate!.should.equal(untouched.alarmed);
    metrics.accuracy!.should.be.approximately((share + 1 - untouched.alarmed) / 2, 1e-12);
    metrics.precision!.should.be.approximately(share / (share + untouched.alarmed), 1e-12);
  });

  it('yields to labels where there are any', async () => {
    const tables = [telemetry({ rows: 2000, leak: { from: 500, to: 800 }, label: 'leak' })];
    const { metrics } = await cardOf({ tables });
    should(metrics).containEql({ labelledRows: 300, falsePositiveRate: metrics.heldOutAlarmRate });
    const right = metrics.recall! * 300 + (1 - metrics.falsePositiveRate!) * metrics.heldOutRows!;
    metrics.accuracy!.should.be.approximately(right / (300 + metrics.heldOutRows!), 1e-12);
  });

  it('gives the same report for the same seed, and another for another', async () => {
    const first = await reportOf({ algorithm: 'mad' });
    (await reportOf({ algorithm: 'mad' })).should.eql(first);
    (await reportOf({ algorithm: 'mad', seed: 2 })).should.not.eql(first);
  });

  it('changes nothing of what was learned, and is stored with it', async () => {
    const artifact = await train(request({ algorithm: 'mad' }));
    decodeArtifact(encodeArtifact(artifact)).card.should.eql(artifact.card);
    const { selfTest, ...without } = artifact.card;
    should(selfTest).not.be.undefined();
    should(decodeArtifact(encodeArtifact({ ...artifact, card: without })).card).not.have.property('selfTest');
  });

  it('plants faults in single readings also where several make one row', async () => {
    const table = telemetry({ rows: 6000 });
    const report = await reportOf({ tables: [table], pipeline: { stepMs: 5 * MINUTE_MS } });
    alarmed(report, 'shift', 8).should.equal(1);
    const { delayReadings, delayMs } = report.faults.find(({ fault, size }) => fault === 'shift' && size === 8)!;
    delayMs!.should.equal((delayReadings! - 1) * 5 * MINUTE_MS);
  });

  it('needs no times', async () => {
    const table = telemetry({ rows: 1000 });
    const report = await reportOf({ tables: [{ ...table, timestampsMs: new Float64Array(1000) }] });
    alarmed(report, 'shift', 8).should.equal(1);
  });

  it('draws from all devices of a shared model', async () => {
    const tables = ['a', 'b', 'c'].map((device, seed) => telemetry({ rows: 400, device, seed }));
    alarmed(await reportOf({ device: '*', tables }), 'shift', 8).should.be.above(0.8);
  });

  it('breaks no correlation where there is one field', async () => {
    const { faults } = await reportOf({ pipeline: { fields: ['flow'] } });
    faults.map(({ fault }) => fault).should.not.containEql('correlation-break');
  });

  it('is left out, and says why, where there is too little to test on', async () => {
    should((await cardOf({ tables: [telemetry({ rows: 100 })] })).selfTest).eql({
      skipped: 'A self-test needs 60 held-out rows in a row, of 25 there are.',
    });
    const constant = { ...telemetry({ rows: 500 }), data: new Float64Array(2000).fill(5) };
    const { selfTest, metrics } = await cardOf({ algorithm: 'mad', tables: [constant] });
    should(selfTest).eql({ skipped: 'No field ever changes, so that there is no measure for the size of a fault.' });
    should(metrics).not.have.property('accuracy');
  });
});

/** Two fields that wander together. */
function pair(rows: number, noise = 0.1): ReadingTable {
  const random = new Random(5);
  const data: number[] = [];
  let cause = 0;
  for (let row = 0; row < rows; row++) {
    cause = 0.9 * cause + random.normal();
    data.push(50 + cause, 20 - cause + random.normal(0, noise));
  }
  const timestampsMs = Float64Array.from({ length: rows }, (_, row) => row * MINUTE_MS);
  return { device: 'pump-1', fields: ['flow', 'pressure'], timestampsMs, data: Float64Array.from(data) };
}
