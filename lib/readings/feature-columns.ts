import type { FeatureSpec, Pipeline, WindowStatistic } from '../core/pipeline';

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

/** The two columns of the time of day, as `featureColumns` names them. */
export const HOUR_COLUMNS = ['hour-of-day sin', 'hour-of-day cos'] as const;

/** The field that a feature column is made from; of `hour-of-day` and `day-of-week` these. The inverse of `featureColumns`. */
export function fieldOfColumn(column: string): string {
  const made =
    /^(?:(?:mean|deviation|minimum|maximum|lag)\((.+), \d+\)|rate\((.+)\)|(hour-of-day|day-of-week) (?:sin|cos))$/s;
  const [, windowed, rated, calendar] = made.exec(column) ?? [];
  return windowed ?? rated ?? calendar ?? column;
}

/** What a feature column holds, where it is a window's; null for any other. */
export function windowOfColumn(column: string): { readonly statistic: WindowStatistic; readonly rows: number } | null {
  const [, statistic, rows] = /^(mean|deviation|minimum|maximum)\(.+, (\d+)\)$/s.exec(column) ?? [];
  return statistic === undefined ? null : { statistic: statistic as WindowStatistic, rows: Number(rows) };
}
