import type { SeriesPlan } from '../core/artifact';
import type { GridCells } from './grid-cells';
import { isFillable } from './sample-window';

/** A part of the history that is at least so long is enough, however long others are: a week of minutes, six weeks of hours. */
const ENOUGH = { samples: 10_000, ms: 42 * 86_400_000 };
/** A shorter one is enough where no other part is more than so many times as long. */
const MUCH_LONGER = 4;

/** What lies on the grid without a gap that is too long to fill. */
export interface GridPart {
  /** First and last entry in `GridCells`; both have a value of the target. */
  readonly first: number;
  readonly last: number;
  /** Samples from the one to the other, with those to fill in. */
  readonly samples: number;
}

/** The parts of the history, oldest first; none where the target is missing everywhere. */
export function gridParts(plan: SeriesPlan, { cells, values }: GridCells): GridPart[] {
  const parts: { first: number; last: number; samples: number }[] = [];
  for (let i = 0; i < cells.length; i++) {
    if (Number.isNaN(values[i]![0]!)) continue;
    const part = parts.at(-1);
    const missing = part ? cells[i]! - cells[part.last]! - 1 : 0;
    if (part && isFillable(plan, missing, part.samples)) {
      part.last = i;
      part.samples += missing + 1;
    } else parts.push({ first: i, last: i, samples: 1 });
  }
  return parts;
}

/**
 * The part to learn from: the newest that is enough. What is newest is most like what comes; but an hour after an outage
 * is no history where a year lies before it.
 * @returns its place in `parts`
 */
export function choosePart(parts: readonly GridPart[], stepMs: number): number {
  const longest = parts.reduce((most, { samples }) => Math.max(most, samples), 0);
  const enough = Math.min(longest / MUCH_LONGER, ENOUGH.samples, Math.max(1, ENOUGH.ms / stepMs));
  return parts.findLastIndex(({ samples }) => samples >= enough);
}
