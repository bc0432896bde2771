import { mean, median } from '../core/statistics';
import { fieldOfColumn } from '../readings/feature-columns';
import type { Contribution } from './anomaly';
import type { Course } from './course';

/** A field that has left its course. */
export interface MovedField {
  readonly feature: string;
  /** Its first reading off the course, ISO 8601, UTC. */
  readonly since: string;
}

/** A field with less of a share in the worst reading has no part in the alarm. */
const LEAST_SHARE = 0.05;
/** Values that a field's usual course is taken from, at least. */
const LEAST_BEFORE = 20;
/** Deviations a reading that count as usual, and how many more together are a move. */
const SLACK = 1.25;
const SLACK_OF_SIZE = 2;
const MOVED = 8;
/** One reading adds so many deviations at most, so that a spike is no move. */
const MOST_ADDED = 4.75;
/** Less than this share of how far a field is off in the end counts as usual, too: what wandered before is no move. */
const SHARE_OF_END = 0.25;
/** The newest readings, which say how far off it is: an alarm is raised after as many. */
const END_ROWS = 3;
/** A slope counts from so many of its deviations on. */
const CERTAIN = 3;
const SIGMAS_PER_MAD = 1.4826;
/** A deviation smaller than this, relative to the field's size, is floating-point noise. */
const ROUNDING = 1e-9;

/**
 * In which order the fields that make an alarm began to move: the older half of the remembered readings shows each
 * field's usual course and its spread, and a cumulative sum over all (E. S. Page: Continuous inspection schemes.
 * Biometrika 41, 1954) where it left it, up, down or by unrest. A field that moves all along is not among them.
 * @param contributions - of the alarm's worst reading
 * @returns the first that moved first
 */
export function orderOfMoves(course: Course, contributions: readonly Contribution[]): readonly MovedField[] {
  const times = course.times();
  const fields = contributions.filter(({ share }) => share >= LEAST_SHARE).map(({ feature }) => fieldOfColumn(feature));
  return fields
    .flatMap((feature) => {
      const values = course.values(feature);
      const onset = values === null ? null : onsetOf(values);
      return onset === null ? [] : [{ feature, since: new Date(times[onset]!).toISOString() }];
    })
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

/**
 * Where the newest values left the course of the oldest ones, if they are still off it.
 * @param values - the oldest first, NaN where missing
 * @returns an index; null where they did not
 */
export function onsetOf(values: Float64Array): number | null {
  const present = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
  const before = present.filter((i) => i < values.length >> 1);
  if (before.length < LEAST_BEFORE) return null;
  const off = distanceFromUsual(values, before);
  const ways = [
    { distance: off, slack: SLACK },
    { distance: (i: number) => -off(i), slack: SLACK },
    { distance: (i: number) => Math.abs(off(i)), slack: SLACK_OF_SIZE },
  ];
  const onsets = ways.flatMap(({ distance, slack }) => {
    const end = median(present.slice(-END_ROWS).map(distance));
    return onsetOfSum(present, (i) => distance(i) - Math.max(slack, SHARE_OF_END * end)) ?? [];
  });
  return onsets.length > 0 ? Math.min(...onsets) : null;
}

/** Where the cumulative sum of what each reading adds began, if it has become a move. */
function onsetOfSum(rows: readonly number[], added: (i: number) => number): number | null {
  let [sum, peak, onset] = [0, 0, 0];
  for (const i of rows) {
    if (sum === 0) [peak, onset] = [0, i];
    sum = Math.max(0, sum + Math.min(MOST_ADDED, added(i)));
    peak = Math.max(peak, sum);
  }
  return sum > 0 && peak > MOVED ? onset : null;
}

/**
 * How far a value is off, in usual deviations. Usual is the median of the first values and, where they rise or fall for
 * certain, all between it and the line through the medians of their two halves: neighbouring readings are alike, so that
 * what rose by chance may as well come back as go on. A constant's deviation is a rounding error.
 */
function distanceFromUsual(values: Float64Array, rows: readonly number[]): (i: number) => number {
  const middle = rows.length >> 1;
  const [first, second] = [rows.slice(0, middle), rows.slice(middle)].map((half) => ({
    row: mean(half),
    value: median(half.map((i) => values[i]!)),
  })) as [Point, Point];
  const slope = (second.value - first.value) / (second.row - first.row);
  const line = (i: number): number => first.value + slope * (i - first.row);
  const level = median(rows.map((i) => values[i]!));
  // Deviation of the difference of two medians of so many normal values.
  const certain = CERTAIN * spreadAbout(values, rows, line) * Math.sqrt(Math.PI / middle);
  const goesOn = Math.abs(second.value - first.value) > certain ? line : (): number => level;
  const spread = spreadAbout(values, rows, goesOn);
  return (i) => {
    const [low, high] = [Math.min(level, goesOn(i)), Math.max(level, goesOn(i))];
    const value = values[i]!;
    return (value - Math.max(low, Math.min(high, value))) / spread;
  };
}

function spreadAbout(values: Float64Array, rows: readonly number[], at: (i: number) => number): number {
  const distances = rows.map((i) => Math.abs(values[i]! - at(i)));
  const size = Math.max(...rows.map((i) => Math.abs(values[i]!)));
  return Math.max(SIGMAS_PER_MAD * median(distances), mean(distances), ROUNDING * size, Number.MIN_VALUE);
}

interface Point {
  readonly row: number;
  readonly value: number;
}
