/**
 * Is a drift told when there is one, and only then? `auto` trained on a week of normal minutes, then four more weeks as
 * normal: how many drifts are told? And then, one field off by some robust sigmas for good: how many days until it is
 * told, and is the field among those named? Two synthetic plants and twelve kinds of signals, several seeds.
 */
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { median, medianAbsoluteDeviation } from '#lib/core/statistics';
import { columnOf, makeTable } from '#lib/core/table';
import { DeviceDrift } from '#lib/detection/drift/device-drift';
import type { DriftEvent } from '#lib/detection/events';
import { Scorer } from '#lib/detection/scorer';
import { FeatureStream } from '#lib/readings/feature-stream';
import { SyntheticDevice } from '#lib/synthetic/generator';
import { profiles } from '#lib/synthetic/profiles';
import { train } from '#lib/training/train';
import { normalSignals } from '../test/support/signals';
import { bench, fixed, printMachine, printTable } from './support/report';
import { detectionRequest } from '../test/support/detection-request';

const MINUTE_MS = 60_000;
const DAY_ROWS = 1440;
const TRAINED_DAYS = 7;
const NORMAL_DAYS = 28;
const SHIFTED_DAYS = 6;
const SIZES = [0.5, 1, 2, 4];
const SEEDS = [1, 2, 3];
const SIGMAS_PER_MAD = 1.4826;
/** Signals for which a week says nothing of where the next one will be. */
const GO_ON = [
  'a random walk',
  'a slow drift',
  'a counter',
  'a constant that begins to vary',
  'a slow temperature in tenths',
];

interface Plant {
  readonly fields: readonly string[];
  readonly next: () => number[];
}

function plants(seed: number): [name: string, make: () => Plant][] {
  const synthetic = profiles.map((profile): [string, () => Plant] => [
    profile.id,
    () => {
      const device = new SyntheticDevice(profile, profile.id, seed);
      const fields = profile.fields.map(({ name }) => name);
      let row = 0;
      return { fields, next: () => [...device.next(MINUTE_MS * row++).values.values()] };
    },
  ]);
  const signals = Object.entries(normalSignals)
    .filter(([kind]) => !GO_ON.includes(kind))
    .map(([kind, make]): [string, () => Plant] => [
      kind,
      () => {
        const random = new Random(seed);
        const each = [0, 1, 2].map(() => make(random.fork()));
        return { fields: ['a', 'b', 'c'], next: () => each.map((signal) => signal()) };
      },
    ]);
  return [...synthetic, ...signals];
}

/** Readings of a plant judged live after its training; `told` is what was said of a drift, with the day. */
class Live {
  #row = 0;
  readonly #drift = new DeviceDrift();
  readonly #stream: FeatureStream;

  private constructor(
    private readonly plant: Plant,
    private readonly scorer: Scorer,
    readonly sigmas: readonly number[],
  ) {
    this.#stream = new FeatureStream(scorer.pipeline);
    this.#row = TRAINED_DAYS * DAY_ROWS;
  }

  static async start(plant: Plant): Promise<Live> {
    const { fields } = plant;
    const rows = TRAINED_DAYS * DAY_ROWS;
    const data = Float64Array.from(Array.from({ length: rows }, plant.next).flat());
    const timestampsMs = Float64Array.from({ length: rows }, (_, row) => row * MINUTE_MS);
    const table: ReadingTable = { device: 'plant', fields, timestampsMs, data };
    const artifact = await train(
      detectionRequest({
        name: 'plant',
        device: 'plant',
        algorithm: 'auto',
        pipeline: { fields },
        tables: [table],
      }),
    );
    const x = makeTable(fields, data);
    const sigmas = fields.map((_, f) => SIGMAS_PER_MAD * medianAbsoluteDeviation(columnOf(x, f)));
    const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: 0.79, contributions: 0 });
    return new Live(plant, scorer, sigmas);
  }

  /** What is told in so many days, and after how many. */
  play(days: number, field = 0, offset = 0): { readonly event: DriftEvent; readonly day: number }[] {
    const told: { event: DriftEvent; day: number }[] = [];
    for (let i = 0; i < days * DAY_ROWS; i++) {
      const { fields } = this.plant;
      const values = this.plant.next().map((value, f) => (f === field ? value + offset : value));
      const timestampMs = MINUTE_MS * this.#row++;
      const reading = { device: 'plant', timestampMs, values: new Map(fields.map((name, f) => [name, values[f]!])) };
      const row = this.#stream.push(reading)!;
      const events = this.#drift.observe(this.scorer.learned, row, this.scorer.judge(row, 'plant'));
      told.push(...events.filter(({ type }) => type === 'drift').map((event) => ({ event, day: i / DAY_ROWS })));
    }
    return told;
  }
}

bench(async () => {
  printMachine();
  const rows: (string | number | null)[][] = [];
  let [falsely, weeks] = [0, 0];
  const days = new Map<number, number[]>(SIZES.map((size) => [size, []]));
  let [tries, named] = [0, 0];
  for (const [name] of plants(0)) {
    let false_ = 0;
    const found = SIZES.map(() => 0);
    let possible = 0;
    for (const seed of SEEDS) {
      const make = plants(seed).find(([each]) => each === name)![1];
      const normal = await Live.start(make());
      false_ += normal.play(NORMAL_DAYS).length;
      weeks += NORMAL_DAYS / 7;
      const field = seed % normal.sigmas.length;
      if (!(normal.sigmas[field]! > 0)) continue;
      possible++;
      for (const [s, size] of SIZES.entries()) {
        const live = await Live.start(make());
        live.play(2);
        const [first] = live.play(SHIFTED_DAYS, field, size * live.sigmas[field]!);
        tries++;
        if (first === undefined) continue;
        found[s]!++;
        days.get(size)!.push(first.day);
        if (first.event.features.some(({ feature }) => feature === make().fields[field])) named++;
      }
    }
    falsely += false_;
    rows.push([name, false_, ...found.map((count) => (possible === 0 ? null : `${count} of ${possible}`))]);
  }
  printTable(
    ['', `told in ${SEEDS.length} × ${NORMAL_DAYS} normal days`, ...SIZES.map((size) => `${size} sigmas off: told`)],
    rows,
  );
  const told = [...days.values()].flat();
  printTable(
    ['robust sigmas off for good', 'days until it is told, median'],
    SIZES.map((size) => [size, fixed(days.get(size)!.length > 0 ? median(days.get(size)!) : null, 1)]),
  );
  return {
    false_drifts_per_week: falsely / weeks,
    told: Object.fromEntries(SIZES.map((size) => [size, (days.get(size)!.length * SIZES.length) / tries])),
    named: named / told.length,
  };
});
