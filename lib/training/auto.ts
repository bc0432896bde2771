import type { ParamValues } from '../core/params';
import type { FieldFeatures } from '../readings/fit-pipeline';
import { detector } from '../registry';

/** What is known of the readings before their pipeline is fitted. */
export interface TableFacts {
  /** Readings of the device that has most. */
  readonly rows: number;
  /** Fields that may become features, at most. */
  readonly fields: number;
  /** Features the user asked for beside the fields' values; where there are any, they stay as they are. */
  readonly features: readonly FieldFeatures[];
  /** There is one field, and it follows the time of day. */
  readonly isDaily: boolean;
}

/** Which detector to fit, with which parameters, on which features. */
export interface Recipe {
  readonly algorithm: string;
  readonly params: ParamValues;
  /** For `PipelineOptions.features`. */
  readonly features: readonly FieldFeatures[];
  /** Whether the time of day is to be among the features, beside what the user asked for. */
  readonly hourOfDay: boolean;
  /** Why, one sentence each, for the card; none where the user chose everything. */
  readonly reasons: readonly string[];
}

/** The algorithm that stands for "choose for me". */
export const AUTO = 'auto';

/** The longest window, in rows; the others are a third and a ninth of it. */
const LONGEST_WINDOW = 45;
const WINDOW_RATIO = 3;
const WINDOWS = 3;
const SHORTEST_WINDOW = 3;
/** So many windows of the longest kind must follow each other in the training rows, for what is usual to show. */
const WINDOWS_IN_ROWS = 9;
/** More columns than this make scoring slow on a gateway: a row takes their square in nanoseconds. */
const MOST_COLUMNS = 300;

/**
 * What to train: the algorithm that was asked for, with the parameters given, or for `auto` what suits the readings.
 *
 * `auto` is a rule, the same for everyone, without labels: a fault shows as a shifted mean or an unusual unrest of a few
 * fields against the others, over seconds or over minutes. So each field gets means and deviations over three windows,
 * and the detector is one that knows how fields move together (`mahalanobis`). With few rows the windows are shorter;
 * with many fields there are fewer; with more than it can learn, each field is judged by itself (`mad`). A single field
 * has no others to be held against: where it follows the time of day, it is held against what is usual at that time.
 * @param params - for the algorithm asked for; `auto` takes none
 * @throws MlError `NOT_FOUND` for an algorithm that does not exist
 */
export function recipeFor(algorithm: string, params: ParamValues, facts: TableFacts): Recipe {
  if (algorithm !== AUTO) {
    return { algorithm: detector(algorithm).id, params, features: facts.features, hourOfDay: false, reasons: [] };
  }
  const windows = facts.features.length > 0 ? [] : windowsFor(facts);
  const features = facts.features.length > 0 ? facts.features : windows.map(meanAndDeviation);
  const isTooWide = facts.fields * columnsPerField(features) > MOST_COLUMNS;
  const chosen = detector(isTooWide ? 'mad' : 'mahalanobis');
  const over = windows.length > 0 ? ` on each field and its mean and deviation over ${windows.join(', ')} rows` : '';
  const because = isTooWide
    ? 'so many features are too many to learn how they move together'
    : `many faults show only in how fields move together${windows.length > 0 ? ', some only over a while' : ''}`;
  const hourOfDay = facts.isDaily && facts.features.length === 0;
  const daily =
    'The field follows the time of day: it is judged by how far it is from what it usually is at that time.';
  return {
    algorithm: chosen.id,
    params: {},
    features,
    hourOfDay,
    reasons: [`Chosen automatically: ${chosen.title}${over}, since ${because}.`, ...(hourOfDay ? [daily] : [])],
  };
}

/** Lengths in rows, the longest first. */
function windowsFor({ rows, fields }: TableFacts): number[] {
  const longest = Math.min(LONGEST_WINDOW, Math.floor(rows / WINDOWS_IN_ROWS));
  const lengths = Array.from({ length: WINDOWS }, (_, i) => Math.round(longest / WINDOW_RATIO ** i));
  const affordable = Math.floor((MOST_COLUMNS / fields - 1) / 2);
  return lengths.filter((length) => length >= SHORTEST_WINDOW).slice(0, Math.max(0, affordable));
}

function meanAndDeviation(window: number): FieldFeatures {
  return { field: '', window, mean: true, deviation: true, minimum: false, maximum: false, lags: [], rate: false };
}

/** Columns that a field has at most. */
function columnsPerField(features: readonly FieldFeatures[]): number {
  return features.reduce((sum, { mean, deviation, minimum, maximum, lags, rate }) => {
    return sum + [mean, deviation, minimum, maximum, rate].filter(Boolean).length + lags.length;
  }, 1);
}
