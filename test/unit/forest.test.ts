import should from 'should';
import { Random } from '#lib/core/random';
import { makeTable, rowOf, type Table } from '#lib/core/table';
import { averagePathLength, depthOf, leavesOf, nodesOf, type Forest } from '#lib/detectors/forest/forest';
import { growForest, type GrowOptions } from '#lib/detectors/forest/grow';
import { ForestWalker } from '#lib/detectors/forest/walk';

const usual: GrowOptions = { trees: 7, sampleSize: 100, maxFeatures: 1, bootstrap: false };

/** Normal numbers in single precision, the third column constant, the fourth of few values. */
function makeRows(rows: number, seed: number): Table {
  const random = new Random(seed);
  const data = Float64Array.from({ length: rows * 4 }, (_, i) => {
    const value = Math.fround(random.normal());
    return i % 4 === 2 ? 5 : i % 4 === 3 ? Math.round(value) : value;
  });
  return makeTable(['a', 'b', 'constant', 'coarse'], data);
}

/** Nodes on a row's way down one tree and the leaf it ends in, step by step as the definition says. */
function wayOf(forest: Forest, tree: number, row: ArrayLike<number>): { depth: number; leaf: number; nodes: number[] } {
  const nodes = nodesOf(forest.sampleSize);
  const passed: number[] = [];
  let place = 0;
  while (place < nodes) {
    const at = tree * nodes + place;
    const threshold = forest.thresholds[at]!;
    if (threshold < Infinity) passed.push(place);
    place = row[forest.features[at]!]! <= threshold ? 2 * place + 1 : 2 * place + 2;
  }
  return { depth: passed.length, leaf: place - nodes, nodes: passed };
}

describe('an isolation forest', () => {
  it('has trees of as many levels as the sample size asks for', () => {
    const depths = [2, 3, 4, 5, 255, 256, 257].map(depthOf);
    should(depths).eql([1, 2, 2, 3, 8, 8, 9]);
    should([nodesOf(256), leavesOf(256)]).eql([255, 256]);
  });

  it('knows of each leaf how many rows of the sample ended there', () => {
    const x = makeRows(100, 1);
    const forest = growForest(x, usual, { seed: 1 });
    const leaves = leavesOf(100);
    for (let tree = 0; tree < usual.trees; tree++) {
      // The sample is the whole table, drawn without replacement.
      const counts = new Array<number>(leaves).fill(0);
      for (let r = 0; r < x.rows; r++) counts[wayOf(forest, tree, rowOf(x, r)).leaf]!++;
      should([...forest.leafSizes.subarray(tree * leaves, (tree + 1) * leaves)]).eql(counts);
    }
  });

  it('splits until rows stand alone, are alike, or the depth is reached', () => {
    const x = makeRows(100, 2);
    const forest = growForest(x, usual, { seed: 2 });
    for (let r = 0; r < x.rows; r++) {
      const { depth, leaf } = wayOf(forest, 0, rowOf(x, r));
      const rows = forest.leafSizes[leaf]!;
      (rows === 1 || depth === depthOf(100)).should.be.true();
    }
    should([...forest.features]).not.containEql(2);
  });

  it('scores 2^(−mean path length / c(sample size))', () => {
    const x = makeRows(300, 3);
    const forest = growForest(x, usual, { seed: 3 });
    const scores = new ForestWalker(forest).scores(x.data, 4);
    for (let r = 0; r < x.rows; r++) {
      let sum = 0;
      for (let tree = 0; tree < usual.trees; tree++) {
        const { depth, leaf } = wayOf(forest, tree, rowOf(x, r));
        sum += depth + averagePathLength(forest.leafSizes[tree * leavesOf(100) + leaf]!);
      }
      const expected = 2 ** (-sum / usual.trees / averagePathLength(100));
      scores[r]!.should.be.approximately(expected, 1e-6);
    }
  });

  it('explains path lengths completely: what is expected of any row, less what each feature takes away', () => {
    const x = makeRows(100, 4);
    const forest = growForest(x, usual, { seed: 4 });
    const walker = new ForestWalker(forest);
    const scores = walker.scores(x.data, 4);
    const lengths = scores.map((score) => -Math.log2(score) * averagePathLength(100) * usual.trees);
    // The sample is the whole table: the mean over its rows is what is expected.
    const expected = lengths.reduce((a, b) => a + b) / lengths.length;
    for (let r = 0; r < x.rows; r++) {
      const taken = walker.shortenings(rowOf(x, r));
      taken.reduce((a, b) => a + b).should.be.approximately(expected - lengths[r]!, 1e-3);
      should(taken[2]).equal(0);
    }
  });

  it('has trees that depend on the seed and their number, not on how many there are', () => {
    const x = makeRows(300, 5);
    const few = growForest(x, usual, { seed: 5 });
    const many = growForest(x, { ...usual, trees: 20 }, { seed: 5 });
    should(many.thresholds.subarray(0, few.thresholds.length)).eql(few.thresholds);
    should(growForest(x, usual, { seed: 6 }).thresholds).not.eql(few.thresholds);
  });

  it('shows each tree its share of the features, at least one', () => {
    const x = makeRows(300, 6);
    for (const [maxFeatures, most] of [
      [0.5, 2],
      [0.01, 1],
    ] as const) {
      const forest = growForest(x, { ...usual, trees: 30, maxFeatures }, { seed: 7 });
      const nodes = nodesOf(100);
      const used = Array.from({ length: 30 }, (_, tree) => {
        const own = Array.from({ length: nodes }, (_, node) => tree * nodes + node);
        return new Set(own.filter((at) => forest.thresholds[at]! < Infinity).map((at) => forest.features[at]!));
      });
      used.forEach((features) => features.size.should.be.belowOrEqual(most));
      should(new Set(used.flatMap((features) => [...features]))).eql(new Set([0, 1, 3]));
    }
  });

  it('draws rows once, or with bootstrap again and again', () => {
    // A table of two very different rows, sampled whole: without bootstrap each tree sees both and parts them.
    const x = makeTable(['a'], Float64Array.of(0, 1));
    const parted = (bootstrap: boolean): number => {
      const options = { trees: 200, sampleSize: 2, maxFeatures: 1, bootstrap };
      return growForest(x, options, { seed: 8 }).thresholds.filter((threshold) => threshold < Infinity).length;
    };
    should(parted(false)).equal(200);
    parted(true).should.be.within(70, 130);
  });

  it('takes all rows where there are fewer than the sample size', () => {
    should(growForest(makeRows(30, 9), { ...usual, sampleSize: 256 }, { seed: 9 }).sampleSize).equal(30);
  });

  it('grows on the largest and closest numbers that single precision has', () => {
    const largest = 3.4028234663852886e38;
    for (const pair of [
      [-largest, largest],
      [1, 1 + 2 ** -23],
      [1e-45, 0],
    ]) {
      const x = makeTable(
        ['a'],
        Float64Array.from({ length: 20 }, (_, r) => pair[r % 2]!),
      );
      const forest = growForest(x, { ...usual, sampleSize: 20 }, { seed: 10 });
      const scores = new ForestWalker(forest).scores(x.data, 1);
      forest.thresholds[0]!.should.be.below(Infinity);
      should(new Set(forest.leafSizes)).eql(new Set([0, 10]));
      scores.every(Number.isFinite).should.be.true();
    }
  });
});
