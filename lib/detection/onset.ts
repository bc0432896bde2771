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
/** One reading counts as so many deviations at most, so that a spike is no move. */
const FURTHEST = 6;
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
  const { at, spread } = usualCourse(values, before);
  const sums = [0, 0, 0];
  const peaks = [0, 0, 0];
  const onsets = [0, 0, 0];
  for (const i of present) {
    const off = Math.max(-FURTHEST, Math.min(FURTHEST, (values[i]! - at(i)) / spread));
    [off - SLACK, -off - SLACK, Math.abs(off) - SLACK_OF_SIZE].forEach((step, way) => {
      if (sums[way] === 0) onsets[way] = i;
      sums[way] = Math.max(0, sums[way]! + step);
      peaks[way] = sums[way] === 0 ? 0 : Math.max(peaks[way]!, sums[way]);
    });
  }
  const moved = onsets.filter((_, way) => peaks[way]! > MOVED);
  return moved.length > 0 ? Math.min(...moved) : null;
}

/**
 * The median of the first values, or a line through those of two halves where it rises or falls for certain; and the
 * usual distance from it. A constant's is a rounding error.
 */
function usualCourse(values: Float64Array, rows: readonly number[]): { at: (i: number) => number; spread: number } {
  const middle = rows.length >> 1;
  const [first, second] = [rows.slice(0, middle), rows.slice(middle)].map((half) => ({
    row: mean(half),
    value: median(half.map((i) => values[i]!)),
  })) as [Point, Point];
  const slope = (second.value - first.value) / (second.row - first.row);
  const line = (i: number): number => first.value + slope * (i - first.row);
  const spread = spreadAbout(values, rows, line);
  // Deviation of the difference of two medians of so many normal values.
  const isCertain = Math.abs(second.value - first.value) > CERTAIN * spread * Math.sqrt(Math.PI / middle);
  if (isCertain) return { at: line, spread };
  const level = median(rows.map((i) => values[i]!));
  return { at: () => level, spread: spreadAbout(values, rows, () => level) };
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
