import type { Reference } from '../core/artifact';
import { SCORE_FEATURE } from '../detection/drift/learned-rows';
import { referenceOf } from '../detection/drift/reference';
import type { FittedPipeline } from '../readings/fit-pipeline';
import type { ChosenRows } from './choose-rows';
import type { Split } from './split';

/**
 * How fields were distributed in the rows that were learned from, and raw scores in those that were held out: on rows
 * that it was fitted on a model scores lower than it ever will again.
 * @param rawScores - of the split's held-out rows
 * @returns null where the rows span too short a time to know what is normal from one day to the next
 */
export function trainingReference(
  { pipeline, x, timestampsMs }: FittedPipeline,
  chosen: ChosenRows,
  { heldOut }: Split,
  rawScores: Float64Array,
): Reference | null {
  const { features, stepMs } = pipeline;
  const fields = features.flatMap((feature) => (feature.kind === 'value' ? [feature.field] : []));
  const columns = fields.map((field) => x.columns.indexOf(field));
  const width = x.columns.length;
  const scoreOfRow = new Float64Array(x.rows).fill(NaN);
  heldOut.forEach((row, i) => (scoreOfRow[row] = rawScores[i]!));
  const devices = chosen.devices.map((rows) => ({
    timestampsMs: Float64Array.from(rows, (row) => timestampsMs[row]!),
    valueAt: (feature: number, i: number): number => {
      const row = rows[i]!;
      return feature < columns.length ? x.data[row * width + columns[feature]!]! : scoreOfRow[row]!;
    },
  }));
  return referenceOf([...fields, SCORE_FEATURE], devices, stepMs);
}
