import { availableParallelism } from 'node:os';
import { fitNetwork } from '#lib/nn/fit';
import { yieldToEventLoop } from '#lib/nn/priority';
import { answerOf, type Answer, type Job } from '#lib/training/answer';
import { BATCH, makeSeries, referenceForecaster, SAMPLES } from './reference-forecaster';

yieldToEventLoop();

/** A job for the pool: trains the reference forecaster on all cores until it is cancelled, as any training does. */
export default function work({ progress }: Job<null>): Promise<Answer<null>> {
  const series = makeSeries();
  const inputOffsets = Int32Array.from({ length: SAMPLES }, (_, i) => i);
  const targetOffsets = inputOffsets.map((offset) => offset + referenceForecaster.steps);
  const samples = { inputs: series, inputOffsets, targets: series, targetOffsets };
  progress.postMessage({ fraction: 0 });
  return answerOf(async () => {
    await fitNetwork(referenceForecaster, samples, {
      epochs: 100_000,
      batch: BATCH,
      loss: { kind: 'squared' },
      rate: 1e-3,
      schedule: 'constant',
      clipNorm: 1,
      validationShare: 0,
      patience: Infinity,
      seed: 1,
      threads: availableParallelism(),
    });
    return null;
  });
}
