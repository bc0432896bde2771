import type { Detector, Explanation, ModelState, Run } from '../core/algorithm';
import { MlError } from '../core/errors';
import type { StateReader } from '../core/state-reader';
import type { Table } from '../core/table';
import { tensor } from '../core/tensor';
import { defineDetector } from './define';
import { checkRow, checkScoringTable } from './input';
import { CorrelationExplainer } from './mahalanobis/explain';
import { fitNormal } from './mahalanobis/fit';
import type { Normal } from './mahalanobis/normal';

/** Beyond, a model would be tens of megabytes, and a row would take milliseconds. */
const MAX_FEATURES = 512;
/** A value further away than this many deviations counts as so far, so that products of squares stay finite. */
const FURTHEST = 1e60;

class Mahalanobis implements Detector {
  readonly #normal: Normal;
  #explainer: CorrelationExplainer | undefined;

  constructor(
    readonly features: readonly string[],
    normal: Normal,
  ) {
    this.#normal = normal;
  }

  score(x: Table): Float64Array {
    checkScoringTable(this.features, x);
    const width = this.features.length;
    const { whitening } = this.#normal;
    const scores = new Float64Array(x.rows);
    for (let r = 0; r < x.rows; r++) {
      const z = this.#standardised(x.data.subarray(r * width, (r + 1) * width));
      let squares = 0;
      for (let i = 0, w = 0; i < width; i++) {
        let white = 0;
        for (let j = 0; j <= i; j++, w++) white += whitening[w]! * z[j]!;
        squares += white * white;
      }
      scores[r] = Math.sqrt(squares / width);
    }
    return scores;
  }

  explain(row: Float64Array): Explanation {
    checkRow(this.features, row);
    this.#explainer ??= new CorrelationExplainer(this.features, this.#normal);
    return this.#explainer.explain(row, this.#standardised(row));
  }

  snapshot(): ModelState {
    const { centre, scale, whitening } = this.#normal;
    return {
      scalars: { features: this.features },
      tensors: { centre: tensor(centre), scale: tensor(scale), whitening: tensor(whitening) },
    };
  }

  #standardised(row: Float64Array): Float64Array {
    const { centre, scale } = this.#normal;
    const z = new Float64Array(row.length);
    for (let c = 0; c < z.length; c++) {
      z[c] = Math.max(-FURTHEST, Math.min(FURTHEST, (row[c]! - centre[c]!) / scale[c]!));
    }
    return z;
  }
}

function fit(x: Table, run: Run): Mahalanobis {
  const { columns } = x;
  if (columns.length > MAX_FEATURES) {
    throw new MlError(
      'DATA',
      `mahalanobis can learn at most ${MAX_FEATURES} features, got ${columns.length}. Choose fewer fields or windows.`,
    );
  }
  return new Mahalanobis([...columns], fitNormal(x, run));
}

function restore(state: StateReader): Mahalanobis {
  const features = state.features();
  const width = features.length;
  const whitening = state.tensor('whitening', Float64Array, (width * (width + 1)) / 2);
  if (features.some((_, i) => !(whitening[(i * (i + 3)) / 2]! > 0))) {
    throw new MlError(
      'ARTIFACT',
      'The stored mahalanobis model is damaged: whitening must be positive on its diagonal.',
    );
  }
  return new Mahalanobis(features, {
    centre: state.tensor('centre', Float64Array, width),
    scale: state.tensor('scale', Float64Array, width, (value) => value > 0 && value < Infinity),
    whitening,
  });
}

/**
 * Mahalanobis distance, made for telemetry: the raw score is the root mean square of the features' deviations after
 * their correlations have been taken out; about 1 for a usual row.
 *
 * The correlation is shrunk towards none, the more the fewer rows there are for each feature, and the covariance is
 * widened by the drift that was seen while training, so that a slow drift in the same direction is no anomaly.
 *
 * Fails where there are several operating states far apart: what lies between them is usual to it. Costs
 * features² / 2 multiplications a row, and rows × features² / 2 to fit.
 */
export const mahalanobis = defineDetector({
  id: 'mahalanobis',
  stateVersion: 1,
  title: 'Correlation distance (Mahalanobis)',
  summary: 'All features together: how far a row is from normal, given how the features usually move together.',
  reference: 'P. C. Mahalanobis: On the generalised distance in statistics. Proc. Nat. Inst. Sci. India 2, 1936.',
  params: {},
  traits: { online: false, multivariate: true, allowsMissing: false },
  testParams: {},
  minRows: () => 10,
  fit: (x, _params, run) => fit(x, run),
  restore,
});
