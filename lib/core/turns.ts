import { MlError } from './errors';

/** What is said where a job is refused, in one sentence each. */
export interface TurnsWords {
  /** Too many jobs wait. */
  readonly full: string;
  /** The turns have ended. */
  readonly closed: string;
}

/** Does jobs one after the other, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  /** @param most - jobs that may wait or run */
  constructor(
    private readonly most: number,
    private readonly words: TurnsWords,
  ) {}

  /** True where a job that came now would be the first, and alone. */
  get isFree(): boolean {
    return this.#waiting === 0 && !this.#isClosed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws MlError `LIMIT` where too many wait, `ABORTED` after `close` */
  async take<T>(job: () => T | Promise<T>): Promise<T> {
    if (this.#waiting >= this.most) throw new MlError('LIMIT', this.words.full);
    this.#waiting++;
    const done = this.#last.then(() => {
      if (this.#isClosed) throw new MlError('ABORTED', this.words.closed);
      return job();
    });
    const goOn = (): void => {
      this.#waiting--;
    };
    this.#last = done.then(goOn, goOn);
    return done;
  }

  /** Refuses all that waits and comes; resolves when the job that runs is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }
}
