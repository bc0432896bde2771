import type { SeriesPlan } from '../core/artifact';
import type { History } from '../core/history';
import type { JsonObject } from '../core/json';
import type { Reading } from '../core/readings';
import { GridStream, type WindowRestart } from '../readings/grid-stream';
import { seriesLayout } from '../readings/series-layout';
import type { Limit } from './breach-state';
import { courseOf } from './course';
import type { ForecastModel } from './forecast-model';
import type { Accuracy, Forecast } from './forecast';
import { ForecastTracker } from './forecast-tracker';
import { forecastMembers } from './members';
import { nextHour } from './next-hour';

export interface PredictorSettings {
  /** Probability with which an interval holds the true value. */
  readonly level: number;
  /**
   * Says which version of which model it is. A snapshot of another one gives its samples and, where the horizon is the
   * same, whether the series was on a course of its own: that is true of the series, whatever forecasts it.
   */
  readonly version: string;
}

/** A forecast by one model for one device: what `Forecast` has, without names and trend. */
export interface LiveForecast extends Pick<Forecast, 'stepMs' | 'level' | 'points' | 'nextHour' | 'accuracy'> {
  /** Time of the newest value that it knows, epoch ms. */
  readonly newestMs: number;
}

/** Samples that are kept although no member looks at them: for trend and change points. */
const LEAST_CAPACITY = 1_000;

/**
 * One forecaster's version × one device, live: takes readings, forecasts whenever asked, holds its own forecasts against
 * what comes, and learns from it whom of its members to trust and how wide intervals must be. It forecasts at once, from
 * the samples that the model brings along. For checking it makes forecasts 24 times a horizon even when nobody asks.
 *
 * Values that are filled in where readings were missing check nothing. A gap too long to fill begins the window anew;
 * what was learned of errors stays. Cost, beside the members' own forecasts: about 0.1 ms a sample.
 */
export class Predictor {
  readonly #model: ForecastModel;
  readonly #settings: PredictorSettings;
  readonly #stream: GridStream;
  /** Samples that its members look back. */
  readonly #lookback: number;
  /** The fields that it is made from. */
  readonly inputs: readonly string[];
  readonly #tracker: ForecastTracker;
  #made: Made | null = null;

  /** @param saved - what `snapshot` gave; what is damaged in it begins anew */
  constructor(model: ForecastModel, plan: SeriesPlan, settings: PredictorSettings, saved: JsonObject = {}) {
    this.#model = model;
    this.#settings = settings;
    this.#lookback = Math.max(1, ...model.members.map((member) => member.model.lookback));
    this.inputs = seriesLayout(plan).inputs;
    const capacity = Math.max(LEAST_CAPACITY, this.#lookback, model.history.target.length);
    this.#stream = GridStream.restore(plan, capacity, (saved.stream ?? {}) as JsonObject);
    const isSame = saved.version === settings.version && saved.level === settings.level;
    const tracker = (saved.tracker ?? {}) as JsonObject;
    const ofAnother = this.#sees(saved) ? { course: tracker.course ?? null } : {};
    this.#tracker = new ForecastTracker(model, settings.level, isSame ? tracker : ofAnother);
    if (this.#newestMs < endMs(model.history)) this.#stream.seed(model.history);
    this.#remember();
  }

  /** Time of the newest complete sample, epoch ms; null before the first. */
  get newestMs(): number | null {
    return this.#stream.length === 0 ? null : this.#newestMs;
  }

  /** Time of the newest reading that it knows, whether its sample is complete or not, epoch ms; −Infinity before the first. */
  get newestReadingMs(): number {
    return this.#stream.newestMs;
  }

  /** True where its members would look back further than its samples reach. */
  get isShort(): boolean {
    return this.#stream.length < this.#lookback;
  }

  /** How far back it has a use for samples. */
  get reachMs(): number {
    return Math.max(LEAST_CAPACITY, this.#lookback) * this.#model.history.stepMs;
  }

  /** The newest samples; they hold until the next `push`. */
  get history(): History {
    return this.#stream.history();
  }

  /** When and why the window last began anew; null: never. */
  get restart(): WindowRestart | null {
    return this.#stream.restart;
  }

  /** Null until forecasts could be checked. */
  get accuracy(): Accuracy | null {
    return this.#tracker.accuracy(this.#model.history.stepMs);
  }

  /**
   * Takes a reading in.
   * @returns the samples that it completed, filled ones included
   */
  push(reading: Reading): number {
    const completed = this.#stream.push(reading);
    if (completed === 0) return 0;
    // Of several at once, all but the newest were filled in.
    this.#tracker.arrive(this.#next - 1, this.history.target.at(-1)!);
    this.#remember();
    return completed;
  }

  /**
   * The next `steps` samples; null before the first sample. Beyond the model's horizon it goes on, with less to go by.
   * @param steps - at least 1
   */
  forecast(steps: number): LiveForecast | null {
    if (this.#stream.length === 0) return null;
    const { level } = this.#settings;
    const { stepMs, target } = this.history;
    const newestMs = this.#newestMs;
    const values = this.#make(steps).values.subarray(0, steps);
    const { intervals } = this.#tracker;
    const { lower, upper } = intervals.bounds(values, level);
    const points = Array.from(values, (value, step) => ({
      timestamp: new Date(newestMs + (step + 1) * stepMs).toISOString(),
      value,
      lower: lower[step]!,
      upper: upper[step]!,
    }));
    const hour = nextHour(values, stepMs, target.at(-1)!, (step, limit) =>
      intervals.probabilityBeyond(values[step]!, step, limit.value, limit.direction),
    );
    return { newestMs, stepMs, level, points, nextHour: hour, accuracy: this.accuracy };
  }

  /**
   * Probability that each of the next `steps` samples lies beyond a limit; none before the first sample.
   * @param steps - at least 1
   */
  probabilitiesBeyond(steps: number, { value: limit, direction }: Limit): Float64Array {
    if (this.#stream.length === 0) return new Float64Array(0);
    const values = this.#make(steps).values.subarray(0, steps);
    const { intervals } = this.#tracker;
    return values.map((value, step) => intervals.probabilityBeyond(value, step, limit, direction));
  }

  /** Plain JSON: a predictor made from it goes on with the same bits. */
  snapshot(): JsonObject {
    const { version, level } = this.#settings;
    const { horizon, history } = this.#model;
    const window = { stepMs: history.stepMs, stream: this.#stream.snapshot() };
    return { version, level, horizon, ...window, tracker: this.#tracker.snapshot() };
  }

  /** True where a snapshot was taken of the same window, for a horizon of the same length. */
  #sees({ horizon, stepMs }: JsonObject): boolean {
    return this.#stream.length > 0 && horizon === this.#model.horizon && stepMs === this.#model.history.stepMs;
  }

  /** −Infinity before the first sample. */
  get #newestMs(): number {
    return this.#stream.length === 0 ? -Infinity : endMs(this.#stream.history());
  }

  /** Absolute index of the sample that comes next. */
  get #next(): number {
    const { startMs, stepMs, target } = this.history;
    return startMs / stepMs + target.length;
  }

  /** Keeps a forecast to be checked, where it is time for one. */
  #remember(): void {
    if (this.#stream.length === 0 || !this.#tracker.wants(this.#next)) return;
    const { members, course, values } = this.#make(this.#model.horizon);
    this.#tracker.remember(this.#next, members, values, course);
  }

  /** The forecast from the newest sample on: of one horizon, or as much as is asked for where that is more. */
  #make(steps: number): Made {
    const length = Math.max(steps, this.#model.horizon);
    const { history } = this;
    // A late reading may have changed the newest sample.
    const from = [this.#next, history.target.at(-1)!, ...history.others.map((other) => other.at(-1)!)];
    const made = this.#made;
    if (made?.values.length === length && made.from.every((part, i) => part === from[i])) return made;
    const members = forecastMembers(this.#model.members, history, [history.target.length], length);
    const course = courseOf(history, this.#model.periods[0] ?? 0, this.#tracker.cadence, length);
    return (this.#made = { from, members, course, values: this.#tracker.combine(members, course) });
  }
}

interface Made {
  /** Index of the first sample, and the newest values before it. */
  readonly from: readonly number[];
  readonly members: readonly Float64Array[];
  readonly course: Float64Array;
  readonly values: Float64Array;
}

/** Time of a history's last sample. */
function endMs({ startMs, stepMs, target }: History): number {
  return startMs + (target.length - 1) * stepMs;
}
