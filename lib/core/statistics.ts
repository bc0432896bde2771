import * as simple from 'simple-statistics';

/** simple-statistics works on any array of numbers, but its types know only `number[]`. */
type Numbers = readonly number[] | Float64Array;
const plain = (values: Numbers): readonly number[] => values as readonly number[];

/** Arithmetic mean of at least one number. */
export const mean = (values: Numbers): number => simple.mean(plain(values));

/** Median of at least one number. */
export const median = (values: Numbers): number => simple.quantile(plain(values), 0.5);

/** Standard deviation of the values themselves (population, numpy's `ddof=0`). */
export const standardDeviation = (values: Numbers): number => simple.standardDeviation(plain(values));

/** Median absolute deviation from the median, unscaled. */
export const medianAbsoluteDeviation = (values: Numbers): number => simple.medianAbsoluteDeviation(plain(values));

/**
 * Quantile of values in rising order, interpolated linearly (numpy's default, R's type 7).
 * @param p - 0…1
 */
export const quantileSorted = (sorted: Numbers, p: number): number => simple.quantileSorted(plain(sorted), p);

/** Median of at least one number; brings them into another order. Linear in their count. */
export function medianInPlace(values: Float64Array): number {
  const middle = values.length >> 1;
  // The types know only `number[]`; what is swapped about may be any array.
  simple.quickselect(values as unknown as number[], middle, 0, values.length - 1);
  const upper = values[middle]!;
  if (values.length % 2 === 1) return upper;
  let lower = -Infinity;
  for (let i = 0; i < middle; i++) lower = Math.max(lower, values[i]!);
  return (lower + upper) / 2;
}
