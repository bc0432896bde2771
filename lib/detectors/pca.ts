import type { Detector, Explanation, ModelState, Run } from '../core/algorithm';
import { MlError } from '../core/errors';
import type { StateReader } from '../core/state-reader';
import type { Table } from '../core/table';
import { tensor } from '../core/tensor';
import { defineDetector } from './define';
import { checkRow, checkScoringTable } from './input';
import { CorrelationExplainer } from './mahalanobis/explain';
import { covarianceOf, logarithmOf, standardise } from './mahalanobis/fit';
import { Units } from './mahalanobis/scales';
import { squaredDistance, statisticsOf, type Subspace, subspaceOf, whiteningOf } from './pca/subspace';

/** Beyond, a model would be megabytes, and a row would take milliseconds. */
const MAX_FEATURES = 512;
/** A value further away than this many deviations counts as so far, so that products of squares stay finite. */
const FURTHEST = 1e60;

/** What makes a feature comparable with the others, one number a feature. */
interface Standard {
  /** Above 0, the feature is looked at by its logarithm, and whatever is less counts as so much; else 0. */
  readonly floors: Float64Array;
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

class PrincipalComponents implements Detector {
  readonly #standard: Standard;
  readonly #subspace: Subspace;
  #explainer: CorrelationExplainer | undefined;

  constructor(
    readonly features: readonly string[],
    standard: Standard,
    subspace: Subspace,
  ) {
    this.#standard = standard;
    this.#subspace = subspace;
  }

  score(x: Table): Float64Array {
    checkScoringTable(this.features, x);
    const width = this.features.length;
    return Float64Array.from({ length: x.rows }, (_, r) => {
      const z = this.#standardised(this.#logged(x.data.subarray(r * width, (r + 1) * width)));
      return Math.sqrt(squaredDistance(statisticsOf(z, this.#subspace), this.#subspace.noise) / width);
    });
  }

  explain(row: Float64Array): Explanation {
    checkRow(this.features, row);
    const { centre, scale, floors } = this.#standard;
    const width = this.features.length;
    this.#explainer ??= new CorrelationExplainer(this.features, {
      centre,
      scale,
      whitening: whiteningOf(this.#subspace, width),
    });
    const logged = this.#logged(row);
    const { shares, low, high } = this.#explainer.explain(logged, this.#standardised(logged));
    const unlogged = (value: number, c: number): number => (floors[c]! > 0 ? Math.exp(value) : value);
    return { shares, low: low.map(unlogged), high: high.map(unlogged) };
  }

  snapshot(): ModelState {
    const { features } = this;
    const { floors, centre, scale } = this.#standard;
    const { components, variances, noise } = this.#subspace;
    return {
      scalars: { features, components: variances.length },
      tensors: {
        floors: tensor(floors),
        centre: tensor(centre),
        scale: tensor(scale),
        components: tensor(components, [variances.length, features.length]),
        variances: tensor(variances),
        noise: tensor(Float64Array.of(noise)),
      },
    };
  }

  #logged(row: Float64Array): Float64Array {
    return row.map((value, c) => logarithmOf(value, this.#standard.floors[c]!));
  }

  #standardised(logged: Float64Array): Float64Array {
    const { centre, scale } = this.#standard;
    return logged.map((value, c) => {
      return Math.max(-FURTHEST, Math.min(FURTHEST, (value - centre[c]!) / scale[c]!));
    });
  }
}

function fit(x: Table, explained: number, run: Run): PrincipalComponents {
  const { columns } = x;
  const width = columns.length;
  if (width > MAX_FEATURES) {
    throw new MlError(
      'DATA',
      `pca can learn at most ${MAX_FEATURES} features, got ${width}. Choose fewer fields or windows.`,
    );
  }
  const units = new Units(x);
  const { floors } = units;
  const logged = { ...x, data: x.data.map((value, i) => logarithmOf(value, floors[i % width]!)) };
  const { centre, scale, z } = standardise(logged, units);
  const subspace = subspaceOf(covarianceOf(z, run), width, explained);
  run.onProgress?.(1);
  return new PrincipalComponents([...columns], { floors, centre, scale }, subspace);
}

function restore(state: StateReader): PrincipalComponents {
  const features = state.features();
  const width = features.length;
  const kept = state.integer('components', 1, width);
  const isPositive = (value: number): boolean => value > 0 && value < Infinity;
  const isNotNegative = (value: number): boolean => value >= 0 && value < Infinity;
  const standard = {
    floors: state.tensor('floors', Float64Array, width, isNotNegative),
    centre: state.tensor('centre', Float64Array, width),
    scale: state.tensor('scale', Float64Array, width, isPositive),
  };
  return new PrincipalComponents(features, standard, {
    components: state.tensor('components', Float64Array, kept * width),
    variances: state.tensor('variances', Float64Array, kept, isPositive),
    noise: state.tensor('noise', Float64Array, 1, kept < width ? isPositive : (value) => value === 0)[0]!,
  });
}

/**
 * Principal component analysis, as process monitoring uses it: main components that explain most of what the features
 * usually do, and two distances of a row: Hotelling's T² within them, and the squared prediction error from them. The
 * raw score is the root mean square of both together, each in units of its usual variance: about 1 for a usual row.
 *
 * As for `mahalanobis`, correlations are shrunk and widened by drift, and a window's deviation is looked at by its
 * logarithm. Unlike there, the many small components count as one noise, which few rows are enough to know.
 *
 * Fails where features follow each other along a curve, or there are several operating states. Costs 2 × features ×
 * components multiplications a row, and rows × features² / 2 + 4 × features³ to fit.
 */
export const pca = defineDetector({
  id: 'pca',
  stateVersion: 1,
  title: 'Principal components (PCA)',
  summary: 'All features together: how unusual a row is in what they mostly do, and how far from it.',
  reference:
    'J. E. Jackson, G. S. Mudholkar: Control procedures for residuals associated with principal component analysis. ' +
    'Technometrics 21, 1979.',
  params: {
    explained: {
      type: 'number',
      default: 0.9,
      min: 0.5,
      max: 1,
      doc: 'Share of the features’ variance that the main components explain; the rest counts as noise.',
    },
  },
  traits: { online: false, multivariate: true, allowsMissing: false },
  testParams: {},
  // That of a root mean square of so many independent normal deviations.
  typicalExcess: (features) => 1 / (3 * Math.sqrt(features)),
  minRows: () => 10,
  fit: (x, { explained }, run) => fit(x, explained, run),
  restore,
});
