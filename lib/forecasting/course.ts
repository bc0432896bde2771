import type { History } from '../core/history';

/** A course is at least so many samples long, and is tried at one, two and four times its shortest length. */
const LEAST_SAMPLES = 6;
const LENGTHS = [4, 2, 1];
/** A longer stretch is as straight as a shorter one where its residuals are at most so many times as large. */
const STRAIGHT = 1.5;
/** A slope of fewer standard errors is none; see `shrunken`. */
const LEAST_ERRORS = 2;
/** A course goes on for so many times its own length before it has spent most of itself. */
const PERSISTENCE = 8;
/** Ranges of the history that a course may leave it by. */
const LARGEST_EXCURSION = 2;

interface Line {
  /** At the newest sample. */
  readonly level: number;
  /** A step. */
  readonly slope: number;
  /** Root mean square residual. */
  readonly residual: number;
  readonly samples: number;
}

/**
 * Where a series goes if it keeps to its newest course, whatever it usually does: the same as one period ago, plus the
 * straight line that the difference from there has followed of late, slowly bending to level. Without a period, the line
 * alone. For what a model has never seen: a leak, a filter that clogs, a new level.
 *
 * The line is fitted to the longest of three newest stretches that is still straight; a slope that could as well be
 * noise is shrunk to nothing. Values stay within two ranges of the history beyond it.
 * @param period - samples; below 2: none
 * @param width - samples of the shortest stretch
 * @returns `steps` values; cost: some µs, and linear in the history for its range
 */
export function courseOf(
  { target }: Pick<History, 'target'>,
  period: number,
  width: number,
  steps: number,
): Float64Array {
  const shortest = Math.max(LEAST_SAMPLES, width);
  const isSeasonal = period >= 2 && target.length >= period + shortest;
  const differences = isSeasonal ? seasonalDifferences(target, period, LENGTHS[0]! * shortest) : target;
  const { level, slope, samples } = straightLine(differences, shortest);
  let [low, high] = [Infinity, -Infinity];
  for (const value of target) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const most = LARGEST_EXCURSION * (high - low);
  const reach = PERSISTENCE * samples;
  const out = new Float64Array(steps);
  for (let j = 0; j < steps; j++) {
    const before = isSeasonal ? target[target.length - period + (j % period)]! : 0;
    const value = before + level + slope * reach * (1 - Math.exp(-(j + 1) / reach));
    out[j] = Math.min(high + most, Math.max(low - most, value));
  }
  return out;
}

/** The newest values less those one period before, at most `most`. */
function seasonalDifferences(target: Float64Array, period: number, most: number): Float64Array {
  const count = Math.min(most, target.length - period);
  const first = target.length - count;
  return Float64Array.from({ length: count }, (_, i) => target[first + i]! - target[first + i - period]!);
}

function straightLine(values: Float64Array, shortest: number): Line {
  const least = lineThrough(values, shortest);
  const longer = LENGTHS.map((times) => lineThrough(values, times * shortest));
  return shrunken(longer.find(({ residual }) => residual <= STRAIGHT * least.residual) ?? least);
}

/** Least squares through the newest values. */
function lineThrough(values: Float64Array, samples: number): Line {
  const count = Math.min(samples, values.length);
  const first = values.length - count;
  const middle = (count - 1) / 2;
  let [sum, moment] = [0, 0];
  for (let i = 0; i < count; i++) {
    sum += values[first + i]!;
    moment += (i - middle) * values[first + i]!;
  }
  const mean = sum / count;
  const slope = count > 1 ? moment / ((count * (count * count - 1)) / 12) : 0;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[first + i]! - mean - slope * (i - middle)) ** 2;
  return { level: mean + slope * middle, slope, residual: Math.sqrt(squares / count), samples: count };
}

/** The line with its slope shrunk by what chance may have made of it; turned about its middle. */
function shrunken({ level, slope, residual, samples }: Line): Line {
  const error = residual * Math.sqrt(12 / samples ** 3);
  const errors = error > 0 ? Math.abs(slope) / error : Infinity;
  const kept = slope === 0 ? 0 : slope * Math.max(0, 1 - (LEAST_ERRORS / errors) ** 2);
  return { level: level - (slope - kept) * ((samples - 1) / 2), slope: kept, residual, samples };
}
