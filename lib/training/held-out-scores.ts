import type { Detector, DetectorAlgorithm, Run } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import type { ParamValues } from '../core/params';
import { pickRows, type Table } from '../core/table';
import type { Split } from './split';

/** A model, and what models that have not seen them say of the rows. */
export interface FittedWithScores {
  readonly model: Detector;
  /** The one that was fitted for the last fold: it has not seen the rows which that holds out. */
  readonly witness: Detector;
  /** Raw scores of the split's held-out rows, in their order. */
  readonly rawScores: Float64Array;
}

/**
 * Fits a model, and scores each held-out row by one that has not seen it.
 * @throws MlError what the algorithm's `fit` throws, `ABORTED`
 */
export async function fitWithHeldOutScores(
  algorithm: DetectorAlgorithm,
  params: ParamValues,
  x: Table,
  { folds, fit, heldOut }: Split,
  run: Run,
): Promise<FittedWithScores> {
  const isCrossFitted = folds.length > 1;
  const fits = folds.length + (isCrossFitted ? 1 : 0);
  let fitted = 0;
  const fitOn = async (rows: readonly number[]): Promise<Detector> => {
    const before = fitted++;
    const model = await algorithm.fit(pickRows(x, rows), params, {
      ...run,
      onProgress: (fraction, epoch) => run.onProgress?.((before + fraction) / fits, epoch),
    });
    throwIfAborted(run.signal);
    return model;
  };
  const scoreOfRow = new Float64Array(x.rows);
  let witness: Detector | undefined;
  for (const fold of folds) {
    witness = await fitOn(fold.fit);
    const scores = witness.score(pickRows(x, fold.heldOut));
    fold.heldOut.forEach((row, i) => (scoreOfRow[row] = scores[i]!));
  }
  return {
    model: isCrossFitted ? await fitOn(fit) : witness!,
    witness: witness!,
    rawScores: Float64Array.from(heldOut, (row) => scoreOfRow[row]!),
  };
}
