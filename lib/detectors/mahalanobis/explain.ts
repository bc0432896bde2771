import type { Explanation } from '../../core/algorithm';
import { cholesky, inverseFromWhitening, invertLower, unpackLower } from '../../core/cholesky';
import { fieldOfColumn } from '../../readings/feature-columns';
import type { Normal } from './normal';

/** Half-width of the expected range, in deviations. */
const REACH = 3;
/** Fields that let expect a value further out than so many deviations are wrong themselves. */
const FURTHEST_EXPECTED = 10;

/** The features of one field: they are judged against the other fields, not against each other. */
interface FieldPart {
  readonly columns: readonly number[];
  /** `columns × columns`: covariance of these features where all others are known. */
  readonly covariance: Float64Array;
}

/**
 * Says why a row is far from normal.
 *
 * A field's share goes by how much smaller the squared distance would be, had the field's features the values that the
 * others let expect (reconstruction-based contribution; C. Alcala, S. J. Qin: Automatica 45, 2009): where one field is
 * wrong, it is the largest whatever the correlations are. Within the field it goes to those that deviate most. The
 * expected range is the usual one of the feature. Where the value lies within that, and fits less to what the other
 * fields show, it is the range that these let expect, unless that is out of all reason.
 */
export class CorrelationExplainer {
  readonly #normal: Normal;
  readonly #precision: Float64Array;
  readonly #deviation: Float64Array;
  readonly #parts: readonly FieldPart[];

  constructor(features: readonly string[], normal: Normal) {
    const width = features.length;
    this.#normal = normal;
    const whitening = unpackLower(normal.whitening, width);
    this.#precision = inverseFromWhitening(whitening, width);
    const l = invertLower(whitening, width);
    this.#deviation = Float64Array.from(features, (_, i) => Math.hypot(...l.subarray(i * width, (i + 1) * width)));
    const fields = new Map<string, number[]>();
    features.forEach((feature, c) => {
      const field = fieldOfColumn(feature);
      fields.set(field, [...(fields.get(field) ?? []), c]);
    });
    this.#parts = [...fields.values()].map((columns) => ({ columns, covariance: this.#conditional(columns) }));
  }

  /** @param z - the row, standardised */
  explain(row: Float64Array, z: Float64Array): Explanation {
    const width = z.length;
    const pull = multiply(this.#precision, z);
    const shares = new Float64Array(width);
    const low = new Float64Array(width);
    const high = new Float64Array(width);
    for (const { columns, covariance } of this.#parts) {
      const pulls = columns.map((c) => pull[c]!);
      const misfit = multiply(covariance, pulls);
      const saved = pulls.reduce((sum, value, i) => sum + value * misfit[i]!, 0);
      this.#share(columns, z, saved, shares);
      columns.forEach((c, i) => {
        const spread = Math.sqrt(covariance[i * columns.length + i]!);
        const usual = Math.abs(z[c]!) / this.#deviation[c]!;
        const expected = Math.abs(z[c]! - misfit[i]!) / this.#deviation[c]!;
        const isMisfit = usual <= REACH && Math.abs(misfit[i]!) / spread > usual && expected <= FURTHEST_EXPECTED;
        const middle = isMisfit ? row[c]! - misfit[i]! * this.#normal.scale[c]! : this.#normal.centre[c]!;
        const reach = REACH * (isMisfit ? spread : this.#deviation[c]!) * this.#normal.scale[c]!;
        low[c] = middle - reach;
        high[c] = middle + reach;
      });
    }
    const sum = shares.reduce((a, b) => a + b);
    return { shares: shares.map((share) => (sum > 0 ? share / sum : 1 / width)), low, high };
  }

  /** @param saved - what the field makes of the squared distance */
  #share(columns: readonly number[], z: Float64Array, saved: number, shares: Float64Array): void {
    const squares = columns.map((c) => (z[c]! / this.#deviation[c]!) ** 2);
    const all = squares.reduce((a, b) => a + b);
    columns.forEach((c, i) => {
      shares[c] = saved * (all > 0 ? squares[i]! / all : 1 / columns.length);
    });
  }

  #conditional(columns: readonly number[]): Float64Array {
    const width = this.#deviation.length;
    const precision = Float64Array.from(columns.flatMap((i) => columns.map((j) => this.#precision[i * width + j]!)));
    const size = columns.length;
    return inverseFromWhitening(invertLower(cholesky(precision, size), size), size);
  }
}

/** A square matrix, row-major, times a vector. */
function multiply(matrix: Float64Array, vector: ArrayLike<number>): Float64Array {
  const size = vector.length;
  const product = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0, m = i * size; j < size; j++, m++) sum += matrix[m]! * vector[j]!;
    product[i] = sum;
  }
  return product;
}
