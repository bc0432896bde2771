import { MlError } from '../core/errors';
import { Workspace, type SharedMemory } from '../kernels/loader';
import { planNetwork, SHARD_ROWS, trainingBytes, type Plan } from './plan';
import { Shard, type Samples, type SharedParameters } from './shard';
import type { LossSpec, NetworkSpec } from './spec';

/** All that a thread must know to lay out the same memory in the same way as the others. */
export interface SpaceShape {
  readonly network: NetworkSpec;
  readonly loss: LossSpec;
  /** Samples a batch. */
  readonly batch: number;
  readonly samples: number;
  /** Lengths of the samples' inputs and targets. */
  readonly inputs: number;
  readonly targets: number;
}

/** What the shards of a batch do. */
export const Task = { train: 0, evaluate: 1, quit: 2 } as const;

/** Words of the control block that the threads share. */
const Word = { generation: 0, claims: 1, finished: 2, task: 3, start: 4, count: 5, seed: 6 } as const;

/** How long one shard may take before its thread is given up. */
const PATIENCE_MS = 60_000;

/**
 * The claims word holds a batch's number, its shards, and how many of them have been claimed, so that one atomic exchange
 * can never claim a shard of a batch that is over.
 */
const claimsWord = (batch: number, shards: number): number => ((batch & 0x7fff) << 16) | (shards << 8);

/** Samples a batch may have: its shards are counted in eight bits. */
export const MAX_BATCH = 255 * SHARD_ROWS;

/** How often a waiting thread looks before it goes to sleep: some ten microseconds. */
const SPINS = 4_000;

/**
 * The memory of one training run, the same in every thread: parameters, Adam's moments, samples, and a few shards, each
 * with activations and a gradient of its own. A batch's shards are claimed one by one by whichever thread is free and
 * summed in a fixed order, so that the result has the same bits whatever the number of threads, and a thread that gets
 * no processor holds nobody up.
 */
export class TrainingSpace {
  readonly plan: Plan;
  readonly parameters: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  readonly transposed: readonly number[];
  readonly shards: readonly Shard[];
  readonly samples: Samples;
  readonly order: Int32Array;
  readonly #control: number;
  readonly #words: Int32Array;
  readonly #losses: Float64Array;

  constructor(
    readonly shape: SpaceShape,
    readonly workspace: Workspace,
  ) {
    const plan = planNetwork(shape.network);
    this.plan = plan;
    this.#control = workspace.allocate(32) / 4;
    this.#words = workspace.ints;
    this.parameters = workspace.allocate(plan.parameters);
    this.firstMoments = workspace.allocate(plan.parameters);
    this.secondMoments = workspace.allocate(plan.parameters);
    this.transposed = [...plan.recurrent, ...plan.dense].map(({ back, rows }) => workspace.allocate(back * rows));
    const shared: SharedParameters = { parameters: this.parameters, transposed: this.transposed };
    const count = Math.ceil(shape.batch / SHARD_ROWS);
    this.shards = Array.from({ length: count }, () => new Shard(workspace, plan, shared, SHARD_ROWS));
    this.#losses = new Float64Array(workspace.floats.buffer, workspace.allocate(2 * count), count);
    const ints = (length: number): Int32Array => {
      const address = workspace.allocate(length);
      return workspace.ints.subarray(address / 4, address / 4 + length);
    };
    this.samples = {
      inputs: workspace.view(workspace.allocate(shape.inputs), shape.inputs),
      inputOffsets: ints(shape.samples),
      targets: workspace.view(workspace.allocate(shape.targets), shape.targets),
      targetOffsets: ints(shape.samples),
    };
    this.order = ints(shape.samples);
  }

  /** Bytes that a run takes, known before it begins. */
  static bytes(shape: SpaceShape): number {
    const data = shape.inputs + shape.targets + 3 * shape.samples;
    return trainingBytes(planNetwork(shape.network), shape.batch, data);
  }

  static create(shape: SpaceShape, plain = false): TrainingSpace {
    return new TrainingSpace(shape, Workspace.create(TrainingSpace.bytes(shape), plain));
  }

  static attach(shape: SpaceShape, memory: SharedMemory): TrainingSpace {
    return new TrainingSpace(shape, Workspace.attach(memory));
  }

  /**
   * The leader's part: offers a batch of samples `order[start…start + count]` to all threads, works along, and returns
   * the sum of the losses once every shard is done.
   */
  runBatch(task: number, start: number, count: number, seed: number): number {
    const words = this.#words;
    const at = this.#control;
    const shards = Math.ceil(count / SHARD_ROWS);
    words[at + Word.task] = task;
    words[at + Word.start] = start;
    words[at + Word.count] = count;
    words[at + Word.seed] = seed;
    Atomics.store(words, at + Word.finished, 0);
    const batch = Atomics.load(words, at + Word.generation) + 1;
    Atomics.store(words, at + Word.claims, claimsWord(batch, shards));
    Atomics.store(words, at + Word.generation, batch);
    Atomics.notify(words, at + Word.generation);
    this.#workOn();
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, at + Word.finished) === shards) break;
    for (;;) {
      const finished = Atomics.load(words, at + Word.finished);
      if (finished === shards) break;
      if (Atomics.wait(words, at + Word.finished, finished, PATIENCE_MS) === 'timed-out') {
        throw new MlError('WORKER', 'A training thread stopped answering; train again.');
      }
    }
    let sum = 0;
    for (let shard = 0; shard < shards; shard++) sum += this.#losses[shard]!;
    return sum;
  }

  /** A helper's part: works on what the leader offers until it says `quit`. */
  help(): void {
    const words = this.#words;
    const generation = this.#control + Word.generation;
    let seen = 0;
    for (;;) {
      for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, generation) !== seen) break;
      while (Atomics.load(words, generation) === seen) Atomics.wait(words, generation, seen);
      seen = Atomics.load(words, generation);
      if (Atomics.load(words, this.#control + Word.task) === Task.quit) return;
      this.#workOn();
    }
  }

  /** Tells the helpers that there is nothing more to do. */
  dismiss(): void {
    Atomics.store(this.#words, this.#control + Word.task, Task.quit);
    Atomics.add(this.#words, this.#control + Word.generation, 1);
    Atomics.notify(this.#words, this.#control + Word.generation);
  }

  #workOn(): void {
    const words = this.#words;
    const at = this.#control;
    for (;;) {
      const claims = Atomics.load(words, at + Word.claims);
      const index = claims & 0xff;
      if (index >= ((claims >> 8) & 0xff)) return;
      if (Atomics.compareExchange(words, at + Word.claims, claims, claims + 1) !== claims) continue;
      this.#runShard(index);
      Atomics.add(words, at + Word.finished, 1);
      Atomics.notify(words, at + Word.finished);
    }
  }

  #runShard(index: number): void {
    const words = this.#words;
    const at = this.#control;
    const shard = this.shards[index]!;
    const count = words[at + Word.count]!;
    const first = index * SHARD_ROWS;
    const weight = 1 / (count * this.plan.outputs);
    const mine = Math.min(SHARD_ROWS, count - first);
    shard.load(this.samples, this.order, words[at + Word.start]! + first, mine, weight);
    const training = words[at + Word.task] === Task.train;
    if (training) shard.seedDropout(words[at + Word.seed]! ^ Math.imul(index + 1, 0x9e3779b1));
    shard.forward(training);
    this.#losses[index] = shard.loss(this.shape.loss);
    if (training) shard.backward();
  }
}
