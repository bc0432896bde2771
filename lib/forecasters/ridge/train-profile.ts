import type { History } from '../../core/history';
import { estimateProfile, profileReach, seasonalValue, type Profile } from './profile';
import { SeasonPhases, type Season } from './season';

/** A history not much longer than a profile reaches has one profile, not one a week. */
export const ONE_PROFILE_UP_TO = 1.25;

/** A series without its profile, and the profile that holds at its end. */
export interface Deseasonalised {
  readonly rest: Float64Array;
  readonly last: Profile;
}

/** Takes the profile out of a training series: that of the whole, or of the samples around each week. */
export function deseasonalise(values: Float64Array, season: Season, clock: History): Deseasonalised {
  const n = values.length;
  const reach = profileReach(season);
  if (n <= reach * ONE_PROFILE_UP_TO) {
    const phases = new SeasonPhases(season, clock, 0, n);
    const last = estimateProfile(values, season, phases, n);
    return { rest: values.map((value, i) => value - seasonalValue(last, phases, i)), last };
  }
  const rest = values.slice();
  const week = 7 * season.day;
  for (let start = 0; start < n; start += week) {
    const end = Math.min(n, start + week);
    const middle = (start + end) / 2;
    const from = Math.floor(Math.max(0, middle - reach));
    const to = Math.floor(Math.min(n, middle + reach));
    const phases = new SeasonPhases(season, clock, from, to - from);
    const profile = estimateProfile(values.subarray(from, to), season, phases, middle - from);
    for (let i = start; i < end; i++) rest[i]! -= seasonalValue(profile, phases, i - from);
  }
  const from = n - reach;
  const phases = new SeasonPhases(season, clock, from, reach);
  return { rest, last: estimateProfile(values.subarray(from), season, phases, reach) };
}
