import should from 'should';
import type { DetectorArtifact } from '#lib/core/artifact';
import type { Reading } from '#lib/core/readings';
import { Scorer } from '#lib/detection/scorer';
import { FeatureStream } from '#lib/readings/feature-stream';
import type { FeatureRow } from '#lib/readings/feature-row';
import { readingsOf } from '#lib/readings/reading-tables';
import { train } from '#lib/training/train';
import { MINUTE_MS, telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const settings = { criticalScore: 0.79, contributions: 3 };

function trained(algorithm: string, pipeline = {}): Promise<DetectorArtifact> {
  return train(
    detectionRequest({
      algorithm,
      pipeline,
      tables: [telemetry({ rows: 1000 })],
    }),
  );
}

/** The last row of live readings, the last one changed. */
function lastRow(
  { pipeline }: DetectorArtifact,
  change: (values: Map<string, number>) => void = () => undefined,
): FeatureRow {
  const stream = new FeatureStream(pipeline);
  const readings = [...readingsOf(telemetry({ rows: 100, seed: 5 }))];
  const last = readings.pop()!;
  for (const reading of readings) stream.push(reading);
  const values = new Map(last.values);
  change(values);
  return stream.push({ ...last, values } satisfies Reading)!;
}

describe('the scorer', () => {
  it('says of a normal row that it is normal', async () => {
    const artifact = await trained('mad');
    const row = lastRow(artifact);
    const anomaly = new Scorer({ artifact, threshold: null }, settings).judge(row, 'pump-9');
    should(anomaly).containEql({
      device: 'pump-9',
      model: { name: 'pump-health', version: 0, algorithm: 'mad' },
      timestamp: new Date(row.timestampMs).toISOString(),
      isAnomaly: false,
      threshold: 0.7,
      severity: 'normal',
      missing: [],
    });
    anomaly.score!.should.be.within(0, 0.7);
    anomaly.should.not.have.property('note');
  });

  for (const algorithm of ['auto', 'mahalanobis', 'pca', 'mad', 'zscore', 'iqr']) {
    it(`says what is wrong, and what was to be expected (${algorithm})`, async () => {
      const artifact = await trained(algorithm);
      const row = lastRow(artifact, (values) => values.set('pressure', 40));
      const anomaly = new Scorer({ artifact, threshold: null }, { ...settings, contributions: 9 }).judge(row, 'pump-1');
      anomaly.isAnomaly.should.be.true();
      const [first] = anomaly.contributions;
      first!.feature.should.match(/pressure/);
      const [low, high] = first!.expected;
      should(first!.value < low || first!.value > high).be.true();
      // One entry a field, however many features it has.
      anomaly.contributions.should.have.length(4);
      anomaly.contributions.reduce((sum, { share }) => sum + share, 0).should.be.approximately(1, 1e-9);
      anomaly.contributions.map(({ share }) => share).should.eql([...anomaly.contributions.map(({ share }) => share)].sort((a, b) => b - a)); // prettier-ignore
    });
  }

  it('lists as many contributions as it was told to', async () => {
    const artifact = await trained('mad');
    const listed = (contributions: number): number =>
      new Scorer({ artifact, threshold: null }, { ...settings, contributions }).judge(lastRow(artifact), 'p')
        .contributions.length;
    [0, 2, 100].map(listed).should.eql([0, 2, 4]);
  });

  it('takes the user’s threshold and critical score', async () => {
    const artifact = await trained('mad');
    const row = lastRow(artifact, (values) => values.set('pressure', 1e6));
    const severity = (threshold: number | null, criticalScore: number): string =>
      new Scorer({ artifact, threshold }, { ...settings, criticalScore }).judge(row, 'p').severity;
    severity(null, 0.79).should.equal('critical');
    severity(null, 1).should.equal('warning');
    severity(0.999, 0.79).should.equal('normal');
  });

  it('says why it does not judge', async () => {
    const artifact = await trained('mad', { judgeWhen: { field: 'flow', comparison: '>', value: 1 } });
    const scorer = new Scorer({ artifact, threshold: null }, settings);
    const standing = scorer.judge(lastRow(artifact, (values) => values.set('flow', 0)), 'p'); // prettier-ignore
    should(standing).containEql({
      isAnomaly: false,
      score: null,
      rawScore: null,
      severity: 'unknown',
      contributions: [],
      note: 'Not judged: only readings with flow > 1 are, and flow is 0.',
    });
    const bare = scorer.judge(
      lastRow(artifact, (values) => ['pressure', 'current', 'temperature'].forEach((field) => values.delete(field))),
      'p',
    );
    bare.severity.should.equal('unknown');
    bare.missing.should.eql(['pressure', 'current', 'temperature']);
    bare.note!.should.equal('Not judged: 3 of 4 fields are missing (pressure, current, temperature).');
  });

  it('says of late and slow readings that they are', async () => {
    const artifact = await trained('mad');
    const scorer = new Scorer({ artifact, threshold: null }, settings);
    const row = lastRow(artifact);
    scorer.judge({ ...row, late: true }, 'p').note!.should.match(/came late/);
    scorer.judge({ ...row, sampling: 'slower' }, 'p').note!.should.match(/more slowly than the one every 1 min/);
  });

  it('refuses a model whose pipeline is not its own', async () => {
    const artifact = await trained('mad');
    const features = artifact.pipeline.features.slice(1);
    const other = { ...artifact, pipeline: { ...artifact.pipeline, features } };
    should(() => new Scorer({ artifact: other, threshold: null }, settings)).throw(/damaged.*4 features.* 3 /);
    const unknown = { ...artifact, algorithm: { ...artifact.algorithm, id: 'oracle' } };
    should(() => new Scorer({ artifact: unknown, threshold: null }, settings)).throw(/no detector "oracle"/);
  });

  it('keeps to its threshold when nothing is wrong, from a fresh start', async () => {
    const artifact = await trained('auto');
    const scorer = new Scorer({ artifact, threshold: null }, settings);
    const stream = new FeatureStream(artifact.pipeline);
    const verdicts = [...readingsOf(telemetry({ rows: 2000, seed: 21 }))].map((reading) =>
      scorer.judge(stream.push({ ...reading, timestampMs: reading.timestampMs + 1e6 * MINUTE_MS })!, 'p'),
    );
    verdicts.filter(({ isAnomaly }) => isAnomaly).length.should.be.belowOrEqual(10);
  });
});
