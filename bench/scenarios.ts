/**
 * The faults of the synthetic plants: trained on three normal days as `ml-train` does, then two days more without a
 * fault and each fault in turn. How many normal readings are called anomalies, how many of a fault's readings are
 * found, and how many readings it takes until three in a row are (when an alarm would be raised).
 */
import type { ReadingTable } from '#lib/core/readings';
import { mean } from '#lib/core/statistics';
import { DEFAULT_CRITICAL_SCORE } from '#lib/detection/score';
import { TrainedJudge } from '#lib/detection/judge';
import { Scorer } from '#lib/detection/scorer';
import { DEFAULT_THRESHOLD } from '#lib/detection/threshold';
import { FeatureStream } from '#lib/readings/feature-stream';
import { SyntheticDevice } from '#lib/synthetic/generator';
import type { Profile } from '#lib/synthetic/profile';
import { profiles } from '#lib/synthetic/profiles';
import { DEFAULT_MIN_ROWS } from '#lib/training/request';
import { train } from '#lib/training/train';
import { medianOf } from './support/timing';
import { bench, fixed, printMachine, printTable } from './support/report';

const ALGORITHMS = ['auto', 'mahalanobis', 'pca', 'isolation-forest', 'mad', 'zscore', 'iqr'];
const SEEDS = [1, 2, 3];
const STEP_MS = 60_000;
const DAY_ROWS = 1440;
const TRAINED_ROWS = 3 * DAY_ROWS;
const NORMAL_ROWS = 2 * DAY_ROWS;
/** Longer than any window: what a fault leaves behind does not count for the next. */
const REST_ROWS = 600;
const RAISE_AFTER = 3;

interface Found {
  /** Share of the fault's readings that are anomalies. */
  readonly share: number;
  /** Readings until so many in a row were anomalies; Infinity: never. */
  readonly delay: number;
}

interface Outcome {
  /** Share of normal readings that are anomalies. */
  readonly falseAlarms: number;
  readonly faults: Readonly<Record<string, Found>>;
}

async function play(profile: Profile, algorithm: string, seed: number): Promise<Outcome> {
  const device = new SyntheticDevice(profile, profile.id, seed);
  let row = 0;
  const next = () => device.next(row++ * STEP_MS);
  const fields = profile.fields.map(({ name }) => name);
  const readings = Array.from({ length: TRAINED_ROWS }, next);
  const table: ReadingTable = {
    device: profile.id,
    fields,
    timestampsMs: Float64Array.from(readings, ({ timestampMs }) => timestampMs),
    data: Float64Array.from(readings.flatMap(({ values }) => fields.map((field) => values.get(field)!))),
  };
  const artifact = await train({
    name: profile.id,
    device: profile.id,
    algorithm,
    params: {},
    pipeline: {},
    threshold: DEFAULT_THRESHOLD,
    minRows: DEFAULT_MIN_ROWS,
    seed: 1,
    task: 'detection',
    learnAlarms: false,
    tables: [table],
  });
  const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: DEFAULT_CRITICAL_SCORE, contributions: 0 });
  const judge = new TrainedJudge(scorer, new FeatureStream(artifact.pipeline));
  for (const reading of readings) judge.judge(reading);
  const isAnomaly = (): boolean => judge.judge(next())!.anomaly.isAnomaly;

  const normal = Array.from({ length: NORMAL_ROWS }, isAnomaly);
  const faults = profile.scenarios.map(({ id }) => {
    device.inject(id);
    const verdicts: boolean[] = [];
    for (let verdict = isAnomaly(); device.label === id; verdict = isAnomaly()) verdicts.push(verdict);
    for (let i = 0; i < REST_ROWS; i++) isAnomaly();
    return [id, { share: shareOf(verdicts), delay: delayOf(verdicts) }] as const;
  });
  return { falseAlarms: shareOf(normal), faults: Object.fromEntries(faults) };
}

const shareOf = (verdicts: readonly boolean[]): number => verdicts.filter(Boolean).length / verdicts.length;

function delayOf(verdicts: readonly boolean[]): number {
  const end = verdicts.findIndex(
    (_, i) => i + 1 >= RAISE_AFTER && verdicts.slice(i + 1 - RAISE_AFTER, i + 1).every(Boolean),
  );
  return end < 0 ? Infinity : end + 1;
}

bench(async () => {
  printMachine();
  const figures: Record<string, Record<string, unknown>> = {};
  for (const profile of profiles) {
    const scenarios = profile.scenarios.map(({ id }) => id);
    const rows: (string | null)[][] = [];
    for (const algorithm of ALGORITHMS) {
      const outcomes: Outcome[] = [];
      for (const seed of SEEDS) outcomes.push(await play(profile, algorithm, seed));
      const far = 100 * mean(outcomes.map(({ falseAlarms }) => falseAlarms));
      const found = scenarios.map((id) => ({
        id,
        found: 100 * mean(outcomes.map(({ faults }) => faults[id]!.share)),
        delay: medianOf(outcomes.map(({ faults }) => faults[id]!.delay)),
      }));
      rows.push([algorithm, fixed(far, 2), ...found.map(({ found, delay }) => `${found.toFixed(0)} % / ${delay === Infinity ? '–' : delay}`)]); // prettier-ignore
      figures[algorithm] = { ...figures[algorithm], [profile.id]: { far, ...Object.fromEntries(found.map(({ id, found }) => [id, found])) } }; // prettier-ignore
    }
    printTable([`${profile.id}: found / readings to alarm`, 'false alarms %', ...scenarios], rows);
  }
  return figures;
});
