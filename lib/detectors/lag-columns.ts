import { MlError } from '../core/errors';

const LAG = /^lag\((.+), (\d+)\)$/;

/**
 * Reads columns such as `flow`, `lag(flow, 1)`, `lag(flow, 2)` as a window: which column holds which field how many rows ago.
 * @returns the window's length, and for each place of the window, oldest step first, the column that stands there
 * @throws MlError `DATA` where a field lacks a lag that another has
 */
export function windowOrder(columns: readonly string[]): { readonly steps: number; readonly order: readonly number[] } {
  const byField = new Map<string, Map<number, number>>();
  columns.forEach((column, index) => {
    const [, field = column, lag = '0'] = LAG.exec(column) ?? [];
    const lags = byField.get(field) ?? new Map<number, number>();
    byField.set(field, lags.set(Number(lag), index));
  });
  const steps = columns.length / byField.size;
  const order: number[] = [];
  for (let lag = steps - 1; lag >= 0; lag--) {
    for (const [field, lags] of byField) {
      const column = lags.get(lag);
      if (column === undefined || steps < 2) {
        throw new MlError(
          'DATA',
          `A window needs the same lags, 1, 2, 3 and so on, of every field; "${field}" has ${lags.size - 1}. Add them under features.`,
        );
      }
      order.push(column);
    }
  }
  return { steps, order };
}
