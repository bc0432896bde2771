/** A straight line: `level` at sample 0, `slope` a step. */
export interface Line {
  readonly level: number;
  readonly slope: number;
}

/** With less, a slope is rather noise. */
export const FEWEST_FOR_SLOPE = 20;

/** The line through the values with the least squares; of one value a level line. */
export function leastSquaresLine(values: Float64Array): Line {
  const n = values.length;
  const middle = (n - 1) / 2;
  let sum = 0;
  let tilt = 0;
  for (let i = 0; i < n; i++) {
    sum += values[i]!;
    tilt += (i - middle) * values[i]!;
  }
  const slope = n < 2 ? 0 : (12 * tilt) / (n * (n * n - 1));
  return { level: sum / n - slope * middle, slope };
}
