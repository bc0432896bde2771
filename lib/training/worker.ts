import type { Artifact } from '../core/artifact';
import { answerOf, type Answer, type Job } from './answer';
import type { TrainingRequest } from './request';
import { train } from './train';

/** Messages to the main thread are worth one in so much progress. */
const PROGRESS_STEP = 0.05;

/** What runs in a worker thread: one training. It is stopped by ending the thread. */
export default function work({ work, progress }: Job<TrainingRequest>): Promise<Answer<Artifact>> {
  let told = 0;
  const onProgress = (fraction: number): void => {
    if (fraction < told + PROGRESS_STEP) return;
    told = fraction;
    progress.postMessage(fraction);
  };
  return answerOf(() => train(work, { onProgress }));
}
