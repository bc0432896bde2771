import type { Distribution, Reference } from '../../core/artifact';
import { quantileSorted } from '../../core/statistics';
import { type Block, blockOf, BLOCKS_A_WINDOW, emptyBlock, LEAST_ROWS_A_BLOCK, windowFor, windowOf } from './blocks';
import { binOf, kolmogorovSmirnov, stabilityIndex, totalOf } from './divergence';

/** Bins that share the training rows evenly. */
const BINS = 10;
/** Values that a distribution's bins are found on, at most. */
const MAX_VALUES = 5000;
/** Below an index of 0.25 and a distance of 0.15 nobody speaks of a drift … */
const LEAST_INDEX = 0.25;
const LEAST_DISTANCE = 0.15;
/** … nor below so many times what the windows of the training rows differ from each other. */
const TIMES_SEEN = 2;
/** So much must have been seen, three windows one after the other, to know how much they differ. */
const LEAST_WINDOWS = 2 * BLOCKS_A_WINDOW + 1;
/** How far a constant may stray, relative to its size. */
const CONSTANT_SHARE = 0.01;

/** Rows of one device in time order. */
export interface DeviceRows {
  readonly timestampsMs: Float64Array;
  /** NaN where missing. @param feature - its place among the features */
  readonly valueAt: (feature: number, row: number) => number;
}

/**
 * How each feature was distributed in training, and how much that differed from one day (or longer, where rows come
 * seldom) to the rest: neighbouring rows are alike, days have rhythms, and what of that is normal shows in training.
 * @param features - names, in the order in which `valueAt` numbers them
 * @returns without the features of which too little was there; null where training was too short to know how much windows
 * differ
 */
export function referenceOf(
  features: readonly string[],
  devices: readonly DeviceRows[],
  stepMs: number,
): Reference | null {
  if (!(stepMs > 0)) return null;
  const windowMs = windowFor(stepMs);
  const edges = features.map((_, f) => edgesOf(sampleOf(devices, f)));
  const bins = edges.map(({ length }) => length + 1);
  const blocks = devices.map((device) => blocksOf(device, edges, windowMs));
  const windows = blocks.flatMap(windowsOf);
  const all = bins.map((count, f) =>
    Float64Array.from({ length: count }, (_, bin) => {
      return blocks.reduce((sum, device) => sum + [...device.values()].reduce((a, b) => a + b.counts[f]![bin]!, 0), 0);
    }),
  );
  const distributions = features.flatMap((feature, f): readonly Distribution[] => {
    const filled = windows.filter((window) => totalOf(window[f]!) >= BLOCKS_A_WINDOW * LEAST_ROWS_A_BLOCK);
    if (filled.length < LEAST_WINDOWS) return [];
    let [index, distance] = [0, 0];
    for (const window of filled) {
      const rest = all[f]!.map((count, bin) => count - window[f]![bin]!);
      index = Math.max(index, stabilityIndex(window[f]!, rest));
      distance = Math.max(distance, kolmogorovSmirnov(window[f]!, rest));
    }
    const indexLimit = Math.max(LEAST_INDEX, TIMES_SEEN * index);
    // A distance is 1 at most: half of the way there at least.
    const distanceLimit = Math.max(LEAST_DISTANCE, Math.min(TIMES_SEEN * distance, (1 + distance) / 2));
    return [{ feature, edges: edges[f]!, counts: [...all[f]!], indexLimit, distanceLimit }];
  });
  return distributions.length > 0 ? { windowMs, distributions } : null;
}

/** Values of a feature, evenly spread over all rows, in rising order. */
function sampleOf(devices: readonly DeviceRows[], feature: number): Float64Array {
  const rows = devices.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
  const stride = Math.ceil(rows / MAX_VALUES);
  const values: number[] = [];
  for (const { timestampsMs, valueAt } of devices) {
    for (let row = 0; row < timestampsMs.length; row++) {
      const value = valueAt(feature, row);
      if (!Number.isNaN(value) && values.push(value)) row += stride - 1;
    }
  }
  return Float64Array.from(values).sort();
}

/** Rising, none twice; of a constant, the bounds that it may stray within. */
function edgesOf(sorted: Float64Array): number[] {
  if (sorted.length === 0) return [];
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  const quantiles = Array.from({ length: BINS - 1 }, (_, i) => quantileSorted(sorted, (i + 1) / BINS));
  if (first !== last) return [...new Set(quantiles)];
  const reach = CONSTANT_SHARE * (Math.abs(first) || 1);
  return [first - reach, first + reach];
}

function blocksOf(
  { timestampsMs, valueAt }: DeviceRows,
  edges: readonly (readonly number[])[],
  windowMs: number,
): Map<number, Block> {
  const blocks = new Map<number, Block>();
  const bins = edges.map(({ length }) => length + 1);
  timestampsMs.forEach((timestampMs, row) => {
    const number = blockOf(timestampMs, windowMs);
    let block = blocks.get(number);
    if (block === undefined) blocks.set(number, (block = emptyBlock(bins)));
    block.rows++;
    for (let f = 0; f < edges.length; f++) {
      const value = valueAt(f, row);
      if (!Number.isNaN(value)) block.counts[f]![binOf(edges[f]!, value)]!++;
    }
  });
  return blocks;
}

function windowsOf(blocks: Map<number, Block>): (readonly Float64Array[])[] {
  return [...blocks.keys()].flatMap((first) => {
    const window = windowOf(Array.from({ length: BLOCKS_A_WINDOW }, (_, i) => blocks.get(first + i)));
    return window === null ? [] : [window];
  });
}
