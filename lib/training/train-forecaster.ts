import type { Run } from '../core/algorithm';
import { SHARED_DEVICE, type ForecasterArtifact } from '../core/artifact';
import { MlError, throwIfAborted } from '../core/errors';
import { checkParams, type ParamSpecs, type ParamValues } from '../core/params';
import { IN_ALARM_LABEL, type ReadingTable } from '../core/readings';
import { fitForecast, type FittedForecast } from '../forecasting/fit-forecast';
import type { Member } from '../forecasting/members';
import { FORECAST_STATE_VERSION, memberStart, packModel } from '../forecasting/model-state';
import { regularGrid } from '../readings/regular-grid';
import { forecaster } from '../registry';
import { AUTO } from './auto';
import { startedFrom } from './earlier';
import { checkReadings, checkSamples, countReadings } from './enough';
import { makeForecasterCard } from './forecast-card';
import { reachOf } from './reach';
import type { EarlierVersion, ForecastRequest } from './request';

/** Share of the work, for the progress, after the readings have been put on the grid. */
const DONE_GRID = 0.05;

/**
 * Makes a forecaster from the readings of one device: a history on a regular grid, forecasters that were tried on its end
 * and fitted on all of it. Readings labelled as faults count as missing; readings during an alarm are kept, since a
 * forecast needs the rows in between. Pure: the same request gives the same bits, the seconds on the card aside. The
 * caller fills in `createdMs` and `card.durationMs`, the store the version.
 * @throws MlError `TOO_FEW_ROWS`, `DATA`, `PARAMETER`, `NOT_FOUND` (the algorithm), `ABORTED`
 */
export async function trainForecaster(
  request: ForecastRequest,
  run: Omit<Run, 'seed'> = {},
): Promise<ForecasterArtifact> {
  const { name, device, seed, budgetSeconds, start } = request;
  const table = onlyTable(request);
  const { params, minRows } = chosenAlgorithm(request);
  const needed = Math.max(request.minRows, minRows);
  checkReadings(countReadings([table]), needed);

  throwIfAborted(run.signal);
  const grid = regularGrid(withAlarms(table), request.series);
  const { plan, history } = grid;
  const samples = history.target.length;
  checkSamples(countReadings([table]), samples, needed);
  const reach = reachOf(request.horizonMs, plan.stepMs, samples);
  run.onProgress?.(DONE_GRID);

  const choice = { algorithm: request.algorithm, params: request.params, horizon: reach.horizon, budgetSeconds };
  const fitted = await fitForecast(history, choice, {
    ...run,
    ...(start && { start: { state: start.state, stateVersion: start.stateVersion } }),
    seed,
    onProgress: (fraction, epoch) => run.onProgress?.(DONE_GRID + fraction * (1 - DONE_GRID), epoch),
  });
  throwIfAborted(run.signal);
  const card = makeForecasterCard({
    request,
    params,
    grid,
    fitted,
    notes: [...startNotes(start, fitted), ...reach.notes],
  });
  run.onProgress?.(1);
  return {
    kind: 'forecaster',
    name,
    device,
    version: 0,
    createdMs: 0,
    algorithm: { id: request.algorithm, stateVersion: FORECAST_STATE_VERSION, params, seed },
    series: plan,
    state: packModel(fitted.model),
    card,
  };
}

/** @throws MlError `PARAMETER` for a model that several devices would share */
function onlyTable({ device, name, tables }: ForecastRequest): ReadingTable {
  const [table] = tables;
  if (device !== SHARED_DEVICE && tables.length <= 1) {
    return table ?? { device, fields: [], timestampsMs: new Float64Array(0), data: new Float64Array(0) };
  }
  throw new MlError(
    'PARAMETER',
    `A forecast goes on from the past of one device, so that several cannot share "${name}": train one model for each ` +
      'device, under the same name.',
  );
}

function chosenAlgorithm({ algorithm: id, params }: ForecastRequest): {
  readonly params: ParamValues;
  readonly minRows: number;
} {
  // What `auto` tries says itself what it needs.
  if (id === AUTO) return { params: {}, minRows: 0 };
  const algorithm = forecaster(id);
  const checked = checkParams(id, algorithm.params as ParamSpecs, params);
  return { params: checked, minRows: algorithm.minRows(checked) };
}

/** Readings during an alarm count like any other. */
function withAlarms(table: ReadingTable): ReadingTable {
  if (table.labels === undefined) return table;
  return { ...table, labels: table.labels.map((label) => (label === IN_ALARM_LABEL ? null : label)) };
}

/** Says so where a member goes on from the earlier version. */
function startNotes(start: EarlierVersion | undefined, { model }: FittedForecast): readonly string[] {
  const goesOn = ({ algorithm }: Member): boolean =>
    start !== undefined && algorithm.traits.warmStart === true && memberStart(start, algorithm.id) !== undefined;
  return start !== undefined && model.members.some(goesOn) ? [startedFrom(start)] : [];
}
