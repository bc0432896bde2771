import type { ParamValues } from '../core/params';
import { detector } from '../registry';
import type { FieldFeatures } from '../readings/fit-pipeline';

/** What is known of the readings before their pipeline is fitted. */
export interface TableFacts {
  /** Readings of the device that has most. */
  readonly rows: number;
  /** Features the user asked for beside the fields' values; where there are any, they stay as they are. */
  readonly features: readonly FieldFeatures[];
}

/** Which detector to fit, with which parameters, on which features. */
export interface Recipe {
  readonly algorithm: string;
  readonly params: ParamValues;
  /** For `PipelineOptions.features`. */
  readonly features: readonly FieldFeatures[];
  /** Why, one sentence each, for the card; none where the user chose everything. */
  readonly reasons: readonly string[];
}

/** The algorithm that stands for "choose for me". */
export const AUTO = 'auto';

/**
 * What to train: the algorithm that was asked for, with the parameters given, or for `auto` the detector and features
 * that fit the readings. A rule without labels, the same for everyone.
 * @throws MlError `NOT_FOUND` for an algorithm that does not exist
 */
export function recipeFor(algorithm: string, params: ParamValues, facts: TableFacts): Recipe {
  if (algorithm !== AUTO) return { algorithm: detector(algorithm).id, params, features: facts.features, reasons: [] };
  const features = facts.features.length > 0 ? facts.features : [windowOf(5), windowOf(15), windowOf(45)];
  return { algorithm: 'mahalanobis', params: {}, features, reasons: [] };
}

function windowOf(window: number): FieldFeatures {
  return { field: '', window, mean: true, deviation: true, minimum: false, maximum: false, lags: [], rate: false };
}
