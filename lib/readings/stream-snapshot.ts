import type { Json, JsonObject } from '../core/json';
import { either, integer, list, nothing, number, object, text, type Shape } from '../core/shape';
import type { BucketSnapshot } from './bucket';
import type { SamplerSnapshot } from './sampler';

/** What `FeatureStream.snapshot` gives. Plain JSON. */
export interface StreamSnapshot extends JsonObject {
  /** Says which pipeline it belongs to. */
  readonly pipeline: string;
  readonly lastRowMs: number | null;
  readonly sampler: SamplerSnapshot;
  /** One list a field whose past is kept, oldest first, null where missing. */
  readonly histories: readonly (readonly (number | null)[])[];
}

type Named<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

const orNull = (shape: Shape): Shape => either('a number or null', shape, nothing);
const anyText = text(0, Infinity);

/** The snapshot where it is whole, else null. @param width - values a row; @param pasts - fields whose past is kept */
export function checkStreamSnapshot(snapshot: Json, width: number, pasts: number): StreamSnapshot | null {
  const wide = (item: Shape): Shape => list(item, width);
  const bucket = object<Named<BucketSnapshot>>({
    index: integer(),
    totals: wide(number()),
    counts: wide(integer(0)),
    timesMs: wide(number()),
    label: either('text or null', anyText, nothing),
  });
  const shape = object<Named<StreamSnapshot>>({
    pipeline: anyText,
    lastRowMs: orNull(number()),
    sampler: object<Named<SamplerSnapshot>>({
      newestMs: orNull(number()),
      emittedMs: orNull(number()),
      lateInRow: integer(0),
      intervals: list(number(0)),
      open: either('an object or null', bucket, nothing),
    }),
    histories: list(list(orNull(number())), pasts),
  });
  try {
    shape(snapshot, 'features');
  } catch {
    return null;
  }
  const whole = snapshot as StreamSnapshot;
  const { open } = whole.sampler;
  const isWhole = open === null || [open.totals, open.counts, open.timesMs].every(({ length }) => length === width);
  return isWhole && whole.histories.length === pasts ? whole : null;
}
