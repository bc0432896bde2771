import type { Forecaster, ModelState } from '../../core/algorithm';
import { MlError } from '../../core/errors';
import type { History } from '../../core/history';
import { reachOf } from './lag-columns';
import { LagEquations, type LagModel } from './lag-model';
import { LevelShifts, type LevelShift } from './level-shift';
import { blockLength, LiveProfile } from './live-profile';
import { seasonalValue, type Profile } from './profile';
import { CalendarTerms, SeasonPhases, type Season } from './season';
import { packRidge } from './state';
import { forecastDirectly, forecastRecursively, type TermsAt } from './step';
import { Stretch } from './stretch';

/** Samples that any forecaster may look at: two weeks of minutes. */
export const MAX_LOOKBACK = 20_160;
/** A shift of the level is looked for in a day, but at least and at most in so many samples. */
const MIN_WATCH = 96;
const MAX_WATCH = 1440;

/** All that a fit finds. */
export interface RidgeParts {
  readonly season: Season;
  /** Per series, the target first: what is subtracted and divided by before all else. */
  readonly centres: Float64Array;
  readonly scales: Float64Array;
  /** Per series, in deviations; none: no profile is taken out. */
  readonly profiles: readonly Profile[];
  /** Low and high of the target's usual level beside its profile, in deviations. */
  readonly levels: Float64Array;
  readonly model: LagModel;
  /** Step of each output of a direct model; empty: recursive. */
  readonly steps: Uint32Array;
}

/** A linear model of what a series does beside its daily and weekly profile. */
export class RidgeForecaster implements Forecaster {
  readonly lookback: number;
  readonly #reach: number;
  /** Samples in which a shift of the level is looked for; 0: a direct model starts from the last value anyway. */
  readonly #watch: number;
  readonly #profiles: readonly LiveProfile[];
  readonly #terms: CalendarTerms;
  readonly #equations: LagEquations;
  readonly #shifts: LevelShifts;

  constructor(private readonly parts: RidgeParts) {
    const { season, profiles, centres, scales, model, steps, levels } = parts;
    this.#reach = reachOf(model.columns);
    const watch = Math.max(MIN_WATCH, Math.min(season.day, MAX_WATCH));
    this.#watch = steps.length > 0 ? 0 : Math.min(watch, MAX_LOOKBACK - this.#reach);
    this.#equations = new LagEquations(model);
    this.#shifts = new LevelShifts(model, levels);
    const block = blockLength(season);
    this.#profiles = profiles.map((trained, s) => {
      const standardise = (value: number): number => (value - centres[s]!) / scales[s]!;
      return new LiveProfile(season, trained, standardise, MAX_LOOKBACK - block);
    });
    const profileReach = this.#profiles[0]?.reach ?? 0;
    this.lookback = Math.max(this.#reach + this.#watch, profileReach > 0 ? profileReach + block : 0);
    this.#terms = new CalendarTerms(model.terms > 0 ? season : { day: 0, week: 0 });
  }

  /** @throws MlError `DATA` where the history has other fields than the model was fitted with */
  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const out = new Float64Array(origins.length * horizon);
    const blockOf = (origin: number): number => this.#profiles[0]?.blockStart(history, origin) ?? 0;
    for (let row = 0, end = 0; row < origins.length; row = end) {
      const block = blockOf(origins[row]!);
      while (end < origins.length && blockOf(origins[end]!) === block) end++;
      const part = out.subarray(row * horizon, end * horizon);
      this.#forecastBlock(history, block, origins.slice(row, end), horizon, part);
    }
    return out;
  }

  snapshot(): ModelState {
    return packRidge(this.parts);
  }

  /** Forecasts from origins for which the same profiles hold: those made from what came before `block`. */
  #forecastBlock(
    history: History,
    block: number,
    origins: readonly number[],
    horizon: number,
    out: Float64Array,
  ): void {
    const series = this.#seriesOf(history);
    const profiles = this.#profiles.map((live, s) => live.before(history, series[s]!, block));
    const first = Math.max(0, origins[0]! - this.#reach - this.#watch);
    const last = origins.at(-1)!;
    const phases = new SeasonPhases(this.parts.season, history, first, last + horizon - first);
    const termsAt = this.#termsFrom(phases);
    const seasonless = series.map((values, s) =>
      this.#seasonless(values.subarray(first, last), s, profiles[s], phases),
    );
    const stretch = new Stretch(first, seasonless, this.#equations, termsAt);
    const window = series.map(() => new Float64Array(this.#reach + horizon));
    const [centre, scale] = [this.parts.centres[0]!, this.parts.scales[0]!];
    const target = window[0]!;
    origins.forEach((origin, row) => {
      stretch.copyTo(window, origin, this.#reach);
      const size = this.#forecast(stretch, window, origin, termsAt);
      for (let j = 0; j < horizon; j++) {
        const seasonal = profiles[0] ? seasonalValue(profiles[0], phases, origin - first + j) : 0;
        out[row * horizon + j] = centre + scale * (target[this.#reach + j]! + size + seasonal);
      }
    });
  }

  #seriesOf({ target, others }: History): readonly Float64Array[] {
    const wanted = this.parts.centres.length - 1;
    if (wanted > 0 && others.length !== wanted) {
      const message = `This ridge model looks at ${wanted} other fields, the history has ${others.length}.`;
      throw new MlError('DATA', message);
    }
    return wanted > 0 ? [target, ...others] : [target];
  }

  #termsFrom(phases: SeasonPhases): TermsAt {
    const row = new Float64Array(this.#terms.count);
    return (index) => {
      if (row.length > 0) this.#terms.write(row, phases, index - phases.first);
      return row;
    };
  }

  #seasonless(values: Float64Array, s: number, profile: Profile | undefined, phases: SeasonPhases): Float64Array {
    const [centre, scale] = [this.parts.centres[s]!, this.parts.scales[s]!];
    const out = new Float64Array(values.length);
    for (let i = 0; i < out.length; i++) {
      out[i] = (values[i]! - centre) / scale - (profile ? seasonalValue(profile, phases, i) : 0);
    }
    return out;
  }

  /**
   * Fills the window with forecasts from `#reach` on.
   * @returns the size of a shift of the level that was taken out, to be added to the target's
   */
  #forecast(stretch: Stretch, window: readonly Float64Array[], origin: number, termsAt: TermsAt): number {
    const reach = this.#reach;
    const horizon = window[0]!.length - reach;
    const termsFrom: TermsAt = (index) => termsAt(origin - reach + index);
    if (this.#watch === 0) {
      forecastDirectly(this.#equations, this.parts.steps, window, reach, horizon, termsFrom);
      return 0;
    }
    const shift = this.#shiftAt(stretch, origin);
    if (shift) for (let i = Math.max(0, reach - shift.age); i < reach; i++) window[0]![i]! -= shift.size;
    forecastRecursively(this.#equations, window, reach, horizon, termsFrom);
    return shift?.size ?? 0;
  }

  #shiftAt(stretch: Stretch, origin: number): LevelShift | undefined {
    const samples = stretch.watched(origin, this.#watch, this.#reach);
    if (!this.#shifts.mayFind(samples)) return undefined;
    return this.#shifts.find(stretch.residuals(origin, this.#watch, this.#reach), samples);
  }
}
