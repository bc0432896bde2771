import { LossKind } from '../kernels/kernels';
import type { Workspace } from '../kernels/loader';
import { DensePass } from './dense';
import { pad, type Plan } from './plan';
import { RecurrentPass } from './recurrent';
import type { LossSpec } from './spec';

/** Samples to learn from or to predict: windows into shared arrays, so that overlapping windows are not copied. */
export interface Samples {
  /** `steps × inputs` numbers a sample, row-major, from `inputOffsets[i]` on. */
  readonly inputs: Float32Array;
  readonly inputOffsets: Int32Array;
  /** `outputs` numbers a sample from `targetOffsets[i]` on. */
  readonly targets: Float32Array;
  readonly targetOffsets: Int32Array;
}

/** Addresses that all shards share. */
export interface SharedParameters {
  readonly parameters: number;
  /** Transposed panels, one address a layer: recurrent layers, then dense ones; 0 where no gradient goes further back. */
  readonly transposed: readonly number[];
}

/** One slice of a batch on its way through the network and back, with a gradient of its own. */
export class Shard {
  readonly gradient: number;
  readonly #recurrent: readonly RecurrentPass[];
  readonly #dense: readonly DensePass[];
  /** Outputs, then their gradients; targets; and what each output counts: `outputs × batch` each. */
  readonly #output: number;
  readonly #target: number;
  readonly #weight: number;
  readonly #dropoutState: number;

  constructor(
    private readonly workspace: Workspace,
    private readonly plan: Plan,
    private readonly shared: SharedParameters,
    readonly batch: number,
  ) {
    this.gradient = workspace.allocate(plan.parameters);
    this.#recurrent = plan.recurrent.map(
      (shape, index) =>
        new RecurrentPass(shape, workspace, batch, plan.spec.steps, index === plan.recurrent.length - 1),
    );
    this.#dense = plan.dense.map((shape) => new DensePass(shape, workspace, batch));
    const outputs = pad(plan.outputs, 4) * batch;
    this.#output = workspace.allocate(outputs);
    this.#target = workspace.allocate(outputs);
    this.#weight = workspace.allocate(outputs);
    this.#dropoutState = workspace.allocate(4);
  }

  /**
   * Lays out `count` samples from `order[start]` on; the rest of the shard is padding that weighs nothing.
   * @param weight - what each output counts in the gradient
   */
  load(samples: Samples, order: Int32Array, start: number, count: number, weight: number): void {
    const { floats } = this.workspace;
    const { steps, inputs } = this.plan.spec;
    const { batch } = this;
    const firstDense = this.#dense[0]!;
    const first = this.#recurrent[0];
    for (let b = 0; b < batch; b++) {
      const from = b < count ? samples.inputOffsets[order[start + b]!]! : -1;
      for (let step = 0; step < steps; step++) {
        const address = first?.inputs(step) ?? firstDense.column + 4 * step * inputs * batch;
        let to = address / 4 + b;
        for (let input = 0; input < inputs; input++, to += batch) {
          floats[to] = from < 0 ? 0 : samples.inputs[from + step * inputs + input]!;
        }
      }
    }
    for (let b = 0; b < batch; b++) {
      const from = b < count ? samples.targetOffsets[order[start + b]!]! : -1;
      for (let output = 0; output < this.plan.outputs; output++) {
        const at = output * batch + b;
        floats[this.#target / 4 + at] = from < 0 ? 0 : samples.targets[from + output]!;
        floats[this.#weight / 4 + at] = from < 0 ? 0 : weight;
      }
    }
  }

  /** Seeds what this batch drops: four non-zero words from the seed (splitmix32). */
  seedDropout(seed: number): void {
    let state = seed | 0;
    for (let lane = 0; lane < 4; lane++) {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.workspace.ints[this.#dropoutState / 4 + lane] = z ^ (z >>> 15) || 1;
    }
  }

  /** The outputs of the samples loaded, `outputs × batch`, in the workspace. */
  forward(training: boolean): number {
    const { shared, plan } = this;
    const recurrent = this.#recurrent;
    const dense = this.#dense;
    if (training) for (const layer of [...recurrent, ...dense]) layer.drawMasks(this.#dropoutState);
    for (let step = 0; step < plan.spec.steps && recurrent.length > 0; step++) {
      recurrent.forEach((layer, index) => {
        layer.forward(step, shared.parameters + 4 * layer.shape.offset);
        const above = recurrent[index + 1];
        if (above !== undefined) layer.handOn(step, above.inputs(step), training);
      });
    }
    recurrent.at(-1)?.handOn(plan.spec.steps - 1, dense[0]!.column, training);
    dense.forEach((layer, index) => {
      layer.forward(shared.parameters + 4 * layer.shape.offset, this.#outputOf(index), training);
    });
    return this.#output;
  }

  #outputOf(denseIndex: number): number {
    return this.#dense[denseIndex + 1]?.column ?? this.#output;
  }

  /** Sum of the losses over the samples loaded; turns the outputs into their gradients. */
  loss(spec: LossSpec): number {
    const parameter = 'parameter' in spec ? spec.parameter : 0;
    const count = pad(this.plan.outputs, 4) * this.batch;
    return this.workspace.kernels.loss(this.#output, this.#target, this.#weight, LossKind[spec.kind], parameter, count);
  }

  /** After `forward(true)` and `loss`: the gradient of the summed, weighted loss by the parameters, in `gradient`. */
  backward(): void {
    const { shared, plan, gradient } = this;
    const recurrent = this.#recurrent;
    this.workspace.kernels.fill(gradient, 0, plan.parameters);
    let d = this.#output;
    for (let index = this.#dense.length - 1; index >= 0; index--) {
      const layer = this.#dense[index]!;
      const transposed = shared.transposed[recurrent.length + index]!;
      d = layer.backward(this.#outputOf(index), d, transposed, gradient + 4 * layer.shape.offset);
    }
    const top = recurrent.at(-1);
    if (top === undefined) return;
    for (const layer of recurrent) layer.startBackward();
    top.takeGradient(plan.spec.steps - 1, d);
    for (let step = plan.spec.steps - 1; step >= 0; step--) {
      for (let index = recurrent.length - 1; index >= 0; index--) {
        const layer = recurrent[index]!;
        const above = recurrent[index + 1];
        if (above !== undefined) layer.takeGradient(step, above.inputGradient);
        layer.backward(step, shared.transposed[index]!, gradient + 4 * layer.shape.offset);
      }
    }
    for (const layer of recurrent) layer.clearUnusedGradient(gradient + 4 * layer.shape.offset);
  }

  /** The outputs of sample `b` after `forward`. */
  readOutput(b: number, to: Float32Array): void {
    for (let output = 0; output < this.plan.outputs; output++) {
      to[output] = this.workspace.floats[this.#output / 4 + output * this.batch + b]!;
    }
  }
}
