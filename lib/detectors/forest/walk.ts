import {
  averagePathLength,
  depthOf,
  expectedPathLengths,
  leafPathLengths,
  leavesOf,
  nodesOf,
  type Forest,
} from './forest';

/** Walks rows down a forest. */
export class ForestWalker {
  readonly #forest: Forest;
  readonly #leafLengths: Float32Array;
  /** Made when first asked for: only explanations need it. */
  #expected: Float32Array | undefined;

  constructor(forest: Forest) {
    this.#forest = forest;
    this.#leafLengths = leafPathLengths(forest);
  }

  /**
   * Scores rows: 2^(−mean path length / c(sample size)), in 0…1 each.
   *
   * Four trees at a time, because at each step the processor waits for what it loads; and comparisons are added as
   * numbers, because a branch would be guessed wrong every other time.
   * @param data - rows of `width` finite numbers
   */
  scores(data: Float64Array, width: number): Float64Array {
    const { trees, sampleSize, thresholds, features } = this.#forest;
    const lengths = this.#leafLengths;
    const depth = depthOf(sampleSize);
    const nodes = nodesOf(sampleSize);
    const leaves = leavesOf(sampleSize);
    const exponent = -1 / (averagePathLength(sampleSize) * trees);
    const row = new Float32Array(width);
    const scores = new Float64Array(data.length / width);
    for (let r = 0; r < scores.length; r++) {
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
      scores[r] = 2 ** (exponent * sum);
    }
    return scores;
  }

  /**
   * By how much the splits on each feature shortened a row's paths: at each split, the expected path length before it
   * minus that on the side the row went to, summed over all trees. Together: what is expected of any row minus what this
   * one has (A. Saabas' decomposition of a forest's prediction, 2014, applied to path lengths).
   * @param values - one finite number a feature
   */
  shortenings(values: Float64Array): Float64Array {
    const { trees, sampleSize, thresholds, features } = this.#forest;
    const expected = (this.#expected ??= expectedPathLengths(this.#forest, this.#leafLengths));
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
