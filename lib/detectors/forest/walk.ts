import { takeArena } from '../../kernels/arena';
import { Allocator } from '../../kernels/loader';
import {
  averagePathLength,
  depthOf,
  expectedPathLengths,
  leafPathLengths,
  leavesOf,
  nodesOf,
  type Forest,
} from './forest';

/** Path lengths are added as integers of this many to one: exactly, so that every kernel comes to the same score. */
const UNITS = 65_536;
/** From so many rows on, loading the forest into the kernel's memory pays. */
const KERNEL_ROWS = 32;
/** Rows that the kernel is given at once. */
const BLOCK_ROWS = 8_192;

/** Walks rows down a forest. */
export class ForestWalker {
  readonly #forest: Forest;
  /** Path lengths in whole units. */
  readonly #leafUnits: Int32Array;
  /** Made when first asked for: only explanations need it. */
  #expected: Float32Array | undefined;

  constructor(forest: Forest) {
    this.#forest = forest;
    const lengths = leafPathLengths(forest);
    this.#leafUnits = new Int32Array(lengths.length);
    for (let leaf = 0; leaf < lengths.length; leaf++) this.#leafUnits[leaf] = Math.round(UNITS * lengths[leaf]!);
  }

  /**
   * Scores rows: 2^(−mean path length / c(sample size)), in 0…1 each.
   * @param data - rows of `width` finite numbers
   */
  scores(data: Float64Array, width: number): Float64Array {
    const sums = data.length / width < KERNEL_ROWS ? this.#walk(data, width) : this.#walkByKernel(data, width);
    const { trees, sampleSize } = this.#forest;
    const exponent = -1 / (UNITS * averagePathLength(sampleSize) * trees);
    return sums.map((sum) => 2 ** (exponent * sum));
  }

  /** Sums of path lengths, in units, by the SIMD kernel; the forest goes into its memory first. */
  #walkByKernel(data: Float64Array, width: number): Float64Array {
    const { trees, sampleSize, thresholds, features } = this.#forest;
    const rows = data.length / width;
    const block = Math.min(rows, BLOCK_ROWS);
    const layout = new Allocator();
    const nodes = layout.allocate(2 * thresholds.length);
    const leaves = layout.allocate(this.#leafUnits.length);
    const x = layout.allocate(block * width);
    const sums = layout.allocate(block);
    const { workspace, loaded } = takeArena(layout.bytes, this);
    const { floats, ints, kernels } = workspace;
    if (!loaded) {
      for (let node = 0; node < thresholds.length; node++) {
        floats[nodes / 4 + 2 * node] = thresholds[node]!;
        ints[nodes / 4 + 2 * node + 1] = 4 * features[node]!;
      }
      ints.set(this.#leafUnits, leaves / 4);
    }
    const out = new Float64Array(rows);
    for (let start = 0; start < rows; start += block) {
      const count = Math.min(block, rows - start);
      floats.set(data.subarray(start * width, (start + count) * width), x / 4);
      kernels.forestPathLengths(nodes, leaves, x, sums, count, width, trees, depthOf(sampleSize));
      out.set(ints.subarray(sums / 4, sums / 4 + count), start);
    }
    return out;
  }

  /**
   * Sums of path lengths, in units, for a few rows.
   *
   * Four trees at a time, because at each step the processor waits for what it loads; and comparisons are added as
   * numbers, because a branch would be guessed wrong every other time.
   */
  #walk(data: Float64Array, width: number): Float64Array {
    const { trees, sampleSize, thresholds, features } = this.#forest;
    const lengths = this.#leafUnits;
    const depth = depthOf(sampleSize);
    const nodes = nodesOf(sampleSize);
    const leaves = leavesOf(sampleSize);
    const row = new Float32Array(width);
    const sums = new Float64Array(data.length / width);
    for (let r = 0; r < sums.length; r++) {
      for (let c = 0; c < width; c++) row[c] = data[r * width + c]!;
      let sum = 0;
      let tree = 0;
      for (; tree + 4 <= trees; tree += 4) {
        const rootA = tree * nodes;
        const rootB = rootA + nodes;
        const rootC = rootB + nodes;
        const rootD = rootC + nodes;
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        for (let level = 0; level < depth; level++) {
          a = 2 * a + 1 + Number(row[features[rootA + a]!]! > thresholds[rootA + a]!);
          b = 2 * b + 1 + Number(row[features[rootB + b]!]! > thresholds[rootB + b]!);
          c = 2 * c + 1 + Number(row[features[rootC + c]!]! > thresholds[rootC + c]!);
          d = 2 * d + 1 + Number(row[features[rootD + d]!]! > thresholds[rootD + d]!);
        }
        const leaf = tree * leaves - nodes;
        sum += lengths[leaf + a]! + lengths[leaf + leaves + b]!;
        sum += lengths[leaf + 2 * leaves + c]! + lengths[leaf + 3 * leaves + d]!;
      }
      for (; tree < trees; tree++) {
        const root = tree * nodes;
        let a = 0;
        for (let level = 0; level < depth; level++) {
          a = 2 * a + 1 + Number(row[features[root + a]!]! > thresholds[root + a]!);
        }
        sum += lengths[tree * leaves - nodes + a]!;
      }
      sums[r] = sum;
    }
    return sums;
  }

  /**
   * By how much the splits on each feature shortened a row's paths: at each split, the expected path length before it
   * minus that on the side the row went to, summed over all trees. Together: what is expected of any row minus what this
   * one has (A. Saabas' decomposition of a forest's prediction, 2014, applied to path lengths).
   * @param values - one finite number a feature
   */
  shortenings(values: Float64Array): Float64Array {
    const { trees, sampleSize, thresholds, features } = this.#forest;
    const expected = (this.#expected ??= expectedPathLengths(this.#forest, leafPathLengths(this.#forest)));
    const nodes = nodesOf(sampleSize);
    const places = nodes + leavesOf(sampleSize);
    const row = new Float32Array(values);
    const shortenings = new Float64Array(values.length);
    for (let tree = 0; tree < trees; tree++) {
      const root = tree * nodes;
      const base = tree * places;
      let place = 0;
      while (place < nodes && thresholds[root + place]! < Infinity) {
        const feature = features[root + place]!;
        const next = 2 * place + 1 + Number(row[feature]! > thresholds[root + place]!);
        shortenings[feature]! += expected[base + place]! - expected[base + next]!;
        place = next;
      }
    }
    return shortenings;
  }
}
