import type { DerivedField } from '../core/pipeline';
import { measured } from './numbers';

/** The fields a derived field is made from. */
export function inputsOf(derived: DerivedField): readonly string[] {
  switch (derived.operation) {
    case 'percent':
      return [derived.part, derived.whole];
    case 'sum':
      return derived.of;
    case 'difference':
      return [derived.minuend, derived.subtrahend];
  }
}

/**
 * How to work a derived field out from a row's values: missing (NaN) where an input is missing, and for a percentage
 * of zero.
 * @param columnOf - where in the row a field stands
 */
export function compileDerived(
  derived: DerivedField,
  columnOf: (field: string) => number,
): (row: Float64Array) => number {
  switch (derived.operation) {
    case 'percent': {
      const part = columnOf(derived.part);
      const whole = columnOf(derived.whole);
      return (row) => measured((100 * row[part]!) / row[whole]!);
    }
    case 'sum': {
      const columns = derived.of.map(columnOf);
      return (row) => measured(columns.reduce((sum, column) => sum + row[column]!, 0));
    }
    case 'difference': {
      const minuend = columnOf(derived.minuend);
      const subtrahend = columnOf(derived.subtrahend);
      return (row) => measured(row[minuend]! - row[subtrahend]!);
    }
  }
}
