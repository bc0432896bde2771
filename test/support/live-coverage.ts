import { Random } from '#lib/core/random';
import { calibrateIntervals, type IntervalState } from '#lib/forecasting/intervals';
import { LiveIntervals, type Issued } from '#lib/forecasting/live-intervals';

/** A series with the forecast of somebody who knows how it is made. */
export interface KnownSeries {
  readonly values: Float64Array;
  readonly period: number;
  readonly forecast: (origin: number, step: number) => number;
}

/** Sums of a phase and autoregressive noise around it. @param noise - of sample i */
export function knownSeries(
  length: number,
  noise: (random: Random, i: number) => number,
  { phi = 0, period = 1, level = 0, swing = 0 } = {},
  seed = 7,
): KnownSeries {
  const random = new Random(seed);
  const season = (i: number): number => level + swing * Math.sin((2 * Math.PI * i) / period);
  const rest = new Float64Array(length);
  for (let i = 0; i < length; i++) rest[i] = phi * (rest[i - 1] ?? 0) + noise(random, i);
  return {
    values: rest.map((value, i) => value + season(i)),
    period,
    forecast: (origin, step) => season(origin + step) + phi ** (step + 1) * (rest[origin - 1] ?? 0),
  };
}

/** A value of Student's t with 3 degrees of freedom. */
export function heavyTailed(random: Random): number {
  return random.normal() / Math.sqrt((random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2) / 3);
}

/** Intervals calibrated on the forecasts from `from` (inclusive) to `to` (exclusive). */
export function calibrated(
  { values, period, forecast }: KnownSeries,
  from: number,
  to: number,
  horizon: number,
  positive = false,
): IntervalState {
  const origins = Array.from({ length: to - from }, (_, i) => from + i);
  const each = (value: (origin: number, step: number) => number): Float64Array =>
    Float64Array.from({ length: origins.length * horizon }, (_, i) =>
      value(origins[Math.floor(i / horizon)]!, i % horizon),
    );
  const forecasts = each(forecast);
  const actuals = each((origin, step) => values[origin + step]!);
  return calibrateIntervals({ forecasts, actuals, origins, horizon, period, positive, naiveError: 1 });
}

/**
 * Share of values within the intervals of each level, over all forecasts made from `from` on for samples up to `to`
 * (exclusive), with every value made known as it comes.
 * @param count - the first sample that is counted
 */
export function liveCoverage(
  { values, forecast }: KnownSeries,
  state: IntervalState,
  { from, to, levels, count = from }: { from: number; to: number; levels: readonly number[]; count?: number },
): number[] {
  const horizon = state.stepScales.length;
  const live = new LiveIntervals(state, levels[0]!);
  const pending: { origin: number; issued: Issued; bounds: { lower: Float64Array; upper: Float64Array }[] }[] = [];
  const within = levels.map(() => 0);
  let points = 0;
  for (let i = from; i < to; i++) {
    const made = Float64Array.from({ length: horizon }, (_, step) => forecast(i, step));
    pending.push({ origin: i, issued: live.issue(), bounds: levels.map((level) => live.bounds(made, level)) });
    if (pending[0]!.origin + horizon <= i) pending.shift();
    for (const { origin, bounds } of i < count ? [] : pending) {
      points++;
      bounds.forEach(({ lower, upper }, l) => {
        if (values[i]! >= lower[i - origin]! && values[i]! <= upper[i - origin]!) within[l]!++;
      });
    }
    live.verify(
      values[i]!,
      pending.map(({ origin, issued }) => ({ step: i - origin, value: forecast(origin, i - origin), issued })),
    );
  }
  return within.map((inside) => inside / points);
}
