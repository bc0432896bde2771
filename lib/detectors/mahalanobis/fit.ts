import type { Run } from '../../core/algorithm';
import { cholesky, invertLower, packLower } from '../../core/cholesky';
import { throwIfAborted } from '../../core/errors';
import { mean } from '../../core/statistics';
import { columnOf, makeTable, rowOf, sliceRows, type Table } from '../../core/table';
import { type DailyProfile, fitDailyProfile, levelsAt } from './daily-profile';
import type { Normal, Scales } from './normal';
import { columnsByScale, Units } from './scales';

/** Least share by which correlations are shrunk. */
const LEAST_SHRINKAGE = 0.02;
/** Drift is measured between so many successive parts of the training rows … */
const DRIFT_PARTS = 4;
/** … and widens the covariance by so many times its mean square: by the drift over all of them, where it goes on. */
const DRIFT_WEIGHT = 4;
/** Rows between looks at the abort signal. */
const ROWS_A_LOOK = 256;

/** Learns each time scale by itself: how its features usually are, and how they move together. */
export function fitScales(x: Table, run: Run): Scales {
  const whole = withoutMissing(x);
  const units = new Units(whole);
  const { floors } = units;
  const width = x.columns.length;
  const logged = { ...x, data: whole.data.map((value, i) => logarithmOf(value, floors[i % width]!)) };
  const profile = fitDailyProfile(logged);
  const judged = profile ? withoutProfile(logged, profile) : logged;
  const all = columnsByScale(x.columns).map((columns) => columns.filter((c) => !profile?.columns.includes(c)));
  const scales = all.map((columns, i) => {
    const part = pickColumns(judged, columns);
    const onProgress = (fraction: number): void => run.onProgress?.((i + fraction) / all.length);
    return { columns, normal: fitNormal(part, units, { ...run, onProgress }) };
  });
  return { floors, profile, scales };
}

function withoutProfile(x: Table, profile: DailyProfile): Table {
  const data = x.data.slice();
  for (let r = 0; r < x.rows; r++) {
    const row = rowOf(x, r);
    levelsAt(profile, row).forEach((level, c) => (data[r * row.length + c]! -= level));
  }
  return { ...x, data };
}

/** The value, or where there is a floor its logarithm; see `Scales.floors`. */
export function logarithmOf(value: number, floor: number): number {
  return floor > 0 ? Math.log(Math.max(value, floor)) : value;
}

/** Missing cells hold the mean of their column. */
function withoutMissing(x: Table): Table {
  if (!x.data.some(Number.isNaN)) return x;
  const width = x.columns.length;
  const means = x.columns.map((_, c) => {
    const present = columnOf(x, c).filter((value) => !Number.isNaN(value));
    return present.length > 0 ? mean(present) : 0;
  });
  return { ...x, data: x.data.map((value, i) => (Number.isNaN(value) ? means[i % width]! : value)) };
}

function pickColumns({ data, columns, rows }: Table, picked: readonly number[]): Table {
  const cells = Float64Array.from({ length: rows * picked.length }, (_, i) => {
    const row = Math.floor(i / picked.length);
    return data[row * columns.length + picked[i % picked.length]!]!;
  });
  return makeTable(
    picked.map((c) => columns[c]!),
    cells,
  );
}

function fitNormal(x: Table, units: Units, run: Run): Normal {
  const { centre, scale, z } = standardise(x, units);
  const covariance = covarianceOf(z, run);
  const width = x.columns.length;
  const whitening = packLower(invertLower(cholesky(covariance, width), width), width);
  run.onProgress?.(1);
  return { centre, scale, whitening };
}

/** @param x - after logarithms were taken */
export function standardise(x: Table, units: Units): Pick<Normal, 'centre' | 'scale'> & { readonly z: Table } {
  const width = x.columns.length;
  const values = x.columns.map((_, c) => columnOf(x, c));
  const centre = Float64Array.from(values, mean);
  const scale = Float64Array.from(values, (column, c) => units.scaleOf(x.columns[c]!, column));
  const data = x.data.map((value, i) => (value - centre[i % width]!) / scale[i % width]!);
  return { centre, scale, z: { ...x, data } };
}

/**
 * Correlations, shrunk towards none the more the fewer rows there are for each feature, and widened by drift.
 * @param z - standardised rows
 * @returns `features × features`, row-major, positive definite whatever the rows are
 */
export function covarianceOf(z: Table, run: Run): Float64Array {
  const covariance = shrunkCorrelation(z, run);
  addDrift(covariance, z);
  return covariance;
}

/** Correlations shrunk by features / (features + rows), ones on the diagonal. */
function shrunkCorrelation(z: Table, run: Run): Float64Array {
  const width = z.columns.length;
  const correlation = new Float64Array(width * width);
  for (let r = 0; r < z.rows; r++) {
    if (r % ROWS_A_LOOK === 0 && r > 0) {
      run.onProgress?.(r / z.rows);
      throwIfAborted(run.signal);
    }
    const row = rowOf(z, r);
    for (let i = 0; i < width; i++) {
      const factor = row[i]!;
      for (let j = 0, to = i * width; j <= i; j++, to++) correlation[to]! += factor * row[j]!;
    }
  }
  const shrinkage = Math.max(LEAST_SHRINKAGE, width / (width + z.rows));
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) {
      const shrunk = ((1 - shrinkage) * correlation[i * width + j]!) / z.rows;
      correlation[i * width + j] = shrunk;
      correlation[j * width + i] = shrunk;
    }
    correlation[i * width + i] = 1;
  }
  return correlation;
}

/** Adds the mean outer product of the differences between the means of successive parts. */
function addDrift(covariance: Float64Array, z: Table): void {
  const width = z.columns.length;
  const means = Array.from({ length: DRIFT_PARTS }, (_, part) => {
    const bounds = [part, part + 1].map((p) => Math.floor((p * z.rows) / DRIFT_PARTS)) as [number, number];
    const rows = sliceRows(z, ...bounds);
    return z.columns.map((_name, c) => mean(columnOf(rows, c)));
  });
  for (let part = 1; part < DRIFT_PARTS; part++) {
    const step = means[part]!.map((value, c) => value - means[part - 1]![c]!);
    const weight = DRIFT_WEIGHT / (DRIFT_PARTS - 1);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) covariance[i * width + j]! += weight * step[i]! * step[j]!;
    }
  }
}
