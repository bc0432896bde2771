import { availableParallelism, totalmem } from 'node:os';
import type { EpochReport } from '../core/algorithm';
import type { Artifact } from '../core/artifact';
import { yieldToEventLoop } from '../nn/priority';
import { answerOf, type Answer, type Job, type Told } from './answer';
import type { TrainingRequest } from './request';
import { train } from './train';

/** A message to the main thread is worth so much progress, or so much time. */
const PROGRESS_STEP = 0.05;
const PROGRESS_MS = 500;

/**
 * Threads for one training. On Linux they step back behind the event loop, so that all cores may be had while they are
 * idle; elsewhere one core is left alone.
 */
const THREADS = Math.min(4, Math.max(1, availableParallelism() - (process.platform === 'linux' ? 0 : 1)));

/** Bytes that one training may take: a quarter of the machine's memory, at most what WebAssembly is allowed. */
const MAX_BYTES = Math.min(2 ** 30, totalmem() / 4);

yieldToEventLoop();

/** What runs in a worker thread: one training. It is stopped by ending the thread. */
export default function work({ work, progress }: Job<TrainingRequest>): Promise<Answer<Artifact>> {
  let told = 0;
  let toldMs = performance.now();
  const onProgress = (fraction: number, epoch?: EpochReport): void => {
    const nowMs = performance.now();
    if (fraction < told + PROGRESS_STEP && nowMs < toldMs + PROGRESS_MS) return;
    told = fraction;
    toldMs = nowMs;
    progress.postMessage({ fraction, epoch } satisfies Told);
  };
  const now = (): number => performance.now();
  return answerOf(() => train(work, { onProgress, threads: THREADS, maxBytes: MAX_BYTES, now }));
}
