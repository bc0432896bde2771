import type { Detector } from '../core/algorithm';
import type { Reference } from '../core/artifact';
import { pickRows } from '../core/table';
import { SCORE_FEATURE } from '../detection/drift/learned-rows';
import { referenceOf } from '../detection/drift/reference';
import type { FittedPipeline } from '../readings/fit-pipeline';
import type { ChosenRows } from './choose-rows';

/** Rows that are scored, at most: evenly spread over all. */
const MAX_SCORED = 10_000;

/**
 * How fields and raw scores were distributed in the rows that were learned from, fitted and held out ones alike.
 * @returns null where the rows span too short a time to know what is normal from one day to the next
 */
export function trainingReference(fitted: FittedPipeline, chosen: ChosenRows, model: Detector): Reference | null {
  const { pipeline, x, timestampsMs } = fitted;
  const { features, stepMs } = pipeline;
  const fields = features.flatMap((feature) => (feature.kind === 'value' ? [feature.field] : []));
  const columns = fields.map((field) => x.columns.indexOf(field));
  const width = x.columns.length;
  const stride = Math.ceil(chosen.devices.reduce((sum, { length }) => sum + length, 0) / MAX_SCORED);
  const devices = chosen.devices.map((rows) => {
    const scores = model.score(
      pickRows(
        x,
        rows.filter((_, i) => i % stride === 0),
      ),
    );
    const valueAt = (feature: number, i: number): number => {
      if (feature < columns.length) return x.data[rows[i]! * width + columns[feature]!]!;
      return i % stride === 0 ? scores[i / stride]! : NaN;
    };
    return { timestampsMs: Float64Array.from(rows, (row) => timestampsMs[row]!), valueAt };
  });
  return referenceOf([...fields, SCORE_FEATURE], devices, stepMs);
}
