import { MlError } from '../core/errors';

interface Waiting {
  readonly size: number;
  readonly start: () => void;
}

/** Starts tasks in the order in which they came, and only so many at a time. */
export class TaskQueue {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #size = 0;

  /**
   * @param atOnce - tasks that may run at the same time
   * @param maxWaiting - tasks that may wait
   * @param maxSize - the sum of the sizes of those that wait
   */
  constructor(
    private readonly atOnce: number,
    private readonly maxWaiting = Infinity,
    private readonly maxSize = Infinity,
  ) {}

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @param size - what the task holds in memory while it waits, in any unit
   * @throws MlError `LIMIT` when too much is waiting, `ABORTED` when the signal came before its turn
   */
  async run<R>(task: () => Promise<R>, signal?: AbortSignal, size = 0): Promise<R> {
    await this.#turn(signal, size);
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  #turn(signal: AbortSignal | undefined, size: number): Promise<void> {
    const cancelled = (): MlError => new MlError('ABORTED', 'The training was cancelled.');
    if (signal?.aborted) return Promise.reject(cancelled());
    if (this.#running < this.atOnce) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.maxWaiting || this.#size + size > this.maxSize) {
      const message = `${this.#waiting.length} trainings are waiting already, no more can be held; send fewer at a time.`;
      return Promise.reject(new MlError('LIMIT', message));
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        this.#size -= size;
        reject(cancelled());
      };
      const start = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const entry: Waiting = { size, start };
      this.#waiting.push(entry);
      this.#size += size;
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #next(): void {
    const entry = this.#waiting.shift();
    if (entry === undefined) {
      this.#running--;
      return;
    }
    this.#size -= entry.size;
    entry.start();
  }
}
