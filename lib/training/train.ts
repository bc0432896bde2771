import type { Run } from '../core/algorithm';
import type { Artifact, DetectorArtifact, ForecasterArtifact } from '../core/artifact';
import type { DetectionRequest, ForecastRequest, TrainingRequest } from './request';
import { trainDetector } from './train-detector';
import { trainForecaster } from './train-forecaster';

/**
 * Makes a model from readings. Pure: the same request gives the same bits. The caller fills in `createdMs` and
 * `card.durationMs`, the store the version.
 * @throws MlError `TOO_FEW_ROWS`, `DATA`, `PARAMETER`, `NOT_FOUND` (the algorithm), `LIMIT`, `ABORTED`
 */
export function train(request: DetectionRequest, run?: Omit<Run, 'seed'>): Promise<DetectorArtifact>;
export function train(request: ForecastRequest, run?: Omit<Run, 'seed'>): Promise<ForecasterArtifact>;
export function train(request: TrainingRequest, run?: Omit<Run, 'seed'>): Promise<Artifact>;
export async function train(request: TrainingRequest, run: Omit<Run, 'seed'> = {}): Promise<Artifact> {
  if (request.task === 'detection') return trainDetector(request, run);
  return trainForecaster(request, run);
}
