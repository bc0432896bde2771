import type { Reference } from '../../core/artifact';

/** What the raw scores are called among the features. */
export const SCORE_FEATURE = 'anomaly score';

/** What live rows are compared with. */
export interface LearnedRows {
  readonly reference: Reference;
  /** Where the reference's features stand in a feature row; the score, which is the last if it is there, stands in none. */
  readonly columns: readonly number[];
}

/** @param features - columns of the model's rows @returns null without a reference, or with one of other features */
export function learnedRows(reference: Reference | undefined, features: readonly string[]): LearnedRows | null {
  if (reference === undefined) return null;
  const names = reference.distributions.map(({ feature }) => feature);
  const fields = names.at(-1) === SCORE_FEATURE ? names.slice(0, -1) : names;
  const columns = fields.map((feature) => features.indexOf(feature));
  return columns.includes(-1) ? null : { reference, columns };
}
