import { availableParallelism } from 'node:os';
import { MessageChannel, receiveMessageOnPort, type TransferListItem } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { EpochReport } from '../core/algorithm';
import { messageOf, MlError } from '../core/errors';
import { processWide } from '../core/process-wide';
import { resultOf, type Answer, type Job, type Told } from './answer';
import { TaskQueue } from './queue';

/** A thread without work ends after this time. */
const IDLE_MS = 5_000;
/** Of the JavaScript heap only; the rows of a training are typed arrays and do not count. */
const HEAP_MB = 512;

export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number, epoch?: EpochReport) => void;
  /** Buffers of `work` that are handed over instead of copied: empty here from then on. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** A user's hold on the process-wide threads. */
export interface Pool {
  /**
   * Runs one job in a worker thread; further jobs than there are threads wait their turn.
   * @param file - absolute path of a module that exports `(job: Job<T>) => Promise<Answer<R>>`
   * @throws MlError as thrown in the worker; `ABORTED` when the signal stopped it, even in a busy loop; `WORKER` when it crashed
   */
  run<T, R>(file: string, work: T, options?: JobOptions): Promise<R>;
  /** Lets go of the threads: this user's waiting jobs end with `ABORTED`; the last user's going ends the threads. */
  close(): Promise<void>;
}

/** One core is left to the event loop. */
const MAX_THREADS = Math.max(1, availableParallelism() - 1);

interface Shared {
  piscina: Piscina | undefined;
  users: number;
  /** Jobs wait here and not in piscina, which starts no new thread for those that wait when one has crashed or been cancelled. */
  readonly queue: TaskQueue;
}

function startThreads(): Piscina {
  const piscina = new Piscina({
    minThreads: 0,
    maxThreads: MAX_THREADS,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    recordTiming: false,
  });
  // A crash reaches its own job as a rejection. What comes here is a thread that crashed without a job, which must not
  // end the process, or one that could not even start: then the job that it was for would wait for ever.
  piscina.on('error', () => {
    if (piscina.queueSize > 0) piscina.destroy().catch(() => undefined);
  });
  return piscina;
}

/** @throws nothing; the threads start with the first job */
export function openPool(): Pool {
  const shared = processWide<Shared>('training-pool/1', () => ({
    piscina: undefined,
    users: 0,
    queue: new TaskQueue(MAX_THREADS),
  }));
  shared.users++;
  let open = true;
  return {
    run<T, R>(file: string, work: T, options: JobOptions = {}): Promise<R> {
      const task = async (): Promise<R> => {
        if (!open) throw new MlError('ABORTED', 'The training was cancelled.');
        shared.piscina ??= startThreads();
        return runJob<T, R>(shared.piscina, file, work, options);
      };
      return shared.queue.run(task, options.signal);
    },
    async close() {
      if (!open) return;
      open = false;
      shared.users--;
      if (shared.users > 0) return;
      const piscina = shared.piscina;
      shared.piscina = undefined;
      await piscina?.destroy();
    },
  };
}

async function runJob<T, R>(piscina: Piscina, file: string, work: T, options: JobOptions): Promise<R> {
  const { port1, port2 } = new MessageChannel();
  const hear = ({ fraction, epoch }: Told): void => options.onProgress?.(fraction, epoch);
  port1.on('message', hear);
  try {
    const job: Job<T> = { work, progress: port2 };
    const transferList: TransferListItem[] = [port2, ...(options.transfer ?? [])];
    const answer = (await piscina.run(job, {
      filename: file,
      transferList: transferList as never,
      signal: options.signal ?? null,
    })) as Answer<R>;
    // What the worker told before it answered may still lie in the port.
    for (let told; (told = receiveMessageOnPort(port1)) !== undefined;) hear(told.message as Told);
    return resultOf(answer);
  } catch (error) {
    throw crashOf(error, options.signal);
  } finally {
    port1.close();
  }
}

function crashOf(error: unknown, signal: AbortSignal | undefined): MlError {
  if (error instanceof MlError) return error;
  if (signal?.aborted) return new MlError('ABORTED', 'The training was cancelled.');
  const cause = { cause: error };
  if ((error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new MlError(
      'WORKER',
      `The training needed more memory than the ${HEAP_MB} MB that its worker may use; train on fewer rows or fields.`,
      cause,
    );
  }
  return new MlError('WORKER', `The training worker stopped unexpectedly: ${messageOf(error)}. Train again.`, cause);
}
