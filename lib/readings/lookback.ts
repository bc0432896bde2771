import type { FeatureSpec, Pipeline } from '../core/pipeline';

/** Rows that the features of one row reach back. */
export function lookbackOf({ features }: Pick<Pipeline, 'features'>): number {
  return features.reduce((longest, feature) => Math.max(longest, reachOf(feature)), 0);
}

/** The same of each feature column. */
export function columnLookbacks({ features }: Pick<Pipeline, 'features'>): readonly number[] {
  return features.flatMap((feature) => {
    const reach = reachOf(feature);
    return feature.kind === 'hour-of-day' || feature.kind === 'day-of-week' ? [reach, reach] : [reach];
  });
}

function reachOf(feature: FeatureSpec): number {
  switch (feature.kind) {
    case 'window':
      return feature.rows - 1;
    case 'lag':
      return feature.rows;
    case 'rate':
      return 1;
    case 'value':
    case 'hour-of-day':
    case 'day-of-week':
      return 0;
  }
}
