import type { DetectorAlgorithm, ForecasterAlgorithm } from './core/algorithm';
import { MlError, show } from './core/errors';
import { autoencoder } from './detectors/autoencoder';
import { iqr } from './detectors/iqr';
import { isolationForest } from './detectors/isolation-forest';
import { mad } from './detectors/mad';
import { mahalanobis } from './detectors/mahalanobis';
import { pca } from './detectors/pca';
import { streaming } from './detectors/streaming';
import { zscore } from './detectors/zscore';
import { gru } from './forecasters/gru';
import { holtWinters } from './forecasters/holt-winters';
import { lstm } from './forecasters/lstm';
import { mlp } from './forecasters/mlp';
import { ridge } from './forecasters/ridge';
import { seasonalNaive } from './forecasters/seasonal-naive';
import { seasonalTrend } from './forecasters/seasonal-trend';
import { theta } from './forecasters/theta';

/** The only list of detectors; forms, docs and contract tests follow it. */
export const detectors: readonly DetectorAlgorithm[] = [
  isolationForest,
  mahalanobis,
  pca,
  mad,
  zscore,
  iqr,
  autoencoder,
  streaming,
];

/** The only list of forecasters, likewise. */
export const forecasters: readonly ForecasterAlgorithm[] = [
  seasonalNaive,
  holtWinters,
  theta,
  seasonalTrend,
  ridge,
  gru,
  lstm,
  mlp,
];

/** @throws MlError `NOT_FOUND` naming those that there are */
export function detector(id: string): DetectorAlgorithm {
  return named('detector', detectors, id);
}

/** @throws MlError `NOT_FOUND` naming those that there are */
export function forecaster(id: string): ForecasterAlgorithm {
  return named('forecaster', forecasters, id);
}

function named<A extends { readonly id: string }>(kind: string, algorithms: readonly A[], id: string): A {
  const found = algorithms.find((algorithm) => algorithm.id === id);
  if (found !== undefined) return found;
  const known = algorithms.map((algorithm) => algorithm.id).join(', ');
  throw new MlError('NOT_FOUND', `There is no ${kind} ${show(id)}; the ${kind}s are: ${known}.`);
}
