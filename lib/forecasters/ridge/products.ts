import type { LagColumn } from './lag-columns';

/** Sums over origins of columns and of their products, pair by pair. */
export interface Products {
  readonly size: number;
  /** Origins summed over. */
  readonly count: number;
  readonly sums: Float64Array;
  /** `size × size`, symmetric. */
  readonly products: Float64Array;
}

/**
 * The products of lagged samples at the origins `from` … `to` − 1. Two lags that are as far apart as two others sum the
 * same terms, but for those at the ends: each distance between lags is summed once, in linear time, and then moved.
 * @param columns - single samples (`near` = `far`)
 */
export function laggedProducts(
  series: readonly Float64Array[],
  columns: readonly LagColumn[],
  from: number,
  to: number,
): Products {
  const size = columns.length;
  const sums = new Float64Array(size);
  const products = new Float64Array(size * size);
  const lags = columns.map(({ near }) => near);
  const span = Math.max(...lags) - Math.min(...lags);
  const known = new Map<number, { start: number; sum: number }>();
  for (let i = 0; i < size; i++) {
    const one = columns[i]!;
    const a = series[one.series]!;
    const start = from - one.near;
    for (let t = start; t < start + to - from; t++) sums[i]! += a[t]!;
    for (let j = i; j < size; j++) {
      const other = columns[j]!;
      const b = series[other.series]!;
      const shift = one.near - other.near;
      const key = (one.series * series.length + other.series) * (2 * span + 1) + shift + span;
      let entry = known.get(key);
      if (!entry) {
        entry = { start, sum: sumOfProducts(a, b, shift, start, start + to - from) };
        known.set(key, entry);
      } else {
        move(entry, a, b, shift, start, to - from);
      }
      products[i * size + j] = entry.sum;
      products[j * size + i] = entry.sum;
    }
  }
  return { size, count: to - from, sums, products };
}

function sumOfProducts(a: Float64Array, b: Float64Array, shift: number, start: number, end: number): number {
  let sum = 0;
  for (let t = start; t < end; t++) sum += a[t]! * b[t + shift]!;
  return sum;
}

/** Makes a sum over `count` samples from `entry.start` on one from `start` on. */
function move(
  entry: { start: number; sum: number },
  a: Float64Array,
  b: Float64Array,
  shift: number,
  start: number,
  count: number,
): void {
  const old = entry.start;
  if (Math.abs(old - start) >= count) {
    entry.sum = sumOfProducts(a, b, shift, start, start + count);
  } else if (start < old) {
    entry.sum += sumOfProducts(a, b, shift, start, old);
    entry.sum -= sumOfProducts(a, b, shift, start + count, old + count);
  } else if (start > old) {
    entry.sum += sumOfProducts(a, b, shift, old + count, start + count);
    entry.sum -= sumOfProducts(a, b, shift, old, start);
  }
  entry.start = start;
}

/** The same for columns that may be means, at every `stride`-th origin. */
export function rowProducts(
  series: readonly Float64Array[],
  columns: readonly LagColumn[],
  from: number,
  to: number,
  stride: number,
): Products {
  const size = columns.length;
  const sums = new Float64Array(size);
  const products = new Float64Array(size * size);
  const running = series.map(runningSums);
  const row = new Float64Array(size);
  let count = 0;
  for (let origin = from; origin < to; origin += stride, count++) {
    for (let i = 0; i < size; i++) {
      const { series: s, near, far } = columns[i]!;
      const value =
        near === far
          ? series[s]![origin - near]!
          : (running[s]![origin - near + 1]! - running[s]![origin - far]!) / (far - near + 1);
      row[i] = value;
      sums[i]! += value;
      for (let j = 0; j <= i; j++) products[i * size + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) products[j * size + i] = products[i * size + j]!;
  return { size, count, sums, products };
}

/** Entry i is the sum of the first i values. */
export function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  return sums;
}
