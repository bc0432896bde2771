import should from 'should';
import type { Reading } from '#lib/core/readings';
import { Scorer } from '#lib/detection/scorer';
import { FeatureStream } from '#lib/readings/feature-stream';
import { toReadingTables } from '#lib/readings/reading-tables';
import { SyntheticDevice } from '#lib/synthetic/generator';
import { profiles } from '#lib/synthetic/profiles';
import { train } from '#lib/training/train';
import { detectionRequest } from '../support/detection-request';

const MINUTE_MS = 60_000;
const A_DAY = 1440;
const MONDAY_MS = Date.UTC(2026, 0, 5);
/** Faults of one sensor that a detector of single fields need not find. */
const SUBTLE = ['sensor-stuck', 'sensor-drift'];

describe('a model trained on a normal day of synthetic readings', function () {
  this.timeout(60_000);

  for (const profile of profiles) {
    it(`leaves the next normal day of a ${profile.id} in peace, and finds what goes wrong after it`, async () => {
      const device = new SyntheticDevice(profile, profile.device, 3);
      let timeMs = MONDAY_MS;
      const readings = (count: number): Reading[] =>
        Array.from({ length: count }, () => device.next((timeMs += MINUTE_MS)));

      const artifact = await train(
        detectionRequest({
          name: 'test',
          device: profile.device,
          algorithm: 'auto',
          pipeline: {
            fields: [],
            derived: [],
            features: [],
            hourOfDay: false,
            dayOfWeek: false,
            aggregation: 'mean',
            timeZone: 'UTC',
          },
          tables: toReadingTables(readings(A_DAY)),
        }),
      );
      const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: 0.79, contributions: 0 });
      const stream = new FeatureStream(artifact.pipeline);
      const shareOfAnomalies = (judged: readonly Reading[]): number => {
        const rows = judged.map((reading) => stream.push(reading)!);
        return rows.filter((row) => scorer.judge(row, profile.device).isAnomaly).length / rows.length;
      };

      // The threshold promises 1 in 1,000; neighbours are alike, so that they come in groups or not at all.
      should(shareOfAnomalies(readings(A_DAY))).be.below(0.03);
      for (const { id } of profile.scenarios.filter((scenario) => !SUBTLE.includes(scenario.id))) {
        device.inject(id, { durationMs: 60 * MINUTE_MS });
        should(shareOfAnomalies(readings(60))).be.above(0.4, id);
        shareOfAnomalies(readings(A_DAY / 2));
      }
    });
  }
});
