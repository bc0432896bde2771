import { quantileSorted } from '../core/statistics';

/** Values closer than this, relative to their size, are one value: less is floating-point noise. */
const NOISE = 1e-9;

/** Smallest difference between neighbours that is more than noise; Infinity where all values are one. */
export function resolutionOf(sorted: Float64Array): number {
  const usual = Math.abs(quantileSorted(sorted, 0.5));
  let smallest = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    const step = sorted[i]! - sorted[i - 1]!;
    const noise = NOISE * Math.max(usual, Math.abs(sorted[i]!), Math.abs(sorted[i - 1]!));
    if (step > noise && step < smallest) smallest = step;
  }
  return smallest;
}
