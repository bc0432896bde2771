/**
 * Area under the ROC curve: the probability that a random anomaly scores above a random normal row, ties counting half
 * (Mann and Whitney 1947; equals scikit-learn's `roc_auc_score`).
 * @param anomalous - truthy where the row is an anomaly
 * @returns 0…1, NaN where one of the classes is absent
 */
export function auc(scores: ArrayLike<number>, anomalous: ArrayLike<number | boolean>): number {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const rank = (start + end + 1) / 2; // of all in this tie, counted from 1
    for (; start < end; start++) {
      if (anomalous[order[start]!]) {
        rankSum += rank;
        positives++;
      }
    }
  }
  const negatives = order.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** How often alarms were right and wrong, row by row; add up over files by `addCounts`. */
export interface Counts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

export function countVerdicts(alarm: ArrayLike<number | boolean>, anomalous: ArrayLike<number | boolean>): Counts {
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  for (let i = 0; i < alarm.length; i++) {
    if (alarm[i]) counts[anomalous[i] ? 'truePositives' : 'falsePositives']++;
    else counts[anomalous[i] ? 'falseNegatives' : 'trueNegatives']++;
  }
  return counts;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    truePositives: a.truePositives + b.truePositives,
    falsePositives: a.falsePositives + b.falsePositives,
    falseNegatives: a.falseNegatives + b.falseNegatives,
    trueNegatives: a.trueNegatives + b.trueNegatives,
  };
}

/** F1 (0…1), false alarm rate and missed alarm rate (both in percent of the normal and of the anomalous rows). */
export function rates(counts: Counts): { readonly f1: number; readonly far: number; readonly mar: number } {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = counts;
  return { f1: (2 * tp) / (2 * tp + fp + fn), far: (100 * fp) / (fp + tn), mar: (100 * fn) / (tp + fn) };
}
