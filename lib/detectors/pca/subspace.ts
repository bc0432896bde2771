import { cholesky, invertLower, packLower } from '../../core/cholesky';
import { eigenOfSymmetric } from '../../core/eigen';

/** The main components of standardised features: where usual rows are. */
export interface Subspace {
  /** Row k is the unit vector of component k; `components × features`, the one that explains most first. */
  readonly components: Float64Array;
  /** Of each component, above 0. */
  readonly variances: Float64Array;
  /** Mean variance of the directions that are left, above 0; 0 where none is left. */
  readonly noise: number;
}

/** How far a row is from normal. */
export interface Statistics {
  /** Hotelling's T²: the squared distance within the subspace, each component in units of its deviation. */
  readonly t2: number;
  /** Squared prediction error (Q): the squared distance from the subspace. */
  readonly spe: number;
}

/**
 * The fewest components that explain at least so much of the variance.
 * @param correlation - `features × features`, positive definite
 * @param share - above 0, at most 1
 */
export function subspaceOf(correlation: Float64Array, features: number, share: number): Subspace {
  const { values, vectors } = eigenOfSymmetric(correlation, features);
  const total = values.reduce((a, b) => a + b);
  let kept = 0;
  let explained = 0;
  while (kept < features && explained < share * total) explained += values[kept++]!;
  const left = values.subarray(kept);
  return {
    components: vectors.slice(0, kept * features),
    variances: values.slice(0, kept),
    noise: left.length > 0 ? left.reduce((a, b) => a + b) / left.length : 0,
  };
}

/** @param z - standardised features */
export function statisticsOf(z: Float64Array, { components, variances }: Subspace): Statistics {
  const width = z.length;
  let t2 = 0;
  const residual = z.slice();
  for (let k = 0; k < variances.length; k++) {
    const component = components.subarray(k * width, (k + 1) * width);
    let along = 0;
    for (let c = 0; c < width; c++) along += component[c]! * z[c]!;
    t2 += (along * along) / variances[k]!;
    for (let c = 0; c < width; c++) residual[c]! -= along * component[c]!;
  }
  let spe = 0;
  for (let c = 0; c < width; c++) spe += residual[c]! * residual[c]!;
  return { t2, spe };
}

/**
 * Both as one squared distance: what the features' covariance is where each component has its own variance and all that
 * is left has one (M. Tipping, C. Bishop: Probabilistic principal component analysis. J. R. Statist. Soc. B 61, 1999).
 */
export function squaredDistance({ t2, spe }: Statistics, noise: number): number {
  return noise > 0 ? t2 + spe / noise : t2;
}

/** What makes features of that covariance independent ones of deviation 1; see `Normal.whitening`. */
export function whiteningOf({ components, variances, noise }: Subspace, features: number): Float64Array {
  const covariance = new Float64Array(features * features);
  for (let i = 0; i < features; i++) {
    covariance[i * (features + 1)] = noise;
    for (let k = 0; k < variances.length; k++) {
      const factor = (variances[k]! - noise) * components[k * features + i]!;
      for (let j = 0; j < features; j++) covariance[i * features + j]! += factor * components[k * features + j]!;
    }
  }
  return packLower(invertLower(cholesky(covariance, features), features), features);
}
