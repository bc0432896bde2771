import type { JsonObject } from '../core/json';
import { packNumbers, unpackNumbers } from '../core/packed';
import { mean } from '../core/statistics';
import { errorOf, scaleAt, type IntervalState } from './intervals';

/** A forecast of one sample that has come, made both ways. */
export interface BothWays {
  /** How many steps ahead it was made, 0 the first. */
  readonly step: number;
  /** By the model, and by the series' own newest course (`courseOf`). */
  readonly usual: number;
  readonly course: number;
}

/** Shares of the horizon: how well forecasts up to there do is watched each by itself. */
const REACHES = [1 / 12, 1 / 3, 1];
/** Fewer samples say too little. */
const LEAST_SAMPLES = 6;
const LEAST_WEIGHT = 3;
/** Errors so many times as large as usual mean that the series has left what it usually does … */
const LEFT = 3;
/** … until they are below so many times. */
const BACK = 1.5;
/** The course is followed where it has been at most so far off, in units of the model … */
const BETTER = 0.5;
/** … and no longer when it is further off than this. */
const NO_BETTER = 0.8;

/** Errors below this share of the usual are as good as it gets. */
const SMALLEST = 0.1;

/** One reach: discounted sums of the errors' logarithms, both ways, in units of the usual error, and what they weigh. */
interface Recent {
  readonly discount: number;
  usual: number;
  course: number;
  weight: number;
  isFollowing: boolean;
}

/**
 * Notices when a series leaves what its model knows, and its own newest course tells better where it goes: after a
 * change of level, or on a ramp that training has never seen. Errors are measured in units of what is usual at their
 * step, as geometric means that fade with the time of the reach that they belong to: large ones are soon forgotten.
 */
export class CourseWatch {
  readonly #state: IntervalState;
  /** Steps below which a forecast belongs to a reach. */
  readonly #limits: readonly number[];
  readonly #recent: readonly Recent[];
  readonly #usualScore: number;

  /** @param saved - what `snapshot` gave, of the same model */
  constructor(state: IntervalState, horizon: number, saved: JsonObject = {}) {
    this.#state = state;
    this.#usualScore = mean(state.scores);
    this.#limits = REACHES.map((share) => Math.max(LEAST_SAMPLES, Math.ceil(horizon * share)));
    const numbers = unpackNumbers(saved.recent);
    const isWhole = numbers?.length === 4 * REACHES.length && numbers.every(Number.isFinite);
    this.#recent = this.#limits.map((limit, i) => {
      const [usual, course, weight, following] = isWhole ? numbers.subarray(4 * i, 4 * i + 4) : [0, 0, 0, 0];
      return {
        discount: 0.5 ** (1 / limit),
        usual: usual!,
        course: course!,
        weight: weight!,
        isFollowing: following === 1,
      };
    });
  }

  /** True while the course tells better than the model where the series goes. */
  get isFollowing(): boolean {
    return this.#recent.some(({ isFollowing }) => isFollowing);
  }

  /** How large the errors of what is being said are of late, in units of what is usual: above 1 only after a departure. */
  get unrest(): number {
    // Where nothing was ever wrong, there is nothing to compare with.
    if (this.#usualScore === 0) return 1;
    const { isFollowing } = this;
    return this.#recent.reduce((most, { usual, course, weight, isFollowing: follows }, i) => {
      if (weight < LEAST_WEIGHT || usual / weight < Math.log(LEFT)) return most;
      // The longest reach remembers for too long to tell when all is well again.
      if (i === REACHES.length - 1 && !follows) return most;
      return Math.max(most, Math.exp((isFollowing ? course : usual) / weight));
    }, 1);
  }

  /** Learns from the newest sample. @param forecasts - all that were made for it */
  verify(actual: number, forecasts: readonly BothWays[]): void {
    if (this.#usualScore === 0) return;
    const scores = forecasts.map(({ step, usual, course }) => {
      const unit = scaleAt(this.#state, step) * this.#usualScore;
      const score = (value: number): number => {
        return Math.log(Math.max(SMALLEST, errorOf(this.#state.scale, value, actual) / unit));
      };
      return { step, usual: score(usual), course: score(course) };
    });
    this.#recent.forEach((recent, i) => {
      const own = scores.filter(({ step }) => step < this.#limits[i]!);
      const keep = recent.discount;
      recent.usual *= keep;
      recent.course *= keep;
      recent.weight *= keep;
      if (own.length === 0) return;
      recent.usual += mean(own.map(({ usual }) => usual));
      recent.course += mean(own.map(({ course }) => course));
      recent.weight += 1;
      recent.isFollowing = this.#follows(recent);
    });
  }

  #follows({ usual, course, weight, isFollowing }: Recent): boolean {
    if (weight < LEAST_WEIGHT) return false;
    const [left, better] = isFollowing ? [BACK, NO_BETTER] : [LEFT, BETTER];
    return usual / weight > Math.log(left) && (course - usual) / weight < Math.log(better);
  }

  /** Plain JSON: from it, the same bits come as without the interruption. */
  snapshot(): JsonObject {
    const numbers = this.#recent.flatMap(({ usual, course, weight, isFollowing }) => [
      usual,
      course,
      weight,
      isFollowing ? 1 : 0,
    ]);
    return { recent: packNumbers(Float64Array.from(numbers)) };
  }
}
