import { LagInputs, type LagModel } from './lag-model';

/** The calendar terms at an index of the window. */
export type TermsAt = (index: number) => Float64Array;

/**
 * Forecasts one step after the other: each becomes an input of the next. The series beside the target are forecast in the
 * same way, by the same model.
 * @param window - series with room for `horizon` samples from `origin` on, which are filled with the forecasts
 */
export function forecastRecursively(
  model: LagModel,
  window: readonly Float64Array[],
  origin: number,
  horizon: number,
  termsAt: TermsAt,
): void {
  const inputs = new LagInputs(model);
  for (let j = 0; j < horizon; j++) {
    inputs.read(window, origin + j, termsAt(origin + j));
    for (let c = 0; c < model.outputs; c++) window[c]![origin + j] = inputs.output(c);
  }
}

/**
 * Forecasts all steps that the model was fitted for at once; those between are interpolated. Beyond them it goes on from
 * its own forecasts, and from the last values of the other series.
 * @param steps - step of each output, from 0 on, rising
 * @param window - as for `forecastRecursively`
 */
export function forecastDirectly(
  model: LagModel,
  steps: Uint32Array,
  window: readonly Float64Array[],
  origin: number,
  horizon: number,
  termsAt: TermsAt,
): void {
  const inputs = new LagInputs(model);
  const target = window[0]!;
  for (const other of window.slice(1)) other.fill(other[origin - 1]!, origin);
  const stride = steps.at(-1)! + 1;
  for (let start = origin; start < origin + horizon; start += stride) {
    inputs.read(window, start, termsAt(start));
    let [before, at] = [inputs.output(0), start];
    target[start] = before;
    for (let c = 1; c < steps.length; c++) {
      const [value, end] = [inputs.output(c), start + steps[c]!];
      for (let i = at + 1; i <= Math.min(end, origin + horizon - 1); i++) {
        target[i] = before + ((value - before) * (i - at)) / (end - at);
      }
      [before, at] = [value, end];
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
