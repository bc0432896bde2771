import type { DetectorCard } from '../core/artifact';
import { pickRows } from '../core/table';
import { labelledMetrics } from './labelled';
import type { Trained } from './trained';
import { warningsOf } from './warnings';
import { isoTime } from './words';

/** What training says of a model; version and duration are filled in later. */
export function makeCard(trained: Trained): DetectorCard {
  const { request, recipe, algorithm, params, fitted, chosen, split, heldOut } = trained;
  const { pipeline, timestampsMs } = fitted;
  const rows = chosen.devices.flat();
  const [fromMs, toMs] = spanOf(timestampsMs, rows);
  const learned = pickRows(fitted.x, split.fit);
  return {
    name: request.name,
    device: request.device,
    version: 0,
    algorithm: algorithm.id,
    params,
    features: fitted.x.columns,
    rows: rows.length,
    span: { from: isoTime(fromMs), to: isoTime(toMs) },
    stepMs: pipeline.stepMs,
    seed: request.seed,
    durationMs: 0,
    metrics: {
      fittedRows: split.fit.length,
      heldOutRows: heldOut.rawScores.length,
      heldOutAlarmRate: heldOut.sanity.alarmRate,
      falseAlarmsPerDay: heldOut.alarmsPerDay,
      ...labelledMetrics(trained),
    },
    threshold: heldOut.threshold,
    warnings: [...recipe.reasons, ...warningsOf(fitted, chosen, learned, heldOut)],
    active: heldOut.sanity.sane,
    activeReason: heldOut.sanity.reason,
  };
}

function spanOf(timestampsMs: Float64Array, rows: readonly number[]): [fromMs: number, toMs: number] {
  return rows.reduce<[number, number]>(
    ([from, to], row) => [Math.min(from, timestampsMs[row]!), Math.max(to, timestampsMs[row]!)],
    [Infinity, -Infinity],
  );
}
