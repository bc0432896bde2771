/**
 * Isolation trees as typed arrays: complete binary trees of one depth, so that every row takes the same number of
 * steps in every tree and no step needs a branch. The children of node i are 2i + 1 (value ≤ threshold) and 2i + 2.
 * Where a tree ends early, thresholds of +Infinity lead on to the leftmost leaf below.
 */
export interface Forest {
  readonly trees: number;
  /** Rows that each tree was grown on. */
  readonly sampleSize: number;
  /** `trees × nodes`. Single precision, as are the values they are compared with: every kernel gives the same verdict. */
  readonly thresholds: Float32Array;
  /** `trees × nodes`, columns. */
  readonly features: Uint16Array;
  /** `trees × leaves`, rows of the tree's sample that ended there. */
  readonly leafSizes: Uint16Array;
}

/**
 * Levels of a tree grown on so many rows, ⌈log₂ rows⌉: about the average depth of such trees; whoever is deeper is not
 * anomalous. These three are made of integer operations, so that loops over them run on integers.
 */
export const depthOf = (sampleSize: number): number => 32 - Math.clz32(Math.max(sampleSize, 2) - 1);
export const leavesOf = (sampleSize: number): number => 1 << depthOf(sampleSize);
export const nodesOf = (sampleSize: number): number => leavesOf(sampleSize) - 1;

const EULER_MASCHERONI = 0.5772156649015329;

/**
 * c(n): average path length of an unsuccessful search in a binary search tree of `rows` keys; what a leaf of so many
 * rows would have cost to split on, and what path lengths are measured against (Liu, Ting, Zhou 2008, equation 1;
 * scikit-learn's `_average_path_length`).
 */
export function averagePathLength(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (Math.log(rows - 1) + EULER_MASCHERONI) - (2 * (rows - 1)) / rows;
}

/** Path length of the rows that end at each leaf, `trees × leaves`: its depth and c(its rows). */
export function leafPathLengths(forest: Forest): Float32Array {
  const { trees, sampleSize, thresholds, leafSizes } = forest;
  const nodes = nodesOf(sampleSize);
  const leaves = leavesOf(sampleSize);
  const leafCost = Float64Array.from({ length: sampleSize + 1 }, (_, rows) => averagePathLength(rows));
  const lengths = new Float32Array(trees * leaves);
  const depths = new Uint8Array(nodes + leaves);
  for (let tree = 0; tree < trees; tree++) {
    for (let node = 0; node < nodes; node++) {
      const below = depths[node]! + Number(thresholds[tree * nodes + node]! < Infinity);
      depths[2 * node + 1] = below;
      depths[2 * node + 2] = below;
    }
    for (let leaf = 0; leaf < leaves; leaf++) {
      const at = tree * leaves + leaf;
      lengths[at] = depths[nodes + leaf]! + leafCost[leafSizes[at]!]!;
    }
  }
  return lengths;
}

/**
 * Mean path length, over the sample's rows that came to each place of each tree: `trees × (nodes + leaves)`. It is what
 * can be expected of a row that has come so far.
 */
export function expectedPathLengths(forest: Forest, leafLengths: Float32Array): Float32Array {
  const { trees, sampleSize, leafSizes } = forest;
  const nodes = nodesOf(sampleSize);
  const leaves = leavesOf(sampleSize);
  const places = nodes + leaves;
  const expected = new Float32Array(trees * places);
  const rows = new Float64Array(places);
  for (let tree = 0; tree < trees; tree++) {
    const at = expected.subarray(tree * places, (tree + 1) * places);
    at.set(leafLengths.subarray(tree * leaves, (tree + 1) * leaves), nodes);
    rows.set(leafSizes.subarray(tree * leaves, (tree + 1) * leaves), nodes);
    for (let node = nodes - 1; node >= 0; node--) {
      const left = 2 * node + 1;
      const right = left + 1;
      const total = rows[left]! + rows[right]!;
      rows[node] = total;
      // Where no row of the sample came, none will: only thresholds of +Infinity lead away from there.
      if (total > 0) at[node] = (rows[left]! * at[left]! + rows[right]! * at[right]!) / total;
    }
  }
  return expected;
}
