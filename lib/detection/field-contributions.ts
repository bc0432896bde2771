import type { Explanation } from '../core/algorithm';
import { fieldOfColumn } from '../readings/feature-columns';
import type { Contribution } from './anomaly';

/** The feature columns of each field. */
export function columnsByField(features: readonly string[]): readonly (readonly number[])[] {
  const fields = new Map<string, number[]>();
  features.forEach((feature, column) => {
    const field = fieldOfColumn(feature);
    const columns = fields.get(field);
    if (columns === undefined) fields.set(field, [column]);
    else columns.push(column);
  });
  return [...fields.values()];
}

export interface ExplainedRow {
  readonly features: readonly string[];
  /** One number a feature. */
  readonly values: Float64Array;
  readonly explanation: Explanation;
  /** How many contributions are listed. */
  readonly most: number;
}

/**
 * What made a row's score, one entry a field, the largest share first; the shares of all fields sum to 1. A field's
 * share is that of all its features (value, windows, lags) together, and the feature that has most of it speaks for the
 * field: five windows of one field would tell a person no more than one. What has no part in it, as the time of day that a
 * field is held against, is left out.
 */
export function contributionsByField(
  fields: readonly (readonly number[])[],
  { features, values, explanation, most }: ExplainedRow,
): readonly Contribution[] {
  const { shares, low, high } = explanation;
  return fields
    .map((columns) => ({
      share: columns.reduce((sum, column) => sum + shares[column]!, 0),
      speaker: columns.reduce((best, column) => (shares[column]! > shares[best]! ? column : best)),
    }))
    .sort((a, b) => b.share - a.share)
    .filter(({ share }, i) => i === 0 || share > 0)
    .slice(0, most)
    .map(({ share, speaker }) => ({
      feature: features[speaker]!,
      value: values[speaker]!,
      expected: [finite(low[speaker]!), finite(high[speaker]!)] as const,
      // A sum of rounded shares may be a bit more than 1.
      share: Math.min(1, share),
    }));
}

/** JSON knows no infinity: an alarm with one in it would not survive a restart. */
function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
