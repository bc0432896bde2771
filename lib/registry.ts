import type { DetectorAlgorithm } from './core/algorithm';
import { MlError, show } from './core/errors';
import { autoencoder } from './detectors/autoencoder';
import { iqr } from './detectors/iqr';
import { isolationForest } from './detectors/isolation-forest';
import { mad } from './detectors/mad';
import { mahalanobis } from './detectors/mahalanobis';
import { streaming } from './detectors/streaming';
import { zscore } from './detectors/zscore';

/** The only list of detectors; forms, docs and contract tests follow it. */
export const detectors: readonly DetectorAlgorithm[] = [
  isolationForest,
  mahalanobis,
  mad,
  zscore,
  iqr,
  autoencoder,
  streaming,
];

/** @throws MlError `NOT_FOUND` naming those that there are */
export function detector(id: string): DetectorAlgorithm {
  const found = detectors.find((algorithm) => algorithm.id === id);
  if (found !== undefined) return found;
  const known = detectors.map((algorithm) => algorithm.id).join(', ');
  throw new MlError('NOT_FOUND', `There is no detector ${show(id)}; the detectors are: ${known}.`);
}
