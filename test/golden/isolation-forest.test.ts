import should from 'should';
import { mean } from '#lib/core/statistics';
import { tableFromRows } from '#lib/core/table';
import { tensor } from '#lib/core/tensor';
import { averagePathLength, leavesOf, nodesOf } from '#lib/detectors/forest/forest';
import { isolationForest } from '#lib/detectors/isolation-forest';
import { auc } from '../../bench/support/metrics';
import { golden } from './golden';

interface SklearnTree {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly rows: readonly number[];
}

const sklearn = golden<{
  readonly averagePathLength: readonly (readonly [number, number])[];
  readonly columns: readonly string[];
  readonly sampleSize: number;
  readonly trees: readonly SklearnTree[];
  readonly probes: readonly number[][];
  readonly scores: readonly number[];
  readonly x: readonly number[][];
  readonly labels: readonly number[];
  readonly auc: { readonly mean: number; readonly seeds: number };
}>('isolation_forest');

const params = { trees: 100, sampleSize: 256, maxFeatures: 1, bootstrap: false };

/** The largest single-precision number that is not above `value`: single-precision rows go the same way at both. */
function floorToFloat32(value: number): number {
  const bits = new Int32Array(1);
  const number = new Float32Array(bits.buffer);
  number[0] = value;
  if (number[0] > value) bits[0]! += value > 0 ? -1 : 1;
  return number[0];
}

/** scikit-learn's trees in our layout. */
function asState(trees: readonly SklearnTree[], sampleSize: number) {
  const nodes = nodesOf(sampleSize);
  const leaves = leavesOf(sampleSize);
  const thresholds = new Float32Array(trees.length * nodes).fill(Infinity);
  const splitFeatures = new Uint16Array(trees.length * nodes);
  const leafSizes = new Uint16Array(trees.length * leaves);
  trees.forEach((tree, t) => {
    const place = (from: number, to: number): void => {
      if (tree.left[from]! >= 0) {
        thresholds[t * nodes + to] = floorToFloat32(tree.threshold[from]!);
        splitFeatures[t * nodes + to] = tree.feature[from]!;
        place(tree.left[from]!, 2 * to + 1);
        place(tree.right[from]!, 2 * to + 2);
      } else {
        let leaf = to;
        while (leaf < nodes) leaf = 2 * leaf + 1;
        leafSizes[t * leaves + leaf - nodes] = tree.rows[from]!;
      }
    };
    place(0, 0);
  });
  const zeros = new Float64Array(sklearn.columns.length);
  return {
    scalars: { features: sklearn.columns, trees: trees.length, sampleSize },
    tensors: {
      thresholds: tensor(thresholds),
      splitFeatures: tensor(splitFeatures),
      leafSizes: tensor(leafSizes),
      low: tensor(zeros),
      high: tensor(zeros),
    },
  };
}

describe('isolation forest against scikit-learn', () => {
  it('has the same average path length c(n)', () => {
    for (const [rows, expected] of sklearn.averagePathLength) {
      averagePathLength(rows).should.be.approximately(expected, 1e-9 * expected);
    }
  });

  it('gives the same scores with the same trees', () => {
    const model = isolationForest.restore(asState(sklearn.trees, sklearn.sampleSize), 1, params);
    const scores = model.score(tableFromRows(sklearn.columns, sklearn.probes));
    scores.should.have.length(sklearn.scores.length);
    scores.forEach((score, i) => score.should.be.approximately(sklearn.scores[i]!, 1e-6));
    // The rows differ enough for this to say something.
    should(Math.max(...scores) - Math.min(...scores)).be.above(0.2);
  });

  it('finds outliers as well with trees of its own', async () => {
    const x = tableFromRows(sklearn.columns, sklearn.x);
    const aucs: number[] = [];
    for (let seed = 0; seed < sklearn.auc.seeds; seed++) {
      const model = await isolationForest.fit(x, params, { seed });
      aucs.push(auc(model.score(x), sklearn.labels));
    }
    mean(aucs).should.be.approximately(sklearn.auc.mean, 0.01);
    mean(aucs).should.be.below(0.99);
  });
});
