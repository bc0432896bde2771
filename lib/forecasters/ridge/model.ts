import type { Forecaster, ModelState } from '../../core/algorithm';
import { MlError } from '../../core/errors';
import type { History } from '../../core/history';
import { reachOf } from './lag-columns';
import { LagEquations, type LagModel } from './lag-model';
import { blockLength, LiveProfile } from './live-profile';
import { seasonalValue, type Profile } from './profile';
import { CalendarTerms, SeasonPhases, type Season } from './season';
import { packRidge } from './state';
import { forecastDirectly, forecastRecursively } from './step';

/** Samples that any forecaster may look at: two weeks of minutes. */
export const MAX_LOOKBACK = 20_160;

/** All that a fit finds. */
export interface RidgeParts {
  readonly season: Season;
  /** Per series, the target first: what is subtracted and divided by before all else. */
  readonly centres: Float64Array;
  readonly scales: Float64Array;
  /** Per series, in deviations; none: no profile is taken out. */
  readonly profiles: readonly Profile[];
  readonly model: LagModel;
  /** Step of each output of a direct model; empty: recursive. */
  readonly steps: Uint32Array;
}

/** A linear model of what a series does beside its daily and weekly profile. */
export class RidgeForecaster implements Forecaster {
  readonly lookback: number;
  readonly #reach: number;
  readonly #profiles: readonly LiveProfile[];
  readonly #terms: CalendarTerms;
  readonly #equations: LagEquations;

  constructor(private readonly parts: RidgeParts) {
    const { season, profiles, centres, scales, model } = parts;
    this.#reach = reachOf(model.columns);
    this.#equations = new LagEquations(model);
    const block = blockLength(season);
    this.#profiles = profiles.map((trained, s) => {
      const standardise = (value: number): number => (value - centres[s]!) / scales[s]!;
      return new LiveProfile(season, trained, standardise, MAX_LOOKBACK - block);
    });
    const profileReach = this.#profiles[0]?.reach ?? 0;
    this.lookback = Math.max(this.#reach, profileReach > 0 ? profileReach + block : 0);
    this.#terms = new CalendarTerms(model.terms > 0 ? season : { day: 0, week: 0 });
  }

  /** @throws MlError `DATA` where the history has other fields than the model was fitted with */
  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const out = new Float64Array(origins.length * horizon);
    if (origins.length === 0) return out;
    const series = this.#seriesOf(history);
    const first = origins[0]! - this.#reach;
    const phases = new SeasonPhases(this.parts.season, history, first, origins.at(-1)! + horizon - first);
    origins.forEach((origin, row) => {
      const profiles = this.#profilesAt(history, series, origin);
      const shift = origin - this.#reach - first;
      const values = this.#ahead(series, profiles, phases, shift, origin, horizon);
      for (let j = 0; j < horizon; j++) {
        const seasonal = profiles[0] ? seasonalValue(profiles[0], phases, shift + this.#reach + j) : 0;
        out[row * horizon + j] = this.parts.centres[0]! + this.parts.scales[0]! * (values[j]! + seasonal);
      }
    });
    return out;
  }

  snapshot(): ModelState {
    return packRidge(this.parts);
  }

  #seriesOf({ target, others }: History): readonly Float64Array[] {
    const wanted = this.parts.centres.length - 1;
    if (wanted > 0 && others.length !== wanted) {
      const message = `This ridge model looks at ${wanted} other fields, the history has ${others.length}.`;
      throw new MlError('DATA', message);
    }
    return wanted > 0 ? [target, ...others] : [target];
  }

  #profilesAt(history: History, series: readonly Float64Array[], origin: number): Profile[] {
    return this.#profiles.map((live, s) => live.before(history, series[s]!, live.blockStart(history, origin)));
  }

  /** The standardised target without its profile, `horizon` steps from the origin on. */
  #ahead(
    series: readonly Float64Array[],
    profiles: readonly Profile[],
    phases: SeasonPhases,
    shift: number,
    origin: number,
    horizon: number,
  ): Float64Array {
    const { centres, scales, steps } = this.parts;
    const reach = this.#reach;
    const window = series.map((values, s) => {
      const samples = new Float64Array(reach + horizon);
      const known = Math.min(reach, origin);
      for (let i = reach - known; i < reach; i++) {
        const seasonal = profiles[s] ? seasonalValue(profiles[s], phases, shift + i) : 0;
        samples[i] = (values[origin - reach + i]! - centres[s]!) / scales[s]! - seasonal;
      }
      // The oldest value stands in for those before.
      return samples.fill(samples[reach - known]!, 0, reach - known);
    });
    const row = new Float64Array(this.#terms.count);
    const termsAt = (index: number): Float64Array => {
      if (this.#terms.count > 0) this.#terms.write(row, phases, shift + index);
      return row;
    };
    if (steps.length === 0) forecastRecursively(this.#equations, window, reach, horizon, termsAt);
    else forecastDirectly(this.#equations, steps, window, reach, horizon, termsAt);
    return window[0]!.subarray(reach);
  }
}
