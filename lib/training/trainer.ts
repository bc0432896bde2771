import { join } from 'node:path';
import type { EpochReport } from '../core/algorithm';
import { withCard, type Artifact } from '../core/artifact';
import { MlError } from '../core/errors';
import { openPool, type Pool } from './pool';
import { TaskQueue } from './queue';
import type { TrainingRequest } from './request';

const WORKER_FILE = join(__dirname, 'worker.js');

/** Trainings of one node that may wait, and the numbers that batches among them may hold meanwhile: 400 MB. */
const MAX_WAITING = 2_000;
const MAX_WAITING_NUMBERS = 50_000_000;

export interface TrainingOptions {
  readonly signal?: AbortSignal;
  /** Called with 0 when its request is made and it begins, and last with 1. */
  readonly onProgress?: (fraction: number, epoch?: EpochReport) => void;
  /** Numbers that the request holds in memory while it waits; 0 where it is made only when its turn comes. */
  readonly waitingNumbers?: number;
}

/** @param signal - aborted when the training is cancelled meanwhile */
export type MakeRequest = (signal: AbortSignal) => TrainingRequest | Promise<TrainingRequest>;

/** Trains models in a worker, one at a time and in order: each node has one trainer, so that nodes take turns. */
export class Trainer {
  readonly #pool: Pool = openPool();
  readonly #queue = new TaskQueue(1, MAX_WAITING, MAX_WAITING_NUMBERS);
  /** Stop the trainings that wait or run. */
  readonly #stops = new Set<AbortController>();
  #closed = false;

  /** @param clock - epoch ms now, for the model's date and duration */
  constructor(private readonly clock: () => number) {}

  /** Trainings that wait for the one that runs. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * @param makeRequest - called when its turn has come; its tables are handed over to the worker
   * @throws MlError as `train`; `ABORTED` when cancelled or closed, `LIMIT` when too many wait, `WORKER` when the worker crashed
   */
  async train(makeRequest: MakeRequest, options: TrainingOptions = {}): Promise<Artifact> {
    const stop = new AbortController();
    const onAbort = (): void => {
      stop.abort();
    };
    if (this.#closed || options.signal?.aborted) stop.abort();
    options.signal?.addEventListener('abort', onAbort);
    this.#stops.add(stop);
    try {
      return await this.#queue.run(
        () => this.#train(makeRequest, stop.signal, options),
        stop.signal,
        options.waitingNumbers,
      );
    } finally {
      this.#stops.delete(stop);
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Cancels what runs and waits, and lets go of the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop.abort();
    await this.#pool.close();
  }

  async #train(make: MakeRequest, signal: AbortSignal, { onProgress }: TrainingOptions): Promise<Artifact> {
    const request = await make(signal);
    onProgress?.(0);
    const startedMs = this.clock();
    const artifact = await this.#pool.run<TrainingRequest, Artifact>(WORKER_FILE, request, {
      signal,
      ...(onProgress && { onProgress }),
      transfer: buffersOf(request),
    });
    const endedMs = this.clock();
    if (signal.aborted) throw new MlError('ABORTED', 'The training was cancelled.');
    onProgress?.(1);
    return { ...withCard(artifact, { durationMs: endedMs - startedMs }), createdMs: endedMs };
  }
}

/** Only buffers that are used whole: a view on part of one may share it with something else. */
function buffersOf({ tables }: TrainingRequest): ArrayBuffer[] {
  const arrays = tables.flatMap(({ timestampsMs, data }) => [timestampsMs, data]);
  const whole = arrays.filter(
    ({ buffer, byteLength }) => buffer instanceof ArrayBuffer && buffer.byteLength === byteLength,
  );
  return [...new Set(whole.map(({ buffer }) => buffer as ArrayBuffer))];
}
