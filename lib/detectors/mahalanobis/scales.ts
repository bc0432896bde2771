import { mean, standardDeviation } from '../../core/statistics';
import { columnOf, type Table } from '../../core/table';
import { fieldOfColumn, windowOfColumn } from '../../readings/feature-columns';
import { resolutionOf } from '../resolution';

/** Unrest below this share of a field's own deviation tells nothing. */
const LEAST_UNREST = 0.05;
/** The logarithm of the deviation of w values scatters by some 1 / √(2 w); this share of it at least. */
const LEAST_LOG_SCATTER = 0.3 * Math.SQRT1_2;
/** Scale of a feature that never changed, relative to its field's size. */
const CONSTANT_SCALE = 0.01;
/** A deviation smaller than this, relative to the field's size, is floating-point noise. */
const NOISE = 1e-9;
/** Deviation that rounding to a resolution of 1 makes: that of a uniform distribution of width 1. */
const ROUNDING_DEVIATION = Math.sqrt(1 / 12);

/** The columns of each time scale: of windows the longest first, then what belongs to the single reading. */
export function columnsByScale(features: readonly string[]): readonly (readonly number[])[] {
  const scales = new Map<number, number[]>();
  features.forEach((feature, column) => {
    const rows = windowOfColumn(feature)?.rows ?? 0;
    scales.set(rows, [...(scales.get(rows) ?? []), column]);
  });
  return [...scales].sort(([a], [b]) => b - a).map(([, columns]) => columns);
}

/** What is known of a field, from its feature columns together. */
interface FieldFacts {
  /** Of its values, in its unit. */
  readonly size: number;
  /** Deviation of its values, but not less than their rounding makes; 0: it never changed. */
  readonly deviation: number;
  readonly rounding: number;
}

/** How the features of a table are to be standardised. */
export class Units {
  /** See `Scales.floors`. */
  readonly floors: Float64Array;
  readonly #facts: ReadonlyMap<string, FieldFacts>;

  constructor(x: Table) {
    this.#facts = factsOf(x);
    this.floors = Float64Array.from(x.columns, (column) => {
      if (windowOfColumn(column)?.statistic !== 'deviation') return 0;
      const { size, deviation, rounding } = this.#facts.get(fieldOfColumn(column))!;
      return Math.max(LEAST_UNREST * (deviation || CONSTANT_SCALE * (size || 1)), rounding);
    });
  }

  /**
   * The unit of a feature: its deviation, but not less than the rounding of its field's values makes, since nothing can
   * be known finer than that; of a feature that never changed a percent of its field's size; of a logarithm not less
   * than so few values can tell.
   * @param values - after logarithms were taken
   */
  scaleOf(column: string, values: Float64Array): number {
    const window = windowOfColumn(column);
    const deviation = standardDeviation(values);
    if (window?.statistic === 'deviation') return Math.max(deviation, LEAST_LOG_SCATTER / Math.sqrt(window.rows));
    const { size, rounding } = this.#facts.get(fieldOfColumn(column))!;
    const scale = Math.max(deviation > NOISE * size ? deviation : 0, rounding);
    return scale > 0 ? scale : CONSTANT_SCALE * (size || 1);
  }
}

function factsOf(x: Table): ReadonlyMap<string, FieldFacts> {
  const facts = new Map<string, FieldFacts>();
  x.columns.forEach((column, c) => {
    const field = fieldOfColumn(column);
    const known = facts.get(field) ?? { size: 0, deviation: 0, rounding: 0 };
    const values = columnOf(x, c);
    const centre = Math.abs(mean(values));
    const size = Math.max(known.size, centre);
    if (column !== field) {
      // Without the field's own values, its unrest within windows is the best that is known of its deviation.
      const unrest = windowOfColumn(column)?.statistic === 'deviation' ? centre : 0;
      facts.set(field, { ...known, size, deviation: known.deviation || unrest });
      return;
    }
    const resolution = resolutionOf(values.sort());
    const rounding = resolution < Infinity ? ROUNDING_DEVIATION * resolution : 0;
    const spread = standardDeviation(values);
    facts.set(field, { size, rounding, deviation: Math.max(spread > NOISE * size ? spread : 0, rounding) });
  });
  return facts;
}
