import type { Detector, Explanation, ModelState } from '../core/algorithm';
import { Random } from '../core/random';
import type { StateReader } from '../core/state-reader';
import { quantileSorted } from '../core/statistics';
import type { Table } from '../core/table';
import { tensor } from '../core/tensor';
import { defineDetector } from './define';
import { leavesOf, nodesOf, type Forest } from './forest/forest';
import { growForest } from './forest/grow';
import { ForestWalker } from './forest/walk';
import { checkRow, checkScoringTable } from './input';

const MAX_TREES = 1000;
const MAX_SAMPLE_SIZE = 4096;
/** The expected range is that of the middle 99 % of the training rows … */
const EXPECTED_TAIL = 0.005;
/** … estimated on so many of them, because sorting all would take longer than growing the trees. */
const EXPECTED_ROWS = 1000;

interface ExpectedRanges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

class IsolationForest implements Detector {
  readonly #forest: Forest;
  readonly #expected: ExpectedRanges;
  readonly #walker: ForestWalker;

  constructor(
    readonly features: readonly string[],
    forest: Forest,
    expected: ExpectedRanges,
  ) {
    this.#forest = forest;
    this.#expected = expected;
    this.#walker = new ForestWalker(forest);
  }

  score(x: Table): Float64Array {
    checkScoringTable(this.features, x);
    return this.#walker.scores(x.data, this.features.length);
  }

  /**
   * Shares go by how much a feature's splits shortened the row's paths, times the square of how far outside its expected
   * range the feature is. The second, because trees know nothing beyond the training rows: to them 4 and 40 deviations are one.
   */
  explain(row: Float64Array): Explanation {
    checkRow(this.features, row);
    const { low, high } = this.#expected;
    const shares = this.#walker.shortenings(row);
    let sum = 0;
    for (let c = 0; c < shares.length; c++) {
      shares[c] = Math.max(shares[c]!, 0) * (1 + outside(row[c]!, low[c]!, high[c]!)) ** 2;
      sum += shares[c]!;
    }
    // In the thick of the training rows no feature shortens any path: then none stands out.
    for (let c = 0; c < shares.length; c++) shares[c] = sum > 0 ? shares[c]! / sum : 1 / shares.length;
    return { shares, low: low.slice(), high: high.slice() };
  }

  snapshot(): ModelState {
    const { trees, sampleSize, thresholds, features, leafSizes } = this.#forest;
    return {
      scalars: { features: this.features, trees, sampleSize },
      tensors: {
        thresholds: tensor(thresholds, [trees, nodesOf(sampleSize)]),
        splitFeatures: tensor(features, [trees, nodesOf(sampleSize)]),
        leafSizes: tensor(leafSizes, [trees, leavesOf(sampleSize)]),
        low: tensor(this.#expected.low),
        high: tensor(this.#expected.high),
      },
    };
  }
}

/** How far a value is outside a range, in half-widths of the range; at most 100. */
function outside(value: number, low: number, high: number): number {
  const distance = Math.max(value - high, low - value);
  return distance > 0 ? Math.min(distance / ((high - low) / 2), 100) : 0;
}

/** Quantiles of each feature over all rows, or over a random thousand of them. */
function expectedRanges(x: Table, seed: number): ExpectedRanges {
  const width = x.columns.length;
  const random = new Random(seed);
  const drawn =
    x.rows <= EXPECTED_ROWS ? undefined : Int32Array.from({ length: EXPECTED_ROWS }, () => random.below(x.rows));
  const column = new Float64Array(drawn?.length ?? x.rows);
  const low = new Float64Array(width);
  const high = new Float64Array(width);
  for (let c = 0; c < width; c++) {
    for (let i = 0; i < column.length; i++) column[i] = x.data[(drawn?.[i] ?? i) * width + c]!;
    column.sort();
    low[c] = quantileSorted(column, EXPECTED_TAIL);
    high[c] = quantileSorted(column, 1 - EXPECTED_TAIL);
  }
  return { low, high };
}

function restore(state: StateReader): IsolationForest {
  const features = state.features();
  const trees = state.integer('trees', 1, MAX_TREES);
  const sampleSize = state.integer('sampleSize', 2, MAX_SAMPLE_SIZE);
  const nodes = trees * nodesOf(sampleSize);
  const forest: Forest = {
    trees,
    sampleSize,
    thresholds: state.tensor('thresholds', Float32Array, nodes, (value) => !Number.isNaN(value)),
    features: state.tensor('splitFeatures', Uint16Array, nodes, (column) => column < features.length),
    leafSizes: state.tensor('leafSizes', Uint16Array, trees * leavesOf(sampleSize), (rows) => rows <= sampleSize),
  };
  return new IsolationForest(features, forest, {
    low: state.tensor('low', Float64Array, features.length),
    high: state.tensor('high', Float64Array, features.length),
  });
}

/**
 * Rows that random splits isolate quickly are anomalous: raw score = 2^(−mean path length / c(sampleSize)) in 0…1, about
 * 0.5 for a usual row (scikit-learn's `-score_samples`).
 *
 * Fails where an anomaly is a wrong combination of values that are usual by themselves; is blind to a feature that never
 * moved in training, since nothing could be cut there; and knows nothing of time.
 * Costs trees × log₂(sampleSize) comparisons a row.
 */
export const isolationForest = defineDetector({
  id: 'isolation-forest',
  stateVersion: 1,
  title: 'Isolation forest',
  summary: 'All features together: how easily random cuts separate a row from the training rows. A good first choice.',
  reference: 'F. T. Liu, K. M. Ting, Z.-H. Zhou: Isolation Forest. IEEE ICDM, 2008.',
  params: {
    trees: { type: 'int', default: 100, min: 1, max: MAX_TREES, doc: 'How many trees. More are steadier and slower.' },
    sampleSize: {
      type: 'int',
      default: 256,
      min: 2,
      max: MAX_SAMPLE_SIZE,
      unit: 'rows',
      doc: 'Rows drawn for each tree. More see finer structure; fewer keep clusters of faults from hiding each other.',
    },
    maxFeatures: {
      type: 'number',
      default: 1,
      min: 0.01,
      max: 1,
      doc: 'Share of the features that each tree sees, at least one feature.',
    },
    bootstrap: { type: 'boolean', default: false, doc: 'Draw the rows of a tree with replacement.' },
  },
  traits: { online: false, multivariate: true, allowsMissing: false },
  testParams: { trees: 50, sampleSize: 128 },
  highestScore: 1,
  // Measured on independent normal features, 1 to 14 of them.
  typicalExcess: (features) => 0.2 / Math.sqrt(features),
  minRows: () => 10,
  fit: (x, params, run) => new IsolationForest([...x.columns], growForest(x, params, run), expectedRanges(x, run.seed)),
  restore,
});
