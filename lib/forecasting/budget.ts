import { MlError } from '../core/errors';
import type { TrainingHistory } from '../core/history';
import type { Candidate } from './candidates';
import type { Trial } from './trial';

/** Every candidate that is used is fitted twice: for the backtest, and on everything. */
const FITS = 2;

export interface Affordable {
  readonly candidate: Candidate;
  /** Its algorithm's estimate for one fit. */
  readonly seconds: number;
}

/**
 * Those candidates that can be tried within a budget, in their order; each takes its part of what the ones before it
 * have left. Decided by the algorithms' own estimates, not by a clock, so that a slow machine chooses as a fast one does.
 * The first costs what it may.
 */
export function withinBudget(
  candidates: readonly Candidate[],
  history: TrainingHistory,
  budgetSeconds: number,
): { readonly affordable: readonly Affordable[]; readonly refused: readonly Trial[] } {
  const affordable: Affordable[] = [];
  const refused: Trial[] = [];
  let left = budgetSeconds;
  for (const candidate of candidates) {
    const seconds = candidate.algorithm.estimateSeconds(history, candidate.params);
    const cost = FITS * seconds;
    if (cost > left && affordable.length > 0) {
      const [about, rest] = [cost, Math.max(0, left)].map((value) => value.toPrecision(2));
      const message = `Not tried: it takes about ${about} s, and ${rest} s of the ${budgetSeconds} s allowed are left.`;
      refused.push({ candidate, result: null, seconds: null, failure: new MlError('LIMIT', message) });
      continue;
    }
    left -= cost;
    affordable.push({ candidate, seconds });
  }
  return { affordable, refused };
}
