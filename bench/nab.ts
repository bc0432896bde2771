/**
 * The Numenta Anomaly Benchmark: 58 series of one field, reading by reading, never looking ahead. Does `ml-detect`
 * without a model, all as it comes, raise its alarms soon after something has begun, and seldom else? What is scored are
 * the alarms that it raises (three anomalous readings in a row raise one, five normal ones clear it), at the one
 * threshold for all series that is best for each profile, as the benchmark has it; and at the default threshold. `--files`
 * prints every series as well.
 *
 * The scorer is checked on a detector whose figures are published, the windowed Gaussian.
 */
import type { Anomaly } from '#lib/detection/anomaly';
import { ALARM_DEFAULTS, stepAlarm } from '#lib/detection/alarm';
import type { AlarmState } from '#lib/detection/alarm-state';
import { LearningJudge } from '#lib/detection/judge';
import { LearningRows } from '#lib/detection/learning-rows';
import { LearningScorer } from '#lib/detection/learning-scorer';
import { DEFAULT_CRITICAL_SCORE, severityOf } from '#lib/detection/score';
import { DEFAULT_THRESHOLD } from '#lib/detection/threshold';
import { DEFAULT_WARM_UP } from '#lib/detectors/streaming';
import { mean } from '#lib/core/statistics';
import { findData } from './support/data';
import { auc } from './support/metrics';
import { type NabSeries, PROFILES, probationOf, type Profiles, readNab, sweep } from './support/nab';
import { bench, fixed, printMachine, printTable } from './support/report';
import { processorMs } from './support/timing';
import { WINDOWED_GAUSSIAN, windowedGaussian } from './support/windowed-gaussian';

const DEFAULT_CONTRIBUTIONS = 5;
/** Scores from which a reading is an anomaly. */
const THRESHOLDS = Array.from({ length: 60 }, (_, i) => (i + 38) / 100);
/** A machine's faults that last: does the score stay up? */
const FIVE = [
  'realKnownCause/machine_temperature_system_failure.csv',
  'realKnownCause/ambient_temperature_system_failure.csv',
  'realKnownCause/cpu_utilization_asg_misconfiguration.csv',
  'realKnownCause/ec2_request_latency_system_failure.csv',
  'realAWSCloudwatch/rds_cpu_utilization_cc0c53.csv',
];
/** The benchmark's own table (github.com/numenta/NAB). */
const PUBLISHED = [
  ['ARTime', 74.9, 65.1, 80.4],
  ['HTM', 70.1, 63.1, 74.3],
  ['CAD-OSE', 69.9, 67.0, 73.2],
  ['KNN-CAD', 58.0, 43.4, 64.8],
  ['Random Cut Forest', 51.7, 38.4, 59.7],
  ['windowed Gaussian', 39.6, 20.9, 47.4],
] as const;

type Figures = Readonly<Record<(typeof PROFILES)[number], number>>;

/** Of each row its score; NaN: unknown, or late, so that no alarm looks at it. */
function scoresOf({ timestampsMs, values }: NabSeries): Float64Array {
  const settings = {
    model: 'default',
    warmUpRows: DEFAULT_WARM_UP,
    fields: [],
    timeZone: 'UTC',
    criticalScore: DEFAULT_CRITICAL_SCORE,
    contributions: DEFAULT_CONTRIBUTIONS,
  };
  const judge = new LearningJudge(new LearningScorer(settings), new LearningRows(), DEFAULT_WARM_UP, undefined);
  return values.map((value, i) => {
    const timestampMs = timestampsMs[i]!;
    const { row, anomaly } = judge.judge({ device: 'x', timestampMs, values: new Map([['value', value]]) });
    return row.late ? NaN : (anomaly.score ?? NaN);
  });
}

/** 1 where an alarm is raised, were the threshold this. */
function alarmsOf(scores: Float64Array, threshold: number): Float64Array {
  const raised = new Float64Array(scores.length).fill(-Infinity);
  let state: AlarmState = null;
  for (const [i, score] of scores.entries()) {
    if (Number.isNaN(score)) continue;
    const severity = severityOf(score, threshold, DEFAULT_CRITICAL_SCORE);
    const verdict = { ...VERDICT, threshold, score, severity, isAnomaly: severity !== 'normal' };
    const step = stepAlarm(state, verdict, NO_READING, ALARM_DEFAULTS);
    state = step.state;
    if (step.events.some(({ type }) => type === 'raised')) raised[i] = 1;
  }
  return raised;
}

const VERDICT: Anomaly = {
  device: 'x',
  model: { name: 'default', version: 0, algorithm: 'streaming' },
  timestamp: new Date(0).toISOString(),
  isAnomaly: false,
  score: null,
  rawScore: null,
  threshold: DEFAULT_THRESHOLD.value,
  severity: 'normal',
  contributions: [],
  missing: [],
};
const NO_READING: ReadonlyMap<string, number> = new Map();

function figuresOf(series: readonly NabSeries[], alarms: readonly Float64Array[], profiles: Profiles): Figures {
  const entries = PROFILES.map((name) => [name, sweep(series, alarms, profiles[name]).normalised]);
  return Object.fromEntries(entries) as Figures;
}

/** Of each profile the best. */
function best(all: readonly Figures[]): Figures {
  return Object.fromEntries(
    PROFILES.map((name) => [name, Math.max(...all.map((figures) => figures[name]))]),
  ) as Figures;
}

/** Area under the curve of the score, after the probation. */
function aucOf({ values, windows }: NabSeries, scores: Float64Array): number {
  const start = Math.ceil(probationOf(values.length));
  const labels = Array.from(values, (_, i) => windows.some(({ first, last }) => i >= first && i <= last));
  return auc(
    scores.slice(start).map((score) => score || 0),
    labels.slice(start),
  );
}

bench(async () => {
  printMachine();
  const folder = findData('nab');
  if (folder === null) return { standard: null, low_fp: null, low_fn: null, auc5: null, us_per_reading: null };
  const { series, profiles } = readNab(folder);
  const rows = series.reduce((sum, { values }) => sum + values.length, 0);

  let scores: readonly Float64Array[] = [];
  const ms = await processorMs(() => (scores = series.map(scoresOf)));
  const at = (threshold: number, halves: readonly number[] = [0, 1]): Figures => {
    const chosen = series.flatMap((_, s) => (halves.includes(s % 2) ? [s] : []));
    const alarms = chosen.map((s) => alarmsOf(scores[s]!, threshold));
    return figuresOf(
      chosen.map((s) => series[s]!),
      alarms,
      profiles,
    );
  };
  const swept = best(THRESHOLDS.map((threshold) => at(threshold)));
  const half = [0, 1].map((h) => best(THRESHOLDS.map((threshold) => at(threshold, [h]))));
  const atDefault = at(DEFAULT_THRESHOLD.value);
  const check = figuresOf(
    series,
    series.map(({ values }) => windowedGaussian(values).map((score) => (score >= WINDOWED_GAUSSIAN ? 1 : -Infinity))),
    profiles,
  );

  const line = (name: string, figures: Figures): (string | null)[] => [
    name,
    ...PROFILES.map((profile) => fixed(figures[profile], 1)),
  ];
  printTable(
    ['', 'standard', 'few false alarms', 'few misses'],
    [
      line('ml-detect, unopened: its alarms', swept),
      line('  every other series, from the first on', half[0]!),
      line('  the others', half[1]!),
      line(`  at the default threshold, ${DEFAULT_THRESHOLD.value}`, atDefault),
      line('windowed Gaussian, here', check),
      ...PUBLISHED.map(([name, ...figures]) => [`${name}, published`, ...figures.map((figure) => fixed(figure, 1))]),
    ],
  );
  const aucs = FIVE.map((name) => {
    const s = series.findIndex((each) => each.name === name);
    return [name, aucOf(series[s]!, scores[s]!)] as const;
  });
  printTable(
    ['area under the curve of the score', ''],
    aucs.map(([name, area]) => [name, fixed(area, 3)]),
  );
  if (process.argv.includes('--files')) printFiles(series, scores);
  return {
    standard: swept.standard,
    low_fp: swept.reward_low_FP_rate,
    low_fn: swept.reward_low_FN_rate,
    auc5: mean(aucs.map(([, area]) => area)),
    us_per_reading: (1000 * ms) / rows,
    at_default: atDefault,
    scorer_check: check,
  };
});

function printFiles(series: readonly NabSeries[], scores: readonly Float64Array[]): void {
  printTable(
    [`alarms at ${DEFAULT_THRESHOLD.value}`, 'windows', 'with an alarm', 'alarms outside'],
    series.map(({ name, values, windows }, s) => {
      const rows = [...alarmsOf(scores[s]!, DEFAULT_THRESHOLD.value).entries()]
        .filter(([row, alarm]) => alarm > 0 && row >= probationOf(values.length))
        .map(([row]) => row);
      const found = windows.filter(({ first, last }) => rows.some((row) => row >= first && row <= last));
      const outside = rows.filter((row) => !windows.some(({ first, last }) => row >= first && row <= last));
      return [name, windows.length, found.length, outside.length];
    }),
  );
}
