import { setImmediate } from 'node:timers/promises';
import type { EpochReport } from '../core/algorithm';
import { MlError, throwIfAborted } from '../core/errors';
import { Random } from '../core/random';
import { Crew } from './crew';
import { Optimiser, scheduledRate } from './optimiser';
import { planNetwork } from './plan';
import type { Samples } from './shard';
import { MAX_BATCH, Task, TrainingSpace, type SpaceShape } from './space';
import type { LossSpec, NetworkSpec } from './spec';
import { initialWeights, packWeights, unpackWeights, type Weights } from './weights';

export interface FitSettings {
  readonly epochs: number;
  /** Samples a batch. */
  readonly batch: number;
  readonly loss: LossSpec;
  /** Learning rate of Adam, at the start. */
  readonly rate: number;
  readonly schedule: 'constant' | 'cosine';
  /** Largest norm of a batch's gradient; Infinity: not clipped. */
  readonly clipNorm: number;
  /** Share of the samples, the last ones, that is held out for validation; 0: none. */
  readonly validationShare: number;
  /** Epochs without a better validation loss after which training stops; Infinity: never. */
  readonly patience: number;
  readonly seed: number;
  /** Threads that may work on it, this one included. */
  readonly threads: number;
  /** Bytes it may take; more is refused beforehand. */
  readonly maxBytes?: number;
  /** Weights to start from, of a network of the same shape. */
  readonly start?: Weights;
  /** Takes the plain kernels even where SIMD is there. */
  readonly plain?: boolean;
  readonly signal?: AbortSignal;
  readonly onEpoch?: (epoch: EpochReport) => void;
}

export interface FittedNetwork {
  /** Those of the best epoch by validation loss; without validation those of the last. */
  readonly weights: Weights;
  readonly history: readonly EpochReport[];
  readonly bestEpoch: number;
}

/** Batches between two looks at the abort signal: a few tens of milliseconds of the largest networks. */
const BATCHES_A_BREATH = 4;

/**
 * Trains a network by Adam on shuffled mini-batches. The same seed, data and kernels give the same bits, whatever the
 * number of threads.
 * @throws MlError `LIMIT` when it would take more memory than allowed, `DATA` when it diverges, `ABORTED`
 */
export async function fitNetwork(
  network: NetworkSpec,
  samples: Samples,
  settings: FitSettings,
): Promise<FittedNetwork> {
  const count = samples.inputOffsets.length;
  const held = Math.floor(count * settings.validationShare);
  const trained = count - held;
  if (trained < 1) throw new MlError('TOO_FEW_ROWS', `Training a network needs at least one sample, got ${trained}.`);
  const shape: SpaceShape = {
    network,
    loss: settings.loss,
    batch: Math.min(settings.batch, MAX_BATCH, trained),
    samples: count,
    inputs: samples.inputs.length,
    targets: samples.targets.length,
  };
  refuseBeyond(TrainingSpace.bytes(shape), settings.maxBytes);
  const space = TrainingSpace.create(shape, settings.plain);
  space.samples.inputs.set(samples.inputs);
  space.samples.inputOffsets.set(samples.inputOffsets);
  space.samples.targets.set(samples.targets);
  space.samples.targetOffsets.set(samples.targetOffsets);
  const random = new Random(settings.seed);
  const parameters = space.workspace.view(space.parameters, space.plan.parameters);
  packWeights(space.plan, settings.start ?? initialWeights(space.plan, random.fork()), parameters);
  const crew = new Crew(space, settings.threads - 1);
  try {
    return await train(space, trained, settings, random, parameters);
  } finally {
    await crew.dismiss();
  }
}

/** Bytes that `fitNetwork` would take. */
export function fitBytes(network: NetworkSpec, samples: Samples, batch: number): number {
  const { inputs, targets, inputOffsets } = samples;
  const shape = { network, batch, samples: inputOffsets.length, inputs: inputs.length, targets: targets.length };
  return TrainingSpace.bytes({ ...shape, loss: { kind: 'squared' } });
}

function refuseBeyond(bytes: number, maxBytes: number | undefined): void {
  if (maxBytes === undefined || bytes <= maxBytes) return;
  const megabytes = (value: number): number => Math.ceil(value / 2 ** 20);
  throw new MlError(
    'LIMIT',
    `Training this network would take ${megabytes(bytes)} MB, and ${megabytes(maxBytes)} MB are allowed; use fewer units, a shorter window, a smaller batch or less history.`,
  );
}

async function train(
  space: TrainingSpace,
  trained: number,
  settings: FitSettings,
  random: Random,
  parameters: Float32Array,
): Promise<FittedNetwork> {
  const { epochs, patience, signal } = settings;
  const { batch, samples: count } = space.shape;
  const batches = Math.ceil(trained / batch);
  const optimiser = new Optimiser(space, settings.clipNorm);
  const history: EpochReport[] = [];
  let best = parameters.slice();
  let bestEpoch = 0;
  let bestLoss = Infinity;
  for (let index = 0; index < count; index++) space.order[index] = index;
  for (let epoch = 1; epoch <= epochs && epoch - bestEpoch <= patience; epoch++) {
    shuffle(space.order.subarray(0, trained), random);
    let sum = 0;
    for (let start = 0, step = (epoch - 1) * batches; start < trained; start += batch, step++) {
      if (step % BATCHES_A_BREATH === 0) await setImmediate();
      throwIfAborted(signal);
      const size = Math.min(batch, trained - start);
      sum += space.runBatch(Task.train, start, size, random.uint32());
      optimiser.step(size, scheduledRate(settings.rate, settings.schedule, step, epochs * batches));
    }
    const validationLoss = count > trained ? evaluate(space, trained) : null;
    const loss = sum / (trained * space.plan.outputs);
    const report: EpochReport = { epoch, epochs, loss, validationLoss };
    history.push(report);
    settings.onEpoch?.(report);
    const judged = validationLoss ?? -epoch;
    if (judged < bestLoss) {
      bestLoss = judged;
      bestEpoch = epoch;
      best = parameters.slice();
    }
  }
  return { weights: unpackWeights(planNetwork(space.shape.network), best), history, bestEpoch };
}

/** Mean loss an output over the samples from `first` on. */
function evaluate(space: TrainingSpace, first: number): number {
  const { batch, samples: count } = space.shape;
  let sum = 0;
  for (let start = first; start < count; start += batch) {
    sum += space.runBatch(Task.evaluate, start, Math.min(batch, count - start), 0);
  }
  return sum / ((count - first) * space.plan.outputs);
}

function shuffle(order: Int32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
}
