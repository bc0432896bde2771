import type { Json, JsonObject } from '../core/json';
import { either, integer, list, nothing, number, object, oneOf, type Shape, text } from '../core/shape';
import type { BucketSnapshot } from './bucket';
import type { CellClockSnapshot } from './cell-clock';
import type { SampleWindowSnapshot } from './sample-window';

/** When and why a window began anew. */
export interface WindowRestart {
  /** Time of the first reading in the new window, epoch ms. */
  readonly atMs: number;
  /** A silence too long to fill; or the device's clock was put back. */
  readonly reason: 'silence' | 'clock-put-back';
}

/** A reading that waits for another one to confirm its time. */
export interface WaitingReading {
  readonly timestampMs: number;
  /** A row of the layout, null where missing. */
  readonly row: readonly (number | null)[];
}

/** What `GridStream.snapshot` gives. Plain JSON. */
export interface GridStreamSnapshot extends JsonObject {
  /** Says which plan it belongs to. */
  readonly plan: string;
  readonly window: SampleWindowSnapshot;
  readonly clock: CellClockSnapshot;
  readonly open: BucketSnapshot | null;
  readonly waiting: (WaitingReading & JsonObject) | null;
  readonly seededTo: number | null;
  readonly late: number;
  readonly lateInRow: number;
  readonly restart: (WindowRestart & JsonObject) | null;
}

type Named<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

const orNull = (expected: string, shape: Shape): Shape => either(`${expected} or null`, shape, nothing);
const anyText = text(0, Infinity);
const time = number(-8.64e15, 8.64e15);

/** The snapshot where it is whole, else null. @param width - columns of the layout's rows */
export function checkGridStreamSnapshot(snapshot: Json, width: number): GridStreamSnapshot | null {
  const shape = object<Named<GridStreamSnapshot>>({
    plan: anyText,
    window: object<Named<SampleWindowSnapshot>>({
      columns: list(anyText),
      cell: orNull('a whole number', integer()),
      count: integer(0),
      known: list(orNull('a number', number())),
      knownCells: list(orNull('a whole number', integer())),
    }),
    clock: object<Named<CellClockSnapshot>>({
      newestMs: orNull('a time', time),
      cell: orNull('a whole number', integer()),
      intervals: list(number(0)),
    }),
    open: orNull(
      'an object',
      object<Named<BucketSnapshot>>({
        index: integer(),
        totals: list(number()),
        counts: list(integer(0)),
        timesMs: list(number()),
        label: orNull('text', anyText),
      }),
    ),
    waiting: orNull(
      'an object',
      object<WaitingReading>({ timestampMs: time, row: list(orNull('a number', number())) }),
    ),
    seededTo: orNull('a whole number', integer()),
    late: integer(0),
    lateInRow: integer(0),
    restart: orNull('an object', object<WindowRestart>({ atMs: time, reason: oneOf('silence', 'clock-put-back') })),
  });
  try {
    shape(snapshot, 'window');
  } catch {
    return null;
  }
  const whole = snapshot as GridStreamSnapshot;
  const { open, waiting } = whole;
  const rows = [...(open ? [open.totals, open.counts, open.timesMs] : []), ...(waiting ? [waiting.row] : [])];
  return rows.every(({ length }) => length === width) ? whole : null;
}
