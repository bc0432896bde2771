import type { Run } from '../../core/algorithm';
import { cholesky, invertLower, packLower } from '../../core/cholesky';
import { throwIfAborted } from '../../core/errors';
import { mean, standardDeviation } from '../../core/statistics';
import { columnOf, rowOf, sliceRows, type Table } from '../../core/table';
import { fieldOfColumn } from '../../readings/feature-columns';
import { resolutionOf } from '../resolution';
import type { Normal } from './normal';

/** Least share by which correlations are shrunk. */
const LEAST_SHRINKAGE = 0.02;
/** Drift is measured between so many successive parts of the training rows … */
const DRIFT_PARTS = 4;
/** … and widens the covariance by so many times its mean square: by the drift over all of them, where it goes on. */
const DRIFT_WEIGHT = 4;
/** Scale of a feature that never changed, relative to its field's size. */
const CONSTANT_SCALE = 0.01;
/** A deviation smaller than this, relative to the field's size, is floating-point noise. */
const NOISE = 1e-9;
/** Deviation that rounding to a resolution of 1 makes: that of a uniform distribution of width 1. */
const ROUNDING_DEVIATION = Math.sqrt(1 / 12);
/** Rows between looks at the abort signal. */
const ROWS_A_LOOK = 256;

export function fitNormal(x: Table, run: Run): Normal {
  const centre = Float64Array.from(x.columns, (_, c) => mean(columnOf(x, c)));
  const scale = scalesOf(x, centre);
  const z = standardised(x, centre, scale);
  const covariance = shrunkCorrelation(z, run);
  addDrift(covariance, z);
  const width = x.columns.length;
  const whitening = packLower(invertLower(cholesky(covariance, width), width), width);
  run.onProgress?.(1);
  return { centre, scale, whitening };
}

/**
 * Deviation of each feature, but not less than the rounding of its field's values makes, since nothing can be known
 * finer than that; of features that never changed a percent of their field's size.
 */
function scalesOf(x: Table, centre: Float64Array): Float64Array {
  const fields = x.columns.map(fieldOfColumn);
  const sizes = new Map<string, number>();
  const roundings = new Map<string, number>();
  fields.forEach((field, c) => {
    sizes.set(field, Math.max(sizes.get(field) ?? 0, Math.abs(centre[c]!)));
    const resolution = field === x.columns[c] ? resolutionOf(columnOf(x, c).sort()) : Infinity;
    if (resolution < Infinity) roundings.set(field, ROUNDING_DEVIATION * resolution);
  });
  return Float64Array.from(fields, (field, c) => {
    const size = sizes.get(field)!;
    const deviation = standardDeviation(columnOf(x, c));
    const scale = Math.max(deviation > NOISE * size ? deviation : 0, roundings.get(field) ?? 0);
    return scale > 0 ? scale : CONSTANT_SCALE * (size || 1);
  });
}

function standardised(x: Table, centre: Float64Array, scale: Float64Array): Table {
  const width = centre.length;
  return { ...x, data: x.data.map((value, i) => (value - centre[i % width]!) / scale[i % width]!) };
}

/** Correlations shrunk by features / (features + rows), ones on the diagonal: positive definite whatever the rows are. */
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
