/**
 * A water pump with 34 labelled faults (8 sensors, 1 Hz): does `ml-train` with a detector, all else as it comes, find
 * them? Each file is one plant: trained on its rows 0–399 as `ml-train` does, the rest judged row by row as `ml-detect`
 * does. TP, FP and FN are pooled over all files. `--files` prints every file as well.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkParams } from '#lib/core/params';
import type { ReadingTable } from '#lib/core/readings';
import { mean, quantileSorted } from '#lib/core/statistics';
import { columnOf, sliceRows, type Table } from '#lib/core/table';
import { TrainedJudge } from '#lib/detection/judge';
import { Scorer } from '#lib/detection/scorer';
import { DEFAULT_CRITICAL_SCORE } from '#lib/detection/score';
import { DEFAULT_THRESHOLD } from '#lib/detection/threshold';
import { isolationForest } from '#lib/detectors/isolation-forest';
import { FeatureStream } from '#lib/readings/feature-stream';
import { readingsOf } from '#lib/readings/reading-tables';
import { DEFAULT_MIN_ROWS } from '#lib/training/request';
import { train } from '#lib/training/train';
import { findData, numbersOf, readCsv } from './support/data';
import { addCounts, auc, countVerdicts, rates, type Counts } from './support/metrics';
import { bench, fixed, printMachine, printTable } from './support/report';

const TRAINING_ROWS = 400;
const FOLDERS = ['valve1', 'valve2', 'other'];
const ALGORITHMS = ['auto', 'mahalanobis', 'pca', 'isolation-forest', 'zscore', 'iqr', 'mad'];
const NOT_SENSORS = ['datetime', 'anomaly', 'changepoint'];

/** Figures of the data set's own table (github.com/waico/SKAB): F1, false and missed alarms in percent. */
const PUBLISHED = [
  ['Conv-AE, published', 0.78, 13.6, 28.0],
  ['MSET, published', 0.78, 39.7, 14.1],
  ['LSTM-AE, published', 0.74, 30.0, 25.9],
  ['Isolation Forest, published', 0.29, 2.6, 82.9],
] as const;

/** One recording; `table` holds its sensors. */
interface Recording {
  readonly name: string;
  readonly readings: ReadingTable;
  readonly x: Table;
  readonly anomalous: Float64Array;
}

interface Verdicts {
  readonly counts: Counts;
  readonly auc: number;
}

type Judge = (recording: Recording) => Promise<{ alarms: boolean[]; scores: number[] }>;

function readRecordings(folder: string): Recording[] {
  return FOLDERS.flatMap((kind) => {
    const files = readdirSync(join(folder, kind)).filter((file) => file.endsWith('.csv'));
    return files.sort().map((file) => readRecording(join(folder, kind, file), `${kind}/${file}`));
  });
}

function readRecording(path: string, name: string): Recording {
  const csv = readCsv(path, ';');
  const x = numbersOf(
    csv,
    csv.columns.filter((column) => !NOT_SENSORS.includes(column)),
  );
  const timestampsMs = Float64Array.from(csv.rows, ([time]) => Date.parse(`${time!.replace(' ', 'T')}Z`));
  const readings = { device: 'pump', fields: x.columns, timestampsMs, data: x.data };
  return { name, readings, x, anomalous: columnOf(numbersOf(csv, ['anomaly']), 0).subarray(TRAINING_ROWS) };
}

/** What a user gets: `ml-train` on the first rows with nothing but the algorithm chosen, then `ml-detect`. */
const judgeLikeUser =
  (algorithm: string): Judge =>
  async ({ readings }) => {
    const artifact = await train({
      name: 'skab',
      device: readings.device,
      algorithm,
      params: {},
      pipeline: {},
      threshold: DEFAULT_THRESHOLD,
      minRows: DEFAULT_MIN_ROWS,
      seed: 1,
      task: 'detection',
      learnAlarms: false,
      tables: [head(readings)],
    });
    const scorer = new Scorer(
      { artifact, threshold: null },
      { criticalScore: DEFAULT_CRITICAL_SCORE, contributions: 5 },
    );
    const judge = new TrainedJudge(scorer, new FeatureStream(artifact.pipeline));
    const verdicts = [...readingsOf(readings)].map((reading) => judge.judge(reading)?.anomaly);
    const test = verdicts.slice(TRAINING_ROWS);
    return {
      alarms: test.map((verdict) => verdict?.isAnomaly ?? false),
      scores: test.map((verdict) => verdict?.score ?? 0),
    };
  };

function head({ timestampsMs, data, ...rest }: ReadingTable): ReadingTable {
  return {
    ...rest,
    timestampsMs: timestampsMs.slice(0, TRAINING_ROWS),
    data: data.slice(0, TRAINING_ROWS * rest.fields.length),
  };
}

/**
 * Isolation Forest as the data set's authors used it: fitted on all 400 rows, the threshold their quantile of 0.05 %,
 * and of the verdicts the median of the last three.
 */
const judgeAsPublished: Judge = async ({ x }) => {
  const model = await isolationForest.fit(
    sliceRows(x, 0, TRAINING_ROWS),
    checkParams(isolationForest.id, isolationForest.params),
    { seed: 1 },
  );
  const all = [...model.score(x)];
  const threshold = quantileSorted(Float64Array.from(all.slice(0, TRAINING_ROWS)).sort(), 1 - 0.0005);
  const scores = all.slice(TRAINING_ROWS);
  const above = scores.map((score) => score > threshold);
  const alarms = above.map((_, i) => above.slice(Math.max(0, i - 2), i + 1).filter(Boolean).length >= 2);
  return { alarms, scores };
};

async function judgeAll(judge: Judge, recordings: readonly Recording[]): Promise<Map<string, Verdicts>> {
  const verdicts = new Map<string, Verdicts>();
  for (const recording of recordings) {
    const { alarms, scores } = await judge(recording);
    const counts = countVerdicts(alarms, recording.anomalous);
    verdicts.set(recording.name, { counts, auc: auc(scores, recording.anomalous) });
  }
  return verdicts;
}

function pooled(verdicts: Map<string, Verdicts>): { f1: number; far: number; mar: number; auc_per_file: number } {
  const all = [...verdicts.values()];
  const counts = all.map((verdict) => verdict.counts).reduce(addCounts);
  return { ...rates(counts), auc_per_file: mean(all.map((verdict) => verdict.auc)) };
}

bench(async () => {
  printMachine();
  const judges: [string, Judge][] = ALGORITHMS.map((algorithm) => [algorithm, judgeLikeUser(algorithm)]);
  judges.push(['isolation-forest-published', judgeAsPublished]);
  const folder = findData('skab');
  if (folder === null) return Object.fromEntries(judges.map(([name]) => [name, null]));
  const recordings = readRecordings(folder);

  const figures = new Map<string, ReturnType<typeof pooled>>();
  for (const [name, judge] of judges) {
    const verdicts = await judgeAll(judge, recordings);
    figures.set(name, pooled(verdicts));
    if (process.argv.includes('--files')) printFiles(name, verdicts);
  }
  printTable(
    ['', 'F1', 'false alarms %', 'missed %', 'AUC per file'],
    [
      ...[...figures].map(([name, { f1, far, mar, auc_per_file }]) => [
        name,
        fixed(f1, 3),
        fixed(far, 1),
        fixed(mar, 1),
        fixed(auc_per_file, 3),
      ]),
      ...PUBLISHED.map(([name, f1, far, mar]) => [name, f1.toFixed(2), far.toFixed(1), mar.toFixed(1), null]),
    ],
  );
  return Object.fromEntries(figures);
});

function printFiles(algorithm: string, verdicts: Map<string, Verdicts>): void {
  printTable(
    [algorithm, 'F1', 'false alarms %', 'missed %', 'AUC'],
    [...verdicts].map(([name, verdict]) => {
      const { f1, far, mar } = rates(verdict.counts);
      return [name, fixed(f1, 3), fixed(far, 1), fixed(mar, 1), fixed(verdict.auc, 3)];
    }),
  );
}
