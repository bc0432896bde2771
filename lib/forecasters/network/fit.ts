import type { Run, WarmStart } from '../../core/algorithm';
import { isMlError, throwIfAborted } from '../../core/errors';
import type { TrainingHistory } from '../../core/history';
import { StateReader } from '../../core/state-reader';
import { fitNetwork } from '../../nn/fit';
import type { Weights } from '../../nn/weights';
import { frameFor, networkFor, type Frame } from './frame';
import type { NetworkParts } from './model';
import { BATCH, epochsFor, type Recipe } from './recipe';
import { makeSamples, sampleBytes } from './samples';
import { scalesOf } from './scales';
import { unpackNetwork } from './state';
import { WindowScale } from './stretch';

/** What is left of the passes and of the learning rate for a network that starts from earlier weights. */
const WARM_EPOCHS = 1 / 4;
const WARM_RATE = 1 / 3;

/** Trains a network on the windows of a history. Deterministic in the seed, whatever the threads. */
export async function fitForecastingNetwork(
  x: TrainingHistory,
  recipe: Recipe,
  earlier: Weights | undefined,
  run: Run,
): Promise<NetworkParts> {
  const frame = frameFor(x, recipe);
  const scales = scalesOf(x, frame.window, recipe.values);
  const scale = new WindowScale(frame, recipe, scales);
  const samples = makeSamples(x, frame, scale);
  const { training } = recipe;
  const epochs = epochsFor(recipe, samples.inputOffsets.length);
  const copied = sampleBytes(x.target.length, frame, scale.shape.size);
  const { weights, history } = await fitNetwork(networkFor(frame, recipe), samples, {
    ...training,
    epochs: earlier ? Math.ceil(epochs * WARM_EPOCHS) : epochs,
    rate: earlier ? training.rate * WARM_RATE : training.rate,
    batch: BATCH,
    seed: run.seed,
    threads: run.threads ?? 1,
    ...(run.maxBytes !== undefined && { maxBytes: Math.max(0, run.maxBytes - copied) }),
    ...(earlier && { start: earlier }),
    ...(run.signal && { signal: run.signal }),
    onEpoch: (report) => run.onProgress?.(report.epoch / report.epochs, report),
  });
  throwIfAborted(run.signal);
  const last = history.at(-1)!;
  // Stopped early: there is nothing more to do.
  if (last.epoch < last.epochs) run.onProgress?.(1);
  return { frame, scales, weights };
}

/** The weights of an earlier model that sees and gives the same; undefined: there are none, or it is another one. */
export function earlierWeights(
  id: string,
  stateVersion: number,
  start: WarmStart | undefined,
  frame: Frame,
  recipe: Recipe,
): Weights | undefined {
  if (start?.stateVersion !== stateVersion) return undefined;
  try {
    const earlier = unpackNetwork(new StateReader(id, start.state), recipe);
    return sameFrame(earlier.frame, frame) ? earlier.weights : undefined;
  } catch (error) {
    if (isMlError(error, 'ARTIFACT')) return undefined;
    throw error;
  }
}

function sameFrame(a: Frame, b: Frame): boolean {
  const same = (one: Int32Array, other: Int32Array): boolean => one.join() === other.join();
  return a.window === b.window && a.others === b.others && a.ahead === b.ahead && same(a.periods, b.periods);
}
