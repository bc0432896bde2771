import type { Severity } from '../core/events';

/** L = −log₁₀ p at which the score is 0.5; so p = 1e-3 gives 0.70 and p = 1e-5 gives 0.79. */
const HALF = 1.3;

/** Smaller probabilities count as this one, so that all that is made of them stays finite. */
export const SMALLEST_P = 1e-300;

/** From this score on an anomaly is critical: a normal reading gets there once in 100,000. */
export const DEFAULT_CRITICAL_SCORE = 0.79;

/**
 * The score of a probability: L / (L + 1.3) with L = −log₁₀ p, the same meaning for every detector.
 * @param p - probability that a normal reading is so unusual, 0…1
 * @returns 0 (p = 1) to just below 1
 */
export function scoreOf(p: number): number {
  const surprise = Math.max(0, -Math.log10(Math.max(p, SMALLEST_P)));
  return surprise / (surprise + HALF);
}

/**
 * The probability that a normal reading has at least this score; the inverse of `scoreOf`.
 * @param score - 0…1
 */
export function probabilityOfScore(score: number): number {
  if (score <= 0) return 1;
  return score < 1 ? Math.max(SMALLEST_P, 10 ** ((-HALF * score) / (1 - score))) : SMALLEST_P;
}

/** Normal below the threshold; from there on a warning, from `criticalScore` on critical. */
export function severityOf(score: number, threshold: number, criticalScore: number): Exclude<Severity, 'unknown'> {
  if (score < threshold) return 'normal';
  return score < criticalScore ? 'warning' : 'critical';
}
