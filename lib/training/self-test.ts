import type { DetectorArtifact, FaultReport, SelfTest, UntouchedReport } from '../core/artifact';
import { throwIfAborted } from '../core/errors';
import { Random } from '../core/random';
import { median } from '../core/statistics';
import { rowOf } from '../core/table';
import { ALARM_DEFAULTS, stepAlarm } from '../detection/alarm';
import type { AlarmState } from '../detection/alarm-state';
import { calibrate, type KnownScores } from '../detection/calibration';
import { Recovery } from '../detection/recovery';
import { DEFAULT_CRITICAL_SCORE } from '../detection/score';
import { Scorer } from '../detection/scorer';
import type { FeatureRow } from '../readings/feature-row';
import { detector } from '../registry';
import { knownScores } from './held-out';
import { FAULTS, type Fault } from './self-test/faults';
import { type HeldOutReadings, Replay, Stretches, STRETCH_ROWS } from './self-test/stretches';
import { summaryOf } from './self-test/summary';

/** Sizes of faults, in robust sigmas of the field that they befall. */
const SIZES = [2, 4, 8];
/** Cells of feature rows that may be made and judged: a few tenths of a second. */
const MAX_CELLS = 400_000;
/** Stretches that each fault is put into. */
const TRIALS = { most: 12, least: 6 };
/** Untouched rows that are judged. */
const MAX_UNTOUCHED = 6000;

/** What the test needs beside the artifact. */
export interface SelfTestSource extends HeldOutReadings {
  /** Raw scores of the held-out rows, and what is known of such scores. */
  readonly rawScores: Float64Array;
  readonly known: KnownScores;
  readonly signal?: AbortSignal | undefined;
}

/** What became of a stretch of rows. */
interface Outcome {
  /** Rows that are anomalies. */
  readonly flagged: number;
  /** Rows until an alarm was raised, that row included; null: none was. */
  readonly delayRows: number | null;
  readonly delayMs: number | null;
}

/**
 * Puts faults into held-out readings and plays them through the whole pipeline, from readings to alarms as `ml-detect`
 * raises them unopened: which are found, and how soon; and how many alarms the same readings raise untouched. No labels
 * are needed. The detector must not have been fitted on these rows. The untouched ones are judged by a calibration on their
 * other half, since that on all of them knows them already.
 *
 * The same artifact, readings and seed give the same report. Costs a few tenths of a second at most, whatever the
 * number of readings.
 * @throws MlError `ABORTED`
 */
export function selfTest(artifact: DetectorArtifact, source: SelfTestSource): SelfTest {
  const stretches = new Stretches(source);
  if (stretches.isEmpty) {
    return {
      skipped: `A self-test needs ${STRETCH_ROWS} held-out rows in a row, of ${source.heldOut.length} there are.`,
    };
  }
  const faults = faultReports(artifact, stretches, source.signal);
  if (faults === null)
    return { skipped: 'No field ever changes, so that there is no measure for the size of a fault.' };
  const untouched = untouchedReport(artifact, source);
  return { stretchRows: STRETCH_ROWS, faults, untouched, text: summaryOf(faults, untouched) };
}

interface Case {
  readonly fault: Fault;
  readonly size: number | null;
}

const cases: readonly Case[] = FAULTS.flatMap((fault): readonly Case[] =>
  fault.isSized ? SIZES.map((size) => ({ fault, size })) : [{ fault, size: null }],
);

function faultReports(
  artifact: DetectorArtifact,
  stretches: Stretches,
  signal: AbortSignal | undefined,
): FaultReport[] | null {
  const { pipeline } = artifact;
  const random = new Random(artifact.algorithm.seed);
  const scorer = scorerOf(artifact);
  const tested = cases.filter(({ fault }) => !fault.needsOthers || pipeline.fields.length > 1);
  const cellsATrial = tested.length * STRETCH_ROWS * artifact.card.features.length;
  const trials = Math.min(TRIALS.most, Math.max(TRIALS.least, Math.floor(MAX_CELLS / cellsATrial)));
  const outcomes = tested.map((): Outcome[] => []);
  for (let trial = 0; trial < trials; trial++) {
    throwIfAborted(signal);
    const stretch = stretches.draw(random);
    if (stretch === null) continue;
    const replay = new Replay(pipeline, stretch);
    const sign = random.uniform() < 0.5 ? -1 : 1;
    tested.forEach(({ fault, size }, i) => {
      outcomes[i]!.push(watch(scorer, replay.rows(fault, sign * (size ?? 0), random)));
    });
  }
  if (outcomes[0]!.length === 0) return null;
  return tested.map(({ fault, size }, i) => reportOf(fault.id, size, outcomes[i]!));
}

function reportOf(fault: string, size: number | null, outcomes: readonly Outcome[]): FaultReport {
  const share = (has: (outcome: Outcome) => boolean): number => outcomes.filter(has).length / outcomes.length;
  const raised = outcomes.filter(({ delayRows }) => delayRows !== null);
  return {
    fault,
    size,
    trials: outcomes.length,
    flagged: share(({ flagged }) => flagged > 0),
    alarmed: share(({ delayRows }) => delayRows !== null),
    delayReadings: raised.length > 0 ? median(raised.map(({ delayRows }) => delayRows!)) : null,
    delayMs: raised.length > 0 ? median(raised.map(({ delayMs }) => delayMs!)) : null,
  };
}

/** Alarms that nothing but chance raises. */
function untouchedReport(artifact: DetectorArtifact, source: SelfTestSource): UntouchedReport {
  const { fitted, rawScores } = source;
  const places = [...source.heldOut.keys()].slice(-MAX_UNTOUCHED);
  const middle = places.length >> 1;
  const halves = [places.slice(0, middle), places.slice(middle)] as const;
  const length = Math.min(STRETCH_ROWS, middle);
  let [flagged, alarms, stretches] = [0, 0, 0];
  halves.forEach((half, h) => {
    const others = Float64Array.from(halves[1 - h]!, (place) => rawScores[place]!);
    const scorer = scorerOf({ ...artifact, calibration: calibrate(others, knownOf(artifact)) });
    for (let from = 0; from + length <= half.length; from += length) {
      const stretch = half.slice(from, from + length).map((place) => source.heldOut[place]!);
      const outcome = watch(
        scorer,
        stretch.map((row) => ({
          ...PLAIN_ROW,
          timestampMs: fitted.timestampsMs[row]!,
          values: rowOf(fitted.x, row),
          past: fitted.pasts[row]!,
        })),
        true,
      );
      stretches++;
      flagged += outcome.flagged;
      if (outcome.delayRows !== null) alarms++;
    }
  });
  return { stretches, flagged: flagged / (stretches * length), alarmed: alarms / stretches };
}

function knownOf({ algorithm, card }: DetectorArtifact): KnownScores {
  return knownScores(detector(algorithm.id), card.features.length);
}

const PLAIN_ROW: Omit<FeatureRow, 'timestampMs' | 'values' | 'past'> = {
  missing: [],
  withoutPast: 0,
  verdict: 'judge',
  late: false,
  sampling: 'as-trained',
  reading: new Map(),
};

function scorerOf(artifact: DetectorArtifact): Scorer {
  return new Scorer({ artifact, threshold: null }, { criticalScore: DEFAULT_CRITICAL_SCORE, contributions: 0 });
}

/** Watches rows as `ml-detect` does, by default until an alarm is raised. */
function watch(scorer: Scorer, rows: Iterable<FeatureRow>, toTheEnd = false): Outcome {
  const recovery = new Recovery(scorer.pipeline);
  let state: AlarmState = null;
  let [count, flagged] = [0, 0];
  let startMs = NaN;
  let delayRows: number | null = null;
  let delayMs: number | null = null;
  for (const row of rows) {
    if (count++ === 0) startMs = row.timestampMs;
    const anomaly = scorer.judge(row, '', recovery.bar);
    if (anomaly.rawScore !== null) recovery.next(anomaly.rawScore / scorer.limit);
    if (anomaly.isAnomaly) flagged++;
    const step = stepAlarm(state, anomaly, row.reading, ALARM_DEFAULTS);
    state = step.state;
    if (delayRows === null && step.events.some(({ type }) => type === 'raised')) {
      delayRows = count;
      delayMs = row.timestampMs - startMs;
      if (!toTheEnd) break;
    }
  }
  return { flagged, delayRows, delayMs };
}
