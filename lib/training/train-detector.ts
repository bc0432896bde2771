import type { Run } from '../core/algorithm';
import { type DetectorArtifact, withCard } from '../core/artifact';
import { throwIfAborted } from '../core/errors';
import { checkParams } from '../core/params';
import { fitPipeline } from '../readings/fit-pipeline';
import { lookbackOf } from '../readings/lookback';
import { detector } from '../registry';
import { recipeFor } from './auto';
import { hasDailyRhythm } from './daily-rhythm';
import { makeCard } from './card';
import { chooseRows } from './choose-rows';
import { canStartFrom, startedFrom } from './earlier';
import { checkReadings, checkRows, countReadings, rowsNeeded } from './enough';
import { judgeHeldOut, knownScores } from './held-out';
import { trainingReference } from './reference';
import { type FittedWithScores, fitWithHeldOutScores } from './held-out-scores';
import type { DetectionRequest } from './request';
import { selfTest, type SelfTestSource } from './self-test';
import { selfTestMetrics } from './self-test/summary';
import { type Split, splitRows } from './split';

/** Share of the work, for the progress, after each step. */
const DONE = { features: 0.2, fit: 0.8 };

/**
 * Makes a detector from readings: a pipeline, and a detector that is calibrated and checked on rows it has not seen.
 * Pure: the same request gives the same bits. The caller fills in `createdMs` and `card.durationMs`, the store the
 * version.
 * @throws MlError `TOO_FEW_ROWS`, `DATA`, `PARAMETER`, `NOT_FOUND` (the algorithm), `ABORTED`
 */
export async function trainDetector(request: DetectionRequest, run: Omit<Run, 'seed'> = {}): Promise<DetectorArtifact> {
  const { name, device, tables, seed } = request;
  const recipe = recipeFor(request.algorithm, request.params, {
    rows: tables.reduce((most, { timestampsMs }) => Math.max(most, timestampsMs.length), 0),
    fields: fieldsOf(request),
    features: request.pipeline.features ?? [],
    isDaily: isDaily(request),
  });
  const algorithm = detector(recipe.algorithm);
  const params = checkParams(algorithm.id, algorithm.params, recipe.params);

  const readings = countReadings(tables);
  const needed = rowsNeeded(request.minRows, algorithm.minRows(params), algorithm.traits);
  checkReadings(readings, needed);

  throwIfAborted(run.signal);
  const { features } = recipe;
  const hourOfDay = recipe.hourOfDay || request.pipeline.hourOfDay === true;
  const fitted = fitPipeline(tables, { ...request.pipeline, features, hourOfDay });
  run.onProgress?.(DONE.features);

  const chosen = chooseRows(fitted, request.learnAlarms, needed);
  checkRows(readings, fitted.x.rows, chosen, needed);
  const split = splitRows(chosen.devices, lookbackOf(fitted.pipeline), algorithm.traits);
  const start = canStartFrom(algorithm, request.start) ? request.start : undefined;
  const scored = await fitWithHeldOutScores(algorithm, params, fitted.x, split, {
    ...run,
    ...(start && { start: { state: start.state, stateVersion: start.stateVersion } }),
    seed,
    onProgress: (fraction, epoch) => run.onProgress?.(DONE.features + fraction * (DONE.fit - DONE.features), epoch),
  });
  run.onProgress?.(DONE.fit);

  const heldOut = judgeHeldOut(algorithm, scored, fitted.x, split, request.threshold, fitted.pipeline.stepMs);
  throwIfAborted(run.signal);
  const { model } = scored;
  const reasons = start === undefined ? recipe.reasons : [...recipe.reasons, startedFrom(start)];
  const told = { ...recipe, reasons };
  const card = makeCard({ request, recipe: told, algorithm, params, fitted, chosen, split, model, heldOut });
  const reference = trainingReference(fitted, chosen, split, scored.rawScores);
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
  const test = selfTest(
    { ...artifact, state: scored.witness.snapshot() },
    { tables, fitted, ...unseenBy(scored, split), known: knownScores(algorithm, fitted.x.columns.length), ...run },
  );
  run.onProgress?.(1);
  // What labels say is about real faults, and counts for more.
  return withCard(artifact, { selfTest: test, metrics: { ...selfTestMetrics(test), ...card.metrics } });
}

/** The rows that the witness has not seen, with their raw scores. */
function unseenBy(
  { rawScores }: FittedWithScores,
  { folds, heldOut }: Split,
): Pick<SelfTestSource, 'heldOut' | 'rawScores'> {
  const unseen = folds.at(-1)!.heldOut;
  const isUnseen = new Set(unseen);
  return { heldOut: unseen, rawScores: rawScores.filter((_, i) => isUnseen.has(heldOut[i]!)) };
}

/** Whether there is one field, which follows the time of day on each device. */
function isDaily({ tables, pipeline }: DetectionRequest): boolean {
  const { fields = [], derived = [], timeZone = 'UTC' } = pipeline;
  const [field, ...others] = fields.length > 0 ? fields : new Set(tables.flatMap((table) => table.fields));
  if (field === undefined || others.length + derived.length > 0) return false;
  return tables.every((table) => hasDailyRhythm(table, field, timeZone));
}

/** Fields that may become features: those named, else all there are, and the derived ones. */
function fieldsOf({ tables, pipeline }: DetectionRequest): number {
  const { fields = [], derived = [] } = pipeline;
  return (fields.length > 0 ? fields.length : new Set(tables.flatMap((table) => table.fields)).size) + derived.length;
}
