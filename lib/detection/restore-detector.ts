import type { Detector } from '../core/algorithm';
import type { DetectorArtifact } from '../core/artifact';
import { MlError } from '../core/errors';
import { featureColumns } from '../readings/feature-columns';
import { detector } from '../registry';

/**
 * The fitted detector of an artifact.
 * @throws MlError `NOT_FOUND` where this package has no such algorithm, `ARTIFACT` where the stored state is damaged or
 * does not belong to the pipeline
 */
export function restoreDetector({ algorithm, pipeline, state }: DetectorArtifact): Detector {
  const model = detector(algorithm.id).restore(state, algorithm.stateVersion, algorithm.params);
  const columns = featureColumns(pipeline);
  const { features } = model;
  if (features.length !== columns.length || features.some((name, column) => name !== columns[column])) {
    throw new MlError(
      'ARTIFACT',
      `The stored ${algorithm.id} model is damaged: it knows ${features.length} features that are not the ` +
        `${columns.length} of its pipeline.`,
    );
  }
  return model;
}
