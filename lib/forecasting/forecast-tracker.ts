import type { JsonObject } from '../core/json';
import { AccuracyWindow } from './accuracy';
import { combine } from './combine';
import { CourseWatch } from './course-watch';
import type { ForecastModel } from './forecast-model';
import type { Accuracy } from './forecast';
import { LiveIntervals } from './live-intervals';
import { LiveWeights } from './live-weights';
import { PendingForecasts, type Due } from './pending-forecasts';

/** What is to be known of a model to follow its forecasts. */
export type TrackedModel = Pick<ForecastModel, 'intervals' | 'horizon' | 'periods' | 'naiveError'> & {
  readonly members: readonly Pick<ForecastModel['members'][number], 'error'>[];
};

/**
 * Follows the forecasts of one series: holds them against the values that come, and lets the members' weights and the
 * intervals learn from it. It knows samples by their absolute index, `time / stepMs`, and makes no forecasts itself; for
 * each sample, in this order:
 *
 * ```ts
 * tracker.arrive(index, value);
 * const values = tracker.combine(members, course); // each member's forecast from index + 1 on, and `courseOf`
 * const { lower, upper } = tracker.intervals.bounds(values, 0.9);
 * tracker.remember(index + 1, members, values, course);
 * ```
 */
export class ForecastTracker {
  readonly intervals: LiveIntervals;
  readonly #model: TrackedModel;
  readonly #levelAt: number;
  readonly #weights: LiveWeights;
  readonly #watch: CourseWatch;
  #pending: PendingForecasts;
  #accuracy: AccuracyWindow;
  #newest = -Infinity;

  /**
   * @param level - whose coverage is told
   * @param saved - what `snapshot` gave, of the same model and level; what is damaged in it begins anew
   */
  constructor(model: TrackedModel, level: number, saved: JsonObject = {}) {
    const part = (name: string): JsonObject => (saved[name] ?? {}) as JsonObject;
    const period = model.periods[0] ?? 1;
    this.#model = model;
    this.intervals = new LiveIntervals(model.intervals, level, part('intervals'));
    this.#levelAt = this.intervals.levels.indexOf(level);
    const errors = model.members.map(({ error }) => error);
    this.#weights = new LiveWeights(errors, period, part('weights'));
    this.#watch = new CourseWatch(model.intervals, model.horizon, part('course'));
    this.intervals.unrest = this.#watch.unrest;
    // The model's own forecast and the course are kept beside the members'.
    const counts = { members: errors.length + 2, levels: this.intervals.levels.length };
    this.#pending = new PendingForecasts(model.horizon, { pending: saved.pending ?? null, ...counts });
    this.#accuracy = new AccuracyWindow(this.#pending.cadence, part('accuracy'));
    if (Number.isSafeInteger(saved.newest)) this.#newest = Number(saved.newest);
  }

  /** Share of each member, sum 1. */
  get weights(): readonly number[] {
    return this.#weights.weights;
  }

  /**
   * The true value of a sample: forecasts for it are scored. Those for samples that were left out are forgotten; a sample
   * before the newest means that the clock was put back, and forgets all that was to come.
   */
  arrive(index: number, value: number): void {
    if (index === this.#newest) return;
    if (index < this.#newest) {
      this.#pending = new PendingForecasts(this.#model.horizon);
      this.#accuracy = new AccuracyWindow(this.#pending.cadence);
    }
    this.#newest = index;
    const due = this.#pending.take(index);
    if (due.length === 0) return;
    const within = due.filter((each) => this.#holds(each, value)).length;
    const absoluteErrors = due.map((each) => Math.abs(each.value - value));
    this.#accuracy.add(index, absoluteErrors, within);
    this.#weights.verify(
      this.#model.members.map(
        (_, m) => due.reduce((sum, { members }) => sum + Math.abs(members[m]! - value), 0) / due.length,
      ),
    );
    this.intervals.verify(value, due);
    const count = this.#model.members.length;
    this.#watch.verify(
      value,
      due.map(({ step, members }) => ({ step, usual: members[count]!, course: members[count + 1]! })),
    );
    this.intervals.unrest = this.#watch.unrest;
  }

  /** True while the series has left what the model knows, and its own course is followed. */
  get followsCourse(): boolean {
    return this.#watch.isFollowing;
  }

  /**
   * The members' forecasts as one, or the course while that tells better where the series goes.
   * @param members - one array each, all equally long; @param course - as long, see `courseOf`; absent: never followed
   */
  combine(members: readonly Float64Array[], course?: Float64Array): Float64Array {
    return course && this.followsCourse ? course.slice() : combine(members, this.weights);
  }

  /** Samples between one forecast that is remembered and the next. */
  get cadence(): number {
    return this.#pending.cadence;
  }

  /** Whether it is time to `remember` a forecast: 24 times a horizon is enough. @param origin - index of its first sample */
  wants(origin: number): boolean {
    return this.#pending.wants(origin);
  }

  /**
   * Keeps a forecast until its values come, where it is time for one.
   * @param members - one array each, of at least one horizon; @param course - as long, as for `combine`
   * @param values - the same as one, where that has been worked out already
   */
  remember(
    origin: number,
    members: readonly Float64Array[],
    values = this.combine(members),
    course?: Float64Array,
  ): void {
    if (!this.wants(origin)) return;
    const usual = course && this.followsCourse ? combine(members, this.weights) : values;
    this.#pending.add(origin, values, [...members, usual, course ?? usual], this.intervals.issue());
  }

  /** Null until forecasts could be checked. */
  accuracy(stepMs: number): Accuracy | null {
    return this.#accuracy.accuracy(this.#model.naiveError, stepMs);
  }

  /** Plain JSON: from it, the same bits come as without the interruption. */
  snapshot(): JsonObject {
    return {
      newest: Number.isFinite(this.#newest) ? this.#newest : null,
      intervals: this.intervals.snapshot(),
      weights: this.#weights.snapshot(),
      course: this.#watch.snapshot(),
      accuracy: this.#accuracy.snapshot(),
      pending: this.#pending.snapshot(),
    };
  }

  #holds({ value, step, issued }: Due, actual: number): boolean {
    const [lower, upper] = this.intervals.boundsAt(value, step, issued.widths[this.#levelAt]!);
    return actual >= lower && actual <= upper;
  }
}
