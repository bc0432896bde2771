/**
 * Rows are counted in blocks of a quarter of a window, so that a window slides on without its rows being kept. A window
 * is a day, so that day and night weigh the same in each, or longer where rows come seldom.
 */
export const BLOCKS_A_WINDOW = 4;
const DAY_MS = 86_400_000;
/** Rows that a window has at least, as they usually come … */
const ROWS_A_WINDOW = 400;
/** … and as they came: with fewer in one of its blocks nothing is said of it. */
export const LEAST_ROWS_A_BLOCK = 25;

/** @param stepMs - time between rows, above 0 */
export function windowFor(stepMs: number): number {
  return Math.max(DAY_MS, ROWS_A_WINDOW * stepMs);
}

/** Number of the block that a time is in. */
export function blockOf(timestampMs: number, windowMs: number): number {
  return Math.floor((timestampMs * BLOCKS_A_WINDOW) / windowMs);
}

/** Rows of one block, by feature and bin: `counts[feature][bin]`. */
export interface Block {
  readonly counts: readonly Uint32Array[];
  rows: number;
}

/** @param bins - how many each feature has */
export function emptyBlock(bins: readonly number[]): Block {
  return { counts: bins.map((count) => new Uint32Array(count)), rows: 0 };
}

/** All rows of a window together, by feature and bin; null where there are too few in one of its blocks. */
export function windowOf(blocks: readonly (Block | undefined)[]): readonly Float64Array[] | null {
  if (blocks.length < BLOCKS_A_WINDOW) return null;
  const whole = blocks.filter((block) => block !== undefined && block.rows >= LEAST_ROWS_A_BLOCK) as Block[];
  if (whole.length < blocks.length) return null;
  return whole[0]!.counts.map((first, feature) =>
    Float64Array.from(first, (_, bin) => whole.reduce((sum, { counts }) => sum + counts[feature]![bin]!, 0)),
  );
}
