import { takeArena } from '../kernels/arena';
import { Allocator, type Workspace } from '../kernels/loader';
import { planNetwork, shardBytes, SHARD_ROWS, type DenseShape, type Plan, type RecurrentShape } from './plan';
import { Shard, type Samples } from './shard';
import type { NetworkSpec } from './spec';
import { packWeights, type Weights } from './weights';

interface RecurrentRow {
  readonly shape: RecurrentShape;
  /** [hidden state; inputs; 1] */
  readonly column: number;
  readonly gates: number;
  readonly cell: number;
  readonly activatedCell: number;
}

interface DenseRow {
  readonly shape: DenseShape;
  /** [inputs; 1] */
  readonly column: number;
}

/** A trained network, ready to predict. */
export class Network {
  readonly #plan: Plan;
  readonly #packed: Float32Array;
  readonly #parameters: number;
  readonly #recurrent: readonly RecurrentRow[];
  readonly #dense: readonly DenseRow[];
  readonly #output: number;
  readonly #bytes: number;

  /** @throws MlError `ARTIFACT` where the weights do not fit the network */
  constructor(
    readonly spec: NetworkSpec,
    weights: Weights,
  ) {
    const plan = planNetwork(spec);
    this.#plan = plan;
    this.#packed = new Float32Array(plan.parameters);
    packWeights(plan, weights, this.#packed);
    const layout = new Allocator();
    this.#parameters = layout.allocate(plan.parameters);
    this.#recurrent = plan.recurrent.map((shape) => ({
      shape,
      column: layout.allocate(shape.inner),
      gates: layout.allocate(4 * shape.padded),
      cell: layout.allocate(shape.padded),
      activatedCell: layout.allocate(shape.padded),
    }));
    this.#dense = plan.dense.map((shape) => ({ shape, column: layout.allocate(shape.inner) }));
    this.#output = layout.allocate(plan.dense.at(-1)!.padded);
    this.#bytes = layout.bytes;
  }

  /** Numbers that it gives for a window. */
  get outputs(): number {
    return this.#plan.outputs;
  }

  #load(): Workspace {
    const { workspace, loaded } = takeArena(this.#bytes, this);
    if (!loaded) {
      workspace.view(this.#parameters, this.#plan.parameters).set(this.#packed);
      for (const { column, shape } of [...this.#recurrent, ...this.#dense]) {
        workspace.kernels.fill(column, 0, shape.inner - (shape.inner % 4));
        workspace.floats[column / 4 + shape.inner - 1] = 1;
      }
    }
    return workspace;
  }

  /**
   * The outputs for one window.
   * @param window - `steps × inputs`, row-major
   */
  predict(window: ArrayLike<number>): Float32Array {
    const workspace = this.#load();
    const { kernels, floats } = workspace;
    const { steps, inputs } = this.spec;
    for (const { column, cell, shape } of this.#recurrent) {
      kernels.fill(column, 0, shape.padded);
      kernels.fill(cell, 0, shape.padded);
    }
    const first = this.#recurrent[0];
    if (first === undefined) {
      const at = this.#dense[0]!.column / 4;
      for (let i = 0; i < steps * inputs; i++) floats[at + i] = window[i]!;
    } else {
      for (let step = 0; step < steps; step++) {
        const at = first.column / 4 + first.shape.padded;
        for (let i = 0; i < inputs; i++) floats[at + i] = window[step * inputs + i]!;
        this.#recurrent.forEach((row, index) => {
          this.#step(workspace, row);
          const above = this.#recurrent[index + 1];
          const to = above === undefined ? null : above.column + 4 * above.shape.padded;
          if (to !== null) kernels.copy(row.column, to, row.shape.padded);
        });
      }
      const last = this.#recurrent.at(-1)!;
      kernels.copy(last.column, this.#dense[0]!.column, last.shape.padded);
    }
    this.#dense.forEach(({ shape, column }, index) => {
      const to = this.#dense[index + 1]?.column ?? this.#output;
      kernels.multiplyVector(this.#weightsOf(shape), 4 * shape.inner, column, to, shape.rows, shape.inner);
      if (shape.activation !== null) kernels.activate(to, shape.activation, shape.padded);
      floats.fill(0, to / 4 + shape.units, to / 4 + shape.padded);
    });
    return workspace.view(this.#output, this.outputs).slice();
  }

  #weightsOf(shape: RecurrentShape | DenseShape): number {
    return this.#parameters + 4 * shape.offset;
  }

  #step({ kernels }: Workspace, { shape, column, gates, cell, activatedCell }: RecurrentRow): void {
    const { rows, inner, padded, relu } = shape;
    kernels.multiplyVector(this.#weightsOf(shape), 4 * inner, column, gates, rows, inner);
    if (shape.kind === 'lstm') kernels.lstmForward(gates, cell, cell, activatedCell, column, padded, relu);
    else kernels.gruForward(gates, column, column, padded, relu);
  }

  /**
   * The outputs for many windows, `samples × outputs`; the same bits as `predict` gives one by one.
   * Targets of the samples are not looked at.
   */
  predictAll(inputs: Float32Array, inputOffsets: Int32Array): Float32Array {
    const count = inputOffsets.length;
    const { outputs } = this;
    const { workspace } = takeArena(shardBytes(this.#plan) + 4 * this.#plan.parameters, null);
    workspace.rewind();
    const parameters = workspace.allocate(this.#plan.parameters);
    workspace.view(parameters, this.#plan.parameters).set(this.#packed);
    const shard = new Shard(workspace, this.#plan, { parameters, transposed: [] }, SHARD_ROWS);
    const order = Int32Array.from({ length: count }, (_, index) => index);
    const targetOffsets = new Int32Array(count);
    const samples: Samples = { inputs, inputOffsets, targets: new Float32Array(outputs), targetOffsets };
    const out = new Float32Array(count * outputs);
    for (let start = 0; start < count; start += SHARD_ROWS) {
      const size = Math.min(SHARD_ROWS, count - start);
      shard.load(samples, order, start, size, 0);
      shard.forward(false);
      for (let b = 0; b < size; b++)
        shard.readOutput(b, out.subarray((start + b) * outputs, (start + b + 1) * outputs));
    }
    return out;
  }
}
