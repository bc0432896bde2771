import type { History } from '../../core/history';
import { estimateProfile, profileReach, seasonalValue, tellsWeek, type Profile } from './profile';
import { SeasonPhases, type Season } from './season';

/** Fewer days than these do not make a better profile than that of the training. */
const LEAST_DAYS = 7;
const MAX_MEMOS = 8;

interface Memo {
  readonly startMs: number;
  readonly stepMs: number;
  readonly timeZone: string;
  readonly samples: Float64Array;
  readonly profile: Profile;
}

/**
 * One series' profile as it was when training ended, brought up to date from the samples before a forecast. It is made
 * anew once a block, from the samples before the block alone. Blocks lie at fixed places in time, so that the same
 * samples give the same profile whatever else is asked for.
 */
export class LiveProfile {
  /** Samples before a block that its profile is made from; 0: they are never enough. */
  readonly reach: number;
  readonly #memos: Memo[] = [];

  /**
   * @param trained - in deviations of the series, as all profiles here
   * @param standardise - from the series' own unit
   * @param room - samples before a block that may be looked at
   */
  constructor(
    private readonly season: Season,
    readonly trained: Profile,
    private readonly standardise: (value: number) => number,
    room: number,
  ) {
    const reach = Math.min(room, profileReach(season));
    this.reach = reach >= LEAST_DAYS * season.day ? reach : 0;
  }

  /** The first sample of the block of sample `origin`. */
  blockStart({ startMs, stepMs }: History, origin: number): number {
    const block = blockLength(this.season);
    const index = Math.round(startMs / stepMs) + origin;
    return origin - (((index % block) + block) % block);
  }

  /** @param end - where a block starts: from there on no sample is looked at */
  before(history: History, series: Float64Array, end: number): Profile {
    const start = Math.max(0, end - this.reach);
    if (end - start < LEAST_DAYS * this.season.day || this.reach === 0) return this.trained;
    const samples = series.subarray(start, end);
    const [startMs, { stepMs, timeZone }] = [history.startMs + start * history.stepMs, history];
    const known = this.#memos.find(
      (memo) =>
        memo.startMs === startMs &&
        memo.stepMs === stepMs &&
        memo.timeZone === timeZone &&
        equal(memo.samples, samples),
    );
    if (known) return known.profile;
    const phases = new SeasonPhases(this.season, history, start, samples.length);
    const profile = this.#make(samples.map(this.standardise), phases);
    if (this.#memos.unshift({ startMs, stepMs, timeZone, samples: samples.slice(), profile }) > MAX_MEMOS) {
      this.#memos.pop();
    }
    return profile;
  }

  #make(values: Float64Array, phases: SeasonPhases): Profile {
    const { week } = this.trained;
    if (week.length === 0 || tellsWeek(this.season, values.length)) {
      return estimateProfile(values, this.season, phases, values.length);
    }
    // Too few samples to learn the week anew: what the training found holds on.
    const weekOnly = { day: new Float64Array(this.season.day), week };
    const rest = values.map((value, i) => value - seasonalValue(weekOnly, phases, i));
    return { ...estimateProfile(rest, this.season, phases, rest.length), week };
  }
}

/** Samples for which one profile serves: half a day. */
export const blockLength = ({ day }: Season): number => Math.ceil(day / 2);

function equal(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
