import type { Pipeline } from '../core/pipeline';
import { compileDerived, inputsOf } from './derived';

/** Where the fields of a pipeline stand in a row of values: inputs as they come first, derived fields after them. */
export interface RowLayout {
  /** Fields taken from readings: the pipeline's own first, then what only derived fields and the condition need. */
  readonly inputs: readonly string[];
  /** All columns: inputs, then derived fields. */
  readonly names: readonly string[];
  readonly columnOf: (field: string) => number;
  /** Fills in the derived fields of a row whose inputs are there. */
  readonly derive: (row: Float64Array) => void;
}

export function rowLayout({
  fields,
  derived,
  judgeWhen,
}: Pick<Pipeline, 'fields' | 'derived' | 'judgeWhen'>): RowLayout {
  const made = new Set(derived.map(({ name }) => name));
  const needed = [...fields, ...derived.flatMap(inputsOf), ...(judgeWhen ? [judgeWhen.field] : [])];
  const inputs = [...new Set(needed.filter((field) => !made.has(field)))];
  const names = [...inputs, ...made];
  const columns = new Map(names.map((name, column) => [name, column]));
  const columnOf = (field: string): number => columns.get(field) ?? -1;
  const operations = derived.map((field) => compileDerived(field, columnOf));
  const derive = (row: Float64Array): void => {
    for (let i = 0; i < operations.length; i++) row[inputs.length + i] = operations[i]!(row);
  };
  return { inputs, names, columnOf, derive };
}
