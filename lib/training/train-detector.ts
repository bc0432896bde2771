import type { Run } from '../core/algorithm';
import { type DetectorArtifact, withCard } from '../core/artifact';
import { throwIfAborted } from '../core/errors';
import { checkParams } from '../core/params';
import { pickRows } from '../core/table';
import { fitPipeline } from '../readings/fit-pipeline';
import { detector } from '../registry';
import { recipeFor } from './auto';
import { makeCard } from './card';
import { chooseRows, lookbackOf } from './choose-rows';
import { canStartFrom, startedFrom } from './earlier';
import { checkReadings, checkRows, countReadings, rowsNeeded } from './enough';
import { judgeHeldOut } from './held-out';
import { trainingReference } from './reference';
import type { DetectionRequest } from './request';
import { selfTest } from './self-test';
import { selfTestMetrics } from './self-test/summary';
import { splitRows } from './split';

/** Share of the work, for the progress, after each step. */
const DONE = { features: 0.2, fit: 0.8 };

/**
 * Makes a detector from readings: a pipeline, a detector fitted on the older readings, calibrated and checked on the newer
 * ones. Pure: the same request gives the same bits. The caller fills in `createdMs` and `card.durationMs`, the store
 * the version.
 * @throws MlError `TOO_FEW_ROWS`, `DATA`, `PARAMETER`, `NOT_FOUND` (the algorithm), `ABORTED`
 */
export async function trainDetector(request: DetectionRequest, run: Omit<Run, 'seed'> = {}): Promise<DetectorArtifact> {
  const { name, device, tables, seed } = request;
  const recipe = recipeFor(request.algorithm, request.params, {
    rows: tables.reduce((most, { timestampsMs }) => Math.max(most, timestampsMs.length), 0),
    fields: fieldsOf(request),
    features: request.pipeline.features ?? [],
  });
  const algorithm = detector(recipe.algorithm);
  const params = checkParams(algorithm.id, algorithm.params, recipe.params);

  const readings = countReadings(tables);
  const needed = rowsNeeded(request.minRows, algorithm.minRows(params));
  checkReadings(readings, needed);

  throwIfAborted(run.signal);
  const fitted = fitPipeline(tables, { ...request.pipeline, features: recipe.features });
  run.onProgress?.(DONE.features);

  const chosen = chooseRows(fitted, request.learnAlarms);
  checkRows(readings, fitted.x.rows, chosen, needed);
  const split = splitRows(chosen.devices, lookbackOf(fitted.pipeline));
  const start = canStartFrom(algorithm, request.start) ? request.start : undefined;
  const model = await algorithm.fit(pickRows(fitted.x, split.fit), params, {
    ...run,
    ...(start && { start: { state: start.state, stateVersion: start.stateVersion } }),
    seed,
    onProgress: (fraction, epoch) => run.onProgress?.(DONE.features + fraction * (DONE.fit - DONE.features), epoch),
  });
  throwIfAborted(run.signal);
  run.onProgress?.(DONE.fit);

  const heldOut = judgeHeldOut(model, fitted.x, split, request.threshold, fitted.pipeline.stepMs);
  throwIfAborted(run.signal);
  const reasons = start === undefined ? recipe.reasons : [...recipe.reasons, startedFrom(start)];
  const told = { ...recipe, reasons };
  const card = makeCard({ request, recipe: told, algorithm, params, fitted, chosen, split, model, heldOut });
  const reference = trainingReference(fitted, chosen, model);
  const artifact: DetectorArtifact = {
    kind: 'detector',
    name,
    device,
    version: 0,
    createdMs: 0,
    algorithm: { id: algorithm.id, stateVersion: algorithm.stateVersion, params, seed },
    pipeline: fitted.pipeline,
    calibration: heldOut.calibration,
    state: model.snapshot(),
    ...(reference !== null && { reference }),
    card,
  };
  const test = selfTest(artifact, { tables, fitted, heldOut: split.heldOut, rawScores: heldOut.rawScores, ...run });
  run.onProgress?.(1);
  // What labels say is about real faults, and counts for more.
  return withCard(artifact, { selfTest: test, metrics: { ...selfTestMetrics(test), ...card.metrics } });
}

/** Fields that may become features: those named, else all there are, and the derived ones. */
function fieldsOf({ tables, pipeline }: DetectionRequest): number {
  const { fields = [], derived = [] } = pipeline;
  return (fields.length > 0 ? fields.length : new Set(tables.flatMap((table) => table.fields)).size) + derived.length;
}
