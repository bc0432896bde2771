import type { Smoothing, Trace } from './smoothing';

/**
 * Mean squared error at these leads, each counting the same, of the forecasts from every sample but the last.
 * @param period - of the season, in samples
 */
export function meanSquaredError(
  values: Float64Array,
  { season, damping }: Smoothing,
  period: number,
  leads: readonly number[],
  trace: Trace,
): number {
  const squaresOf = season === 'additive' ? squaresAdditive : squaresMultiplicative;
  let sum = 0;
  for (const lead of leads) {
    let reach = 0;
    for (let j = 1; j <= lead; j++) reach += damping ** j;
    // The newest season of that phase which the origin knows.
    const known = 1 + ((lead - 1) % period);
    sum += squaresOf(values, lead, reach, known, trace) / (values.length - lead);
  }
  return sum / leads.length;
}

/** @param reach - how many slopes the level moves up to `lead` @param known - the season looked at, seen from the origin */
function squaresAdditive(
  values: Float64Array,
  lead: number,
  reach: number,
  known: number,
  { level, slope, season }: Trace,
): number {
  let sum = 0;
  for (let t = 0, end = values.length - lead; t < end; t++) {
    const error = values[t + lead]! - (level[t]! + reach * slope[t]! + season[t + known]!);
    sum += error * error;
  }
  return sum;
}

function squaresMultiplicative(
  values: Float64Array,
  lead: number,
  reach: number,
  known: number,
  { level, slope, season }: Trace,
): number {
  let sum = 0;
  for (let t = 0, end = values.length - lead; t < end; t++) {
    const error = values[t + lead]! - (level[t]! + reach * slope[t]!) * season[t + known]!;
    sum += error * error;
  }
  return sum;
}
