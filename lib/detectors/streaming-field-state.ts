import { MlError } from '../core/errors';
import type { JsonObject } from '../core/json';
import { boolean, integer, list, number, object, type Shape } from '../core/shape';

/** Values whose median is a field's first level. */
export const FIRST_VALUES = 16;

/** All that is known of a field besides the histograms. */
export interface FieldNumbers {
  count: number;
  /** The normal level, followed fast and slowly. */
  fast: number;
  slow: number;
  /** Usual distance from the slow level, and usual change from value to value. */
  distance: number;
  change: number;
  /** What is going on now: level and activity of the last few values, the last one, and for how long it has not changed. */
  near: number;
  activity: number;
  last: number;
  unchanged: number;
  /** Size of the last change. */
  moved: number;
  /** The last value learned, and the smallest step between two of them. */
  learned: number;
  step: number;
  /** Improbable values in this episode, and values since the last of them. */
  episode: number;
  calm: number;
  /** Step to the first value of the episode. */
  deferredStep: number;
}

export const NOTHING_KNOWN: Readonly<FieldNumbers> = {
  count: 0,
  fast: 0,
  slow: 0,
  distance: 0,
  change: 0,
  near: 0,
  activity: 0,
  last: 0,
  unchanged: 0,
  moved: 0,
  learned: 0,
  step: 0,
  episode: 0,
  calm: 0,
  deferredStep: 0,
};

/** A field as it is stored. */
export interface SavedField {
  readonly first: readonly number[];
  readonly deferred: readonly number[];
  readonly numbers: Readonly<FieldNumbers>;
  readonly wentNegative: boolean;
  readonly wentPositive: boolean;
  readonly histograms: readonly JsonObject[];
}

const finite = number();
const size = number(0);
const savedShape: Shape = object<SavedField>({
  first: list(finite, FIRST_VALUES),
  deferred: list(size),
  numbers: object<FieldNumbers>({
    count: integer(0),
    fast: finite,
    slow: finite,
    distance: size,
    change: size,
    near: finite,
    activity: size,
    last: finite,
    unchanged: integer(0),
    moved: size,
    learned: finite,
    step: size,
    episode: integer(0),
    calm: integer(0),
    deferredStep: size,
  }),
  wentNegative: boolean,
  wentPositive: boolean,
  histograms: list(object({})),
});

/**
 * A stored field, once it has been checked.
 * @param histograms - how many there must be once the field has a level
 * @throws MlError `ARTIFACT` where it is damaged
 */
export function checkSavedField(state: JsonObject, histograms: number): SavedField {
  savedShape(state, 'field');
  const saved = state as unknown as SavedField;
  const expected = saved.numbers.count < FIRST_VALUES ? 0 : histograms;
  if (saved.histograms.length !== expected) {
    throw new MlError('ARTIFACT', `field.histograms must have ${expected} entries, got ${saved.histograms.length}.`);
  }
  return saved;
}
