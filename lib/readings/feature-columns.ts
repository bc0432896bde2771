import type { FeatureSpec, Pipeline } from '../core/pipeline';

/**
 * Names of a pipeline's feature columns, in order: `flow`, `mean(flow, 5)`, `lag(flow, 1)`, `rate(flow)`,
 * `hour-of-day sin`, `hour-of-day cos` …
 */
export function featureColumns(pipeline: Pick<Pipeline, 'features'>): readonly string[] {
  return pipeline.features.flatMap(columnsOf);
}

function columnsOf(feature: FeatureSpec): readonly string[] {
  switch (feature.kind) {
    case 'value':
      return [feature.field];
    case 'window':
      return [`${feature.statistic}(${feature.field}, ${feature.rows})`];
    case 'lag':
      return [`lag(${feature.field}, ${feature.rows})`];
    case 'rate':
      return [`rate(${feature.field})`];
    case 'hour-of-day':
    case 'day-of-week':
      return [`${feature.kind} sin`, `${feature.kind} cos`];
  }
}
