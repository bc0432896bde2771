/**
 * Is the field that is wrong named first? A fault of 4 robust sigmas is planted on one field of correlated ones, whatever
 * else they do: on a single reading, and for 20 readings through the windows of `auto`, where the worst reading speaks
 * as it does in an alarm. Five ways to be correlated, 4 to 20 fields, trained on 2,000 readings.
 */
import type { DetectorArtifact } from '#lib/core/artifact';
import { Random } from '#lib/core/random';
import type { Reading, ReadingTable } from '#lib/core/readings';
import { mean, medianAbsoluteDeviation } from '#lib/core/statistics';
import { columnOf, makeTable } from '#lib/core/table';
import type { Anomaly } from '#lib/detection/anomaly';
import { Scorer } from '#lib/detection/scorer';
import { FeatureStream } from '#lib/readings/feature-stream';
import { fieldOfColumn } from '#lib/readings/feature-columns';
import { readingsOf } from '#lib/readings/reading-tables';
import { train } from '#lib/training/train';
import { correlatedPlants, type Plant } from './support/correlated';
import { bench, fixed, printMachine, printTable } from './support/report';
import { detectionRequest } from '../test/support/detection-request';

const SINGLE = ['mahalanobis', 'pca', 'mad', 'isolation-forest', 'autoencoder'];
const WIDTHS = [4, 8, 12, 20];
const SIZE = 4;
const SIGMAS_PER_MAD = 1.4826;
const TRAINED = 2000;
const SPIKES = 200;
const SHIFTS = 40;
const SHIFT_ROWS = 20;
/** Normal readings before a shift: longer than any window. */
const BEFORE = 60;

function tableOf(plant: Plant, rows: number, startRow: number): ReadingTable {
  const data = new Float64Array(rows * plant.fields.length);
  for (let row = 0; row < rows; row++) data.set(plant.next(), row * plant.fields.length);
  const timestampsMs = Float64Array.from({ length: rows }, (_, row) => (startRow + row) * 60_000);
  return { device: 'plant', fields: plant.fields, timestampsMs, data };
}

function trainOn(table: ReadingTable, algorithm: string): Promise<DetectorArtifact> {
  return train(
    detectionRequest({
      name: 'plant',
      device: 'plant',
      algorithm,
      tables: [table],
    }),
  );
}

function robustSigmas({ fields, data }: ReadingTable): number[] {
  return fields.map((_, f) => SIGMAS_PER_MAD * medianAbsoluteDeviation(columnOf(makeTable(fields, data), f)));
}

/** Share of the trials in which the planted field stands first. */
async function top1(make: () => Plant, { algorithm, rows, before, trials }: (typeof WAYS)[number]): Promise<number> {
  const plant = make();
  const trained = tableOf(plant, TRAINED, 0);
  const artifact = await trainOn(trained, algorithm);
  const sigmas = robustSigmas(trained);
  const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: 0.79, contributions: 1 });
  const random = new Random(17);
  let first = 0;
  for (let trial = 0; trial < trials; trial++) {
    const field = random.below(plant.fields.length);
    const offset = (random.uniform() < 0.5 ? -SIZE : SIZE) * sigmas[field]!;
    const stream = new FeatureStream(artifact.pipeline);
    const verdicts = [...readingsOf(tableOf(plant, before + rows, 0))].map((reading, i) =>
      scorer.judge(stream.push(i < before ? reading : shifted(reading, plant.fields[field]!, offset))!, 'plant'),
    );
    const worst = verdicts.slice(before).reduce((a, b) => (b.score! > a.score! ? b : a));
    if (namedFirst(worst) === plant.fields[field]) first++;
  }
  return first / trials;
}

const namedFirst = ({ contributions }: Anomaly): string => fieldOfColumn(contributions[0]!.feature);

function shifted(reading: Reading, field: string, offset: number): Reading {
  return { ...reading, values: new Map(reading.values).set(field, reading.values.get(field)! + offset) };
}

const WAYS = [
  ...SINGLE.map((algorithm) => ({ name: algorithm, algorithm, rows: 1, before: 0, trials: SPIKES })),
  { name: 'auto, 1 reading', algorithm: 'auto', rows: 1, before: BEFORE, trials: SHIFTS },
  { name: 'auto, 20 readings', algorithm: 'auto', rows: SHIFT_ROWS, before: BEFORE, trials: SHIFTS },
];

bench(async () => {
  printMachine();
  const shares = new Map<string, number[]>(WAYS.map(({ name }) => [name, []]));
  const rows: (string | null)[][] = [];
  for (const [structure, make] of Object.entries(correlatedPlants)) {
    for (const width of WIDTHS) {
      for (const way of WAYS) shares.get(way.name)!.push(await top1(() => make(width, new Random(width)), way));
      rows.push([
        `${structure}, ${width} fields`,
        ...WAYS.map(({ name }) => fixed(100 * shares.get(name)!.at(-1)!, 1)),
      ]);
    }
  }
  rows.push(['all', ...WAYS.map(({ name }) => fixed(100 * mean(shares.get(name)!), 1))]);
  rows.push(['the worst', ...WAYS.map(({ name }) => fixed(100 * Math.min(...shares.get(name)!), 1))]);
  printTable(['planted field named first, %', ...WAYS.map(({ name }) => name)], rows);
  const byWay = Object.fromEntries(WAYS.map(({ name }) => [name, mean(shares.get(name)!)]));
  const best = WAYS.filter(({ algorithm }) => algorithm === 'auto' || algorithm === 'mahalanobis');
  return { top1: mean(best.map(({ name }) => byWay[name]!)), by_way: byWay };
});
