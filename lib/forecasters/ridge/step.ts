import type { LagEquations } from './lag-model';

/** A model whose own forecasts make it grow ends at so many times the largest number it was shown, or deviations. */
const LARGEST_GROWTH = 10;

/** The calendar terms at an index of the window. */
export type TermsAt = (index: number) => Float64Array;

/**
 * Forecasts one step after the other: each becomes an input of the next. The series beside the target are forecast in the
 * same way, by the same model.
 * @param window - series with room for `horizon` samples from `origin` on, which are filled with the forecasts
 */
export function forecastRecursively(
  equations: LagEquations,
  window: readonly Float64Array[],
  origin: number,
  horizon: number,
  termsAt: TermsAt,
): void {
  const bounds = window.map((samples) => boundOf(samples, origin));
  for (let j = 0; j < horizon; j++) {
    const outputs = equations.solve(window, origin + j, termsAt(origin + j));
    for (let c = 0; c < outputs.length; c++) window[c]![origin + j] = bounded(outputs[c]!, bounds[c]!);
  }
}

/**
 * Forecasts all steps that the model was fitted for at once; those between are interpolated. Beyond them it goes on from
 * its own forecasts, and from the last values of the other series.
 * @param steps - step of each output, from 0 on, rising
 * @param window - as for `forecastRecursively`
 */
export function forecastDirectly(
  equations: LagEquations,
  steps: Uint32Array,
  window: readonly Float64Array[],
  origin: number,
  horizon: number,
  termsAt: TermsAt,
): void {
  const target = window[0]!;
  const bound = boundOf(target, origin);
  for (const other of window.slice(1)) other.fill(other[origin - 1]!, origin);
  const stride = steps.at(-1)! + 1;
  for (let start = origin; start < origin + horizon; start += stride) {
    const outputs = equations.solve(window, start, termsAt(start));
    let before = bounded(outputs[0]!, bound);
    let at = start;
    target[start] = before;
    for (let c = 1; c < steps.length; c++) {
      const value = bounded(outputs[c]!, bound);
      const end = start + steps[c]!;
      for (let i = at + 1; i <= Math.min(end, origin + horizon - 1); i++) {
        target[i] = before + ((value - before) * (i - at)) / (end - at);
      }
      before = value;
      at = end;
    }
  }
}

/** At most 64 steps out of `horizon`, evenly spread, the first and the last among them. */
export function targetSteps(horizon: number, most: number): Uint32Array {
  const count = Math.min(horizon, most);
  return Uint32Array.from({ length: count }, (_, c) =>
    count === 1 ? 0 : Math.round((c * (horizon - 1)) / (count - 1)),
  );
}

function boundOf(samples: Float64Array, end: number): number {
  let largest = 1;
  for (let i = 0; i < end; i++) largest = Math.max(largest, Math.abs(samples[i]!));
  return LARGEST_GROWTH * largest;
}

const bounded = (value: number, bound: number): number => Math.max(-bound, Math.min(bound, value));
