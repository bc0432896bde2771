/** How well scores tell faults from normal rows. */
export interface Quality {
  /** Share of the alarms that were faults; null where nothing was called an anomaly. */
  readonly precision: number | null;
  /** Share of the faults that were found. */
  readonly recall: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
  /** Share of all rows that were called rightly. */
  readonly accuracy: number;
  /** Share of the normal rows that were called anomalies. */
  readonly falsePositiveRate: number;
  /** Probability that a fault scores higher than a normal row: area under the ROC curve. */
  readonly auc: number;
}

/**
 * @param normal - raw or calibrated scores of rows known to be normal, at least one
 * @param faulty - scores of rows known to be faulty, at least one
 * @param threshold - a row that scores at least so high is called an anomaly
 */
export function qualityOf(normal: Float64Array, faulty: Float64Array, threshold: number): Quality {
  const above = (scores: Float64Array): number => scores.reduce((sum, score) => sum + (score >= threshold ? 1 : 0), 0);
  const found = above(faulty);
  const falsely = above(normal);
  const called = found + falsely;
  return {
    precision: called === 0 ? null : found / called,
    recall: found / faulty.length,
    f1: (2 * found) / (called + faulty.length),
    accuracy: (found + normal.length - falsely) / (normal.length + faulty.length),
    falsePositiveRate: falsely / normal.length,
    auc: auc(normal, faulty),
  };
}

/** The Mann–Whitney statistic as a share; ties count half. */
export function auc(normal: Float64Array, faulty: Float64Array): number {
  const below = Float64Array.from(normal).sort();
  let wins = 0;
  for (const score of faulty) wins += (countBelow(below, score, false) + countBelow(below, score, true)) / 2;
  return wins / (normal.length * faulty.length);
}

/** How many of the `sorted` numbers are less than `value`, or (`orEqual`) not more than it. */
function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
