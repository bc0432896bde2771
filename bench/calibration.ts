/**
 * Does a budget of false alarms keep its promise? `ml-train` with `auto` on two normal weeks, then a week more of the same
 * plant, never seen, through `ml-detect`'s alarms: 200 device-weeks of several kinds, all with a daily rhythm and
 * neighbours that are alike. Alarms as a person sees them are counted against a budget of one a day and one a week.
 * Beside it the real normal recordings there are.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '#lib/core/random';
import type { ReadingTable } from '#lib/core/readings';
import { ALARM_DEFAULTS, stepAlarm } from '#lib/detection/alarm';
import type { AlarmState } from '#lib/detection/alarm-state';
import { TrainedJudge } from '#lib/detection/judge';
import { DEFAULT_CRITICAL_SCORE } from '#lib/detection/score';
import { Scorer } from '#lib/detection/scorer';
import type { ThresholdKind } from '#lib/detection/threshold';
import { FeatureStream } from '#lib/readings/feature-stream';
import { readingsOf } from '#lib/readings/reading-tables';
import { SyntheticDevice } from '#lib/synthetic/generator';
import { profiles } from '#lib/synthetic/profiles';
import { DEFAULT_MIN_ROWS } from '#lib/training/request';
import { train } from '#lib/training/train';
import { findData, numbersOf, readCsv } from './support/data';
import { bench, fixed, printMachine, printTable } from './support/report';

const DAY_MS = 86_400_000;
const TRAINED_DAYS = 14;
const WATCHED_DAYS = 7;
const WEEKS_OF_A_KIND = 25;
/** Share of a real recording that is trained on. */
const TRAINED_SHARE = 2 / 3;

const BUDGETS: readonly { readonly name: string; readonly by: ThresholdKind; readonly days: number }[] = [
  { name: 'day', by: 'false-alarms-per-day', days: 1 },
  { name: 'week', by: 'false-alarms-per-week', days: 7 },
];

interface Recording {
  readonly table: ReadingTable;
  readonly trainedRows: number;
}

interface Kind {
  readonly name: string;
  readonly recording: (seed: number) => Recording;
}

const weeksOf = (stepMs: number): { rows: number; trainedRows: number } => ({
  rows: ((TRAINED_DAYS + WATCHED_DAYS) * DAY_MS) / stepMs,
  trainedRows: (TRAINED_DAYS * DAY_MS) / stepMs,
});

/** Four sensors of one machine: a load with a daily rhythm that they all follow, each with noise that remembers by `phi`. */
function machine(phi: number, stepMs: number, seed: number): Recording {
  const random = new Random(seed);
  const { rows, trainedRows } = weeksOf(stepMs);
  const fields = ['a', 'b', 'c', 'd'];
  const noise = [0, 0, 0, 0, 0];
  const width = Math.sqrt(1 - phi * phi);
  const data = new Float64Array(rows * fields.length);
  for (let row = 0; row < rows; row++) {
    noise.forEach((value, i) => (noise[i] = phi * value + width * random.normal()));
    const load = 2 * Math.sin((2 * Math.PI * row * stepMs) / DAY_MS) + noise[4]!;
    data.set([load + noise[0]!, 2 * load + noise[1]!, -load + noise[2]!, 0.5 * load + noise[3]!], row * fields.length);
  }
  return { table: { device: 'machine', fields, timestampsMs: timesOf(rows, stepMs), data }, trainedRows };
}

/** A synthetic plant where nothing goes wrong. */
function plant(id: string, stepMs: number, seed: number): Recording {
  const profile = profiles.find((one) => one.id === id)!;
  const device = new SyntheticDevice(profile, id, seed);
  const fields = profile.fields.map(({ name }) => name);
  const { rows, trainedRows } = weeksOf(stepMs);
  const timestampsMs = timesOf(rows, stepMs);
  const data = Float64Array.from([...timestampsMs].flatMap((time) => [...device.next(time).values.values()]));
  return { table: { device: id, fields, timestampsMs, data }, trainedRows };
}

const timesOf = (rows: number, stepMs: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => i * stepMs);

const MINUTE_MS = 60_000;
const KINDS: readonly Kind[] = [
  { name: 'pump station, 1 min', recording: (seed) => plant('pump-station', MINUTE_MS, seed) },
  { name: 'pump station, 5 min', recording: (seed) => plant('pump-station', 5 * MINUTE_MS, seed) },
  { name: 'server, 1 min', recording: (seed) => plant('server', MINUTE_MS, seed) },
  { name: 'server, 5 min', recording: (seed) => plant('server', 5 * MINUTE_MS, seed) },
  ...[0.5, 0.9, 0.98].map((phi) => ({
    name: `machine, AR(1) ${phi}, 5 min`,
    recording: (seed: number) => machine(phi, 5 * MINUTE_MS, seed),
  })),
  { name: 'machine, AR(1) 0.9, 1 min', recording: (seed) => machine(0.9, MINUTE_MS, seed) },
];

interface Watched {
  readonly alarms: number;
  readonly days: number;
}

/** What a user gets who asks for one false alarm in so many days. */
async function watch({ table, trainedRows }: Recording, by: ThresholdKind): Promise<Watched> {
  const artifact = await train({
    name: 'watched',
    device: table.device,
    algorithm: 'auto',
    params: {},
    pipeline: {},
    threshold: { by, value: 1 },
    minRows: DEFAULT_MIN_ROWS,
    seed: 1,
    task: 'detection',
    learnAlarms: false,
    tables: [
      {
        ...table,
        timestampsMs: table.timestampsMs.slice(0, trainedRows),
        data: table.data.slice(0, trainedRows * table.fields.length),
      },
    ],
  });
  const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: DEFAULT_CRITICAL_SCORE, contributions: 0 });
  const judge = new TrainedJudge(scorer, new FeatureStream(artifact.pipeline));
  let state: AlarmState = null;
  let alarms = 0;
  let row = 0;
  for (const reading of readingsOf(table)) {
    const anomaly = judge.judge(reading)?.anomaly;
    if (row++ < trainedRows || anomaly === undefined) continue;
    const step = stepAlarm(state, anomaly, reading.values, ALARM_DEFAULTS);
    state = step.state;
    alarms += step.events.filter(({ type }) => type === 'raised').length;
  }
  const days = (table.timestampsMs.at(-1)! - table.timestampsMs[trainedRows]!) / DAY_MS;
  return { alarms, days };
}

/** 95 % interval of a Poisson mean of which `count` was seen (Byar's approximation of the exact one). */
function poissonInterval(count: number): [number, number] {
  const edge = (n: number, z: number): number => (n <= 0 ? 0 : n * (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3);
  return [edge(count, -1.96), edge(count + 1, 1.96)];
}

interface Tally {
  readonly alarms: number;
  readonly promised: number;
}

const ratioText = ({ alarms, promised }: Tally): string => {
  const [low, high] = poissonInterval(alarms);
  return `${fixed(alarms / promised, 2)} (${fixed(low / promised, 2)}–${fixed(high / promised, 2)})`;
};

/** One recording a device, each trained on its beginning. */
async function tally(recordings: readonly Recording[], by: ThresholdKind, days: number): Promise<Tally> {
  let [alarms, promised] = [0, 0];
  for (const recording of recordings) {
    const watched = await watch(recording, by);
    alarms += watched.alarms;
    promised += watched.days / days;
  }
  return { alarms, promised };
}

/** Real recordings without a fault; none where the data is absent. */
function realRecordings(): ReadonlyMap<string, readonly Recording[]> {
  const real = new Map<string, readonly Recording[]>();
  const skab = findData('skab');
  if (skab !== null)
    real.set('SKAB, anomaly-free', [realRecording(join(skab, 'anomaly-free', 'anomaly-free.csv'), ';')]);
  const nab = findData('nab');
  if (nab !== null) {
    const folder = join(nab, 'data', 'artificialNoAnomaly');
    real.set(
      'NAB, artificialNoAnomaly',
      readdirSync(folder)
        .filter((file) => file.endsWith('.csv'))
        .sort()
        .map((file) => realRecording(join(folder, file), ',')),
    );
  }
  return real;
}

function realRecording(path: string, separator: string): Recording {
  const csv = readCsv(path, separator);
  const x = numbersOf(csv, csv.columns.slice(1));
  const timestampsMs = Float64Array.from(csv.rows, ([time]) => Date.parse(`${time!.replace(' ', 'T')}Z`));
  const table = { device: 'real', fields: x.columns, timestampsMs, data: x.data };
  return { table, trainedRows: Math.round(TRAINED_SHARE * x.rows) };
}

bench(async () => {
  printMachine();
  const totals = BUDGETS.map(() => ({ alarms: 0, promised: 0 }));
  const rows: string[][] = [];
  for (const [k, { name, recording }] of KINDS.entries()) {
    const recordings = Array.from({ length: WEEKS_OF_A_KIND }, (_, i) => recording(1000 * k + i));
    const cells: string[] = [];
    for (const [b, { by, days }] of BUDGETS.entries()) {
      const found = await tally(recordings, by, days);
      totals[b] = { alarms: totals[b]!.alarms + found.alarms, promised: totals[b]!.promised + found.promised };
      cells.push(ratioText(found));
    }
    rows.push([name, String(recordings.length), ...cells]);
  }
  rows.push(['all', String(KINDS.length * WEEKS_OF_A_KIND), ...totals.map(ratioText)]);
  printTable(['alarms observed / promised (95 %)', 'device-weeks', 'one a day', 'one a week'], rows);

  const real: Record<string, Record<string, number>> = {};
  const realRows: string[][] = [];
  for (const [name, recordings] of realRecordings()) {
    const found: Tally[] = [];
    for (const { by, days } of BUDGETS) found.push(await tally(recordings, by, days));
    real[name] = Object.fromEntries(
      found.flatMap(({ alarms, promised }, b) => [
        [`alarms_${BUDGETS[b]!.name}`, alarms],
        [`promised_${BUDGETS[b]!.name}`, promised],
      ]),
    );
    realRows.push([name, ...found.map(({ alarms, promised }) => `${alarms} of ${fixed(promised, 2)}`)]);
  }
  printTable(['real, alarms of those promised', 'one a day', 'one a week'], realRows);
  const ratios = BUDGETS.map(({ name }, b) => [name, totals[b]!.alarms / totals[b]!.promised] as const);
  return { observed_over_promised: Object.fromEntries(ratios), real };
});
