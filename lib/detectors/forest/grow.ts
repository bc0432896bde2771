import { throwIfAborted } from '../../core/errors';
import type { Run } from '../../core/algorithm';
import { Random } from '../../core/random';
import type { Table } from '../../core/table';
import { depthOf, leavesOf, nodesOf, type Forest } from './forest';

export interface GrowOptions {
  readonly trees: number;
  /** Rows a tree; all where there are fewer. */
  readonly sampleSize: number;
  /** Share of the features that each tree sees. */
  readonly maxFeatures: number;
  /** Draw a tree's rows with replacement. */
  readonly bootstrap: boolean;
}

/** Grows isolation trees. Each has its own stream of random numbers: it depends on the seed and its number only. */
export function growForest(x: Table, options: GrowOptions, run: Run): Forest {
  const seeds = new Random(run.seed);
  const grower = new Grower(x, options);
  for (let tree = 0; tree < options.trees; tree++) {
    throwIfAborted(run.signal);
    grower.grow(tree, seeds.fork());
    run.onProgress?.((tree + 1) / options.trees);
  }
  return grower.forest;
}

class Grower {
  readonly forest: Forest;
  readonly #x: Table;
  readonly #bootstrap: boolean;
  readonly #depth: number;
  readonly #nodes: number;
  readonly #leaves: number;
  /** The tree's sample, column by column. */
  readonly #sample: Float32Array;
  /** Rows of the sample; those of one node stand side by side. */
  readonly #order: Int32Array;
  /** Per row of the table, the last tree whose sample it was drawn for. */
  readonly #drawn: Int32Array;
  /** All features; the first `#usedFeatures` are the tree's. */
  readonly #features: Uint16Array;
  readonly #usedFeatures: number;
  #tree = 0;
  #random = new Random(0);

  constructor(x: Table, { trees, sampleSize: wanted, maxFeatures, bootstrap }: GrowOptions) {
    const width = x.columns.length;
    const sampleSize = Math.min(wanted, x.rows);
    this.#x = x;
    this.#bootstrap = bootstrap;
    this.#depth = depthOf(sampleSize);
    this.#nodes = nodesOf(sampleSize);
    this.#leaves = leavesOf(sampleSize);
    this.#sample = new Float32Array(sampleSize * width);
    this.#order = new Int32Array(sampleSize);
    this.#drawn = new Int32Array(bootstrap ? 0 : x.rows).fill(-1);
    this.#features = Uint16Array.from({ length: width }, (_, c) => c);
    this.#usedFeatures = Math.max(1, Math.floor(maxFeatures * width));
    this.forest = {
      trees,
      sampleSize,
      thresholds: new Float32Array(trees * this.#nodes).fill(Infinity),
      features: new Uint16Array(trees * this.#nodes),
      leafSizes: new Uint16Array(trees * this.#leaves),
    };
  }

  grow(tree: number, random: Random): void {
    this.#tree = tree;
    this.#random = random;
    this.#drawSample();
    this.#drawFeatures();
    this.#split(0, 0, 0, this.#order.length);
  }

  #drawSample(): void {
    const size = this.#order.length;
    const { rows } = this.#x;
    for (let i = 0; i < size; i++) {
      this.#order[i] = i;
      this.#copyRow(this.#bootstrap ? this.#random.below(rows) : this.#drawUnused(rows - size + i), i);
    }
  }

  /** One step of Floyd's sampling without replacement (Bentley and Floyd 1987). */
  #drawUnused(last: number): number {
    const row = this.#random.below(last + 1);
    const unused = this.#drawn[row] === this.#tree ? last : row;
    this.#drawn[unused] = this.#tree;
    return unused;
  }

  #copyRow(row: number, to: number): void {
    const { data, columns } = this.#x;
    const width = columns.length;
    const size = this.#order.length;
    for (let c = 0; c < width; c++) this.#sample[c * size + to] = data[row * width + c]!;
  }

  #drawFeatures(): void {
    const all = this.#features.length;
    if (this.#usedFeatures === all) return;
    for (let i = 0; i < this.#usedFeatures; i++) swap(this.#features, i, i + this.#random.below(all - i));
  }

  /** Splits the rows `order[start … end)` at `node`, or ends the branch there. */
  #split(node: number, depth: number, start: number, end: number): void {
    if (depth === this.#depth || end - start <= 1) return this.#end(node, depth, end - start);
    const features = this.#features;
    for (let left = this.#usedFeatures; left > 0; left--) {
      // Each feature is tried at most once: a constant one goes behind those that are left.
      const pick = this.#random.below(left);
      const feature = features[pick]!;
      const middle = this.#splitOn(node, feature, start, end);
      if (middle > start) {
        this.#split(2 * node + 1, depth + 1, start, middle);
        this.#split(2 * node + 2, depth + 1, middle, end);
        return;
      }
      swap(features, pick, left - 1);
    }
    this.#end(node, depth, end - start);
  }

  /**
   * Splits rows on a feature between its lowest and its highest value.
   * @returns where the rows above the threshold start; `start` where the feature is constant
   */
  #splitOn(node: number, feature: number, start: number, end: number): number {
    const order = this.#order;
    const sample = this.#sample;
    const column = feature * order.length;
    let low = sample[column + order[start]!]!;
    let high = low;
    for (let i = start + 1; i < end; i++) {
      const value = sample[column + order[i]!]!;
      if (value < low) low = value;
      else if (value > high) high = value;
    }
    if (low === high) return start;
    const drawn = Math.fround(this.#random.uniform(low, high));
    const threshold = drawn < high ? drawn : low;
    const at = this.#tree * this.#nodes + node;
    this.forest.thresholds[at] = threshold;
    this.forest.features[at] = feature;
    let middle = start;
    for (let i = start; i < end; i++) {
      // Without a branch, which would be guessed wrong half of the time: rows above are swapped with themselves.
      const row = order[i]!;
      order[i] = order[middle]!;
      order[middle] = row;
      middle += Number(sample[column + row]! <= threshold);
    }
    return middle;
  }

  #end(node: number, depth: number, rows: number): void {
    let place = node;
    for (let level = depth; level < this.#depth; level++) place = 2 * place + 1;
    this.forest.leafSizes[this.#tree * this.#leaves + place - this.#nodes] = rows;
  }
}

function swap(array: Uint16Array, i: number, j: number): void {
  const kept = array[i]!;
  array[i] = array[j]!;
  array[j] = kept;
}
