import type { Json, JsonObject } from '../../core/json';
import { boolean, either, integer, list, nothing, object } from '../../core/shape';
import { type Block, BLOCKS_A_WINDOW } from './blocks';
import type { DriftState } from './drift-watch';

interface Saved {
  readonly block: number | null;
  readonly rows: readonly number[];
  /** Of each block its counts, feature after feature. */
  readonly counts: readonly (readonly number[])[];
  readonly isOn: boolean;
  readonly against: number;
}

const shape = object<Saved>({
  block: either('an integer or null', integer(), nothing),
  rows: list(integer(0), BLOCKS_A_WINDOW),
  counts: list(list(integer(0)), BLOCKS_A_WINDOW),
  isOn: boolean,
  against: integer(0),
});

/** As plain JSON. */
export function saveDrift({ block, blocks, isOn, against }: DriftState): JsonObject {
  const saved: Saved = {
    block: Number.isNaN(block) ? null : block,
    rows: blocks.map(({ rows }) => rows),
    counts: blocks.map(({ counts }) => counts.flatMap((bins) => [...bins])),
    isOn,
    against,
  };
  return saved as unknown as JsonObject;
}

/** Null where the state is damaged or of other features. @param bins - how many each feature has */
export function loadDrift(state: Json, bins: readonly number[]): DriftState | null {
  try {
    shape(state, 'drift');
  } catch {
    return null;
  }
  const { block, rows, counts, isOn, against } = state as unknown as Saved;
  const blocks = counts.map((flat, i) => blockFrom(flat, rows[i] ?? 0, bins));
  if (blocks.length === 0 || blocks.includes(null)) return null;
  return { block: block ?? NaN, blocks: blocks as Block[], isOn, against };
}

function blockFrom(flat: readonly number[], rows: number, bins: readonly number[]): Block | null {
  if (flat.length !== bins.reduce((a, b) => a + b, 0)) return null;
  let from = 0;
  return { rows, counts: bins.map((count) => Uint32Array.from(flat.slice(from, (from += count)))) };
}
