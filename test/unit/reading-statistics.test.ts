import should from 'should';
import * as simple from 'simple-statistics';
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { statisticsOf } from '#lib/readings/reading-statistics';

const START = Date.UTC(2026, 0, 1);

/** Rows in parts of so many. */
async function* parts(
  rows: readonly (readonly number[])[],
  size: number,
  labels?: readonly (string | null)[],
): AsyncGenerator<ReadingTable> {
  for (let i = 0; i < rows.length; i += size) {
    const some = rows.slice(i, i + size);
    yield await Promise.resolve({
      device: 'pump-1',
      fields: ['flow', 'level'],
      timestampsMs: Float64Array.from(some, (_, r) => START + 1000 * (i + r)),
      data: Float64Array.from(some.flat()),
      ...(labels && { labels: labels.slice(i, i + size) }),
    });
  }
}

function noise(rows: number): number[][] {
  const random = new Random(3);
  return Array.from({ length: rows }, () => [
    1e6 + random.normal(),
    random.uniform() < 0.1 ? NaN : random.uniform(-5, 5),
  ]);
}

describe('the statistics of readings', () => {
  it('are those of a plain computation, whatever parts the readings come in', async () => {
    const rows = noise(5000);
    for (const size of [7, 1000, 5000]) {
      const { fields, readings, sampled, from, to, durationMs } = await statisticsOf(parts(rows, size));
      should([readings, sampled, durationMs]).eql([5000, false, 4_999_000]);
      should([from, to]).eql(['2026-01-01T00:00:00.000Z', '2026-01-01T01:23:19.000Z']);
      ['flow', 'level'].forEach((name, column) => {
        const values = rows.map((row) => row[column]!).filter((value) => !Number.isNaN(value));
        const { count, mean, deviation, min, max, quantiles } = fields[name]!;
        should([count, min, max]).eql([values.length, simple.min(values), simple.max(values)]);
        mean.should.be.approximately(simple.mean(values), 1e-9 * Math.abs(simple.mean(values)) + 1e-12);
        deviation!.should.be.approximately(simple.sampleStandardDeviation(values), 1e-8);
        should(Object.values(quantiles)).eql(
          [0.05, 0.25, 0.5, 0.75, 0.95].map((p) =>
            simple.quantileSorted(
              [...values].sort((a, b) => a - b),
              p,
            ),
          ),
        );
      });
    }
  });

  it('count labels', async () => {
    const labels = Array.from({ length: 10 }, (_, i) => (i < 3 ? null : i < 9 ? 'normal' : 'leak'));
    const described = await statisticsOf(parts(noise(10), 4, labels));
    should(described.labels).eql({ normal: 6, leak: 1 });
  });

  it('take quantiles from a sample, and say so, where more values come than are kept', async () => {
    const rows = noise(40_000);
    const exact = await statisticsOf(parts(rows, 1000));
    const { fields, sampled } = await statisticsOf(parts(rows, 1000), 8000);
    sampled.should.be.true();
    should({ ...fields.flow!, quantiles: 0 }).eql({ ...exact.fields.flow!, quantiles: 0 });
    // The share of values below is off by less than four standard errors, √(p (1 − p) / 4000).
    const sorted = rows.map(([flow]) => flow!).sort((a, b) => a - b);
    for (const [name, p] of [
      ['p5', 0.05],
      ['p50', 0.5],
      ['p95', 0.95],
    ] as const) {
      const share = simple.quantileRankSorted(sorted, fields.flow!.quantiles[name]);
      share.should.be.approximately(p, 4 * Math.sqrt((p * (1 - p)) / 4000));
    }
  });

  it('say nothing of what is not there', async () => {
    should(await statisticsOf(parts([], 10))).eql({
      readings: 0,
      from: null,
      to: null,
      durationMs: 0,
      labels: {},
      fields: {},
      sampled: false,
    });
    const { fields } = await statisticsOf(parts([[1, NaN]], 10));
    should(fields).eql({
      flow: {
        count: 1,
        mean: 1,
        deviation: null,
        min: 1,
        max: 1,
        quantiles: { p5: 1, p25: 1, p50: 1, p75: 1, p95: 1 },
      },
    });
  });
});
