import type { Random } from '../../core/random';

/** What a fault has to do with. */
export interface FaultSetting {
  /** How far off, in the field's own unit; may be negative. 0 where the fault has no size. */
  readonly size: number;
  /** The field's last value before. */
  readonly before: number;
  /** As many values of the field as it shows, from another time. */
  readonly elsewhere: Float64Array;
  readonly random: Random;
}

export interface Fault {
  readonly id: string;
  /** Whether it can be smaller and larger. */
  readonly isSized: boolean;
  /** True: it needs other fields to be one. */
  readonly needsOthers: boolean;
  /** What becomes of the value that the field would show. @param progress - 0…1, 1 at the end */
  readonly apply: (usual: number, i: number, progress: number, setting: FaultSetting) => number;
}

/** What sensors and machines do when something is wrong, as one field shows it. */
export const FAULTS: readonly Fault[] = [
  sized('spike', (usual, i, _progress, { size }) => (i === 0 ? usual + size : usual)),
  sized('shift', (usual, _i, _progress, { size }) => usual + size),
  sized('drift', (usual, _i, progress, { size }) => usual + progress * size),
  sized('noise', (usual, _i, _progress, { size, random }) => usual + random.normal(0, Math.abs(size))),
  { id: 'stuck', isSized: false, needsOthers: false, apply: (_usual, _i, _progress, { before }) => before },
  // What a broken wire looks like; a value that does not come at all is told as missing, whatever the model says.
  { id: 'dropout', isSized: false, needsOthers: false, apply: () => 0 },
  {
    id: 'correlation-break',
    isSized: false,
    needsOthers: true,
    apply: (_usual, i, _progress, { elsewhere }) => elsewhere[i]!,
  },
];

/** A fault of a single reading is to be flagged; an alarm takes several. */
export const MOMENTARY = 'spike';

function sized(id: string, apply: Fault['apply']): Fault {
  return { id, isSized: true, needsOthers: false, apply };
}
