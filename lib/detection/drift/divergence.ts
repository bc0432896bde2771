/** Half a row in each bin, so that an empty one stays finite. */
const PRIOR = 0.5;

/**
 * Population stability index of two samples in the same bins: Σ (a − b) · ln(a / b) over the bins' shares. 0: alike;
 * by convention from 0.25 on they differ a lot.
 * @param a - rows in each bin
 * @param b - as many bins
 */
export function stabilityIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [rowsA, rowsB] = [totalOf(a), totalOf(b)];
  let index = 0;
  for (let i = 0; i < a.length; i++) {
    const shareA = (a[i]! + PRIOR) / (rowsA + PRIOR * a.length);
    const shareB = (b[i]! + PRIOR) / (rowsB + PRIOR * a.length);
    index += (shareA - shareB) * Math.log(shareA / shareB);
  }
  return index;
}

/** Kolmogorov's and Smirnov's distance, as far as the bins show it: the largest between the cumulative shares, 0…1. */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [rowsA, rowsB] = [totalOf(a) || 1, totalOf(b) || 1];
  let [sumA, sumB, largest] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
    largest = Math.max(largest, Math.abs(sumA / rowsA - sumB / rowsB));
  }
  return largest;
}

/** Rows in all bins. */
export function totalOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/**
 * The bin of a value: how many edges lie below it.
 * @param edges - rising
 */
export function binOf(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
