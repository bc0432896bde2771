import { MlError } from '../core/errors';
import { SHARD_ROWS } from './plan';
import type { TrainingSpace } from './space';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Learning rate of a step: constant, or half a cosine from `rate` down to nothing over `steps` (Loshchilov & Hutter 2017). */
export function scheduledRate(rate: number, schedule: 'constant' | 'cosine', step: number, steps: number): number {
  return schedule === 'constant' ? rate : (rate / 2) * (1 + Math.cos((Math.PI * step) / steps));
}

/** Adam on a training space's parameters, with the gradient clipped to a norm. */
export class Optimiser {
  #steps = 0;

  constructor(
    private readonly space: TrainingSpace,
    /** Largest Euclidean norm of the gradient; Infinity: no clipping. */
    private readonly clipNorm: number,
  ) {
    this.transpose();
  }

  /** Sums the gradients of the shards that worked on a batch of `samples`, in their order, and takes one step. */
  step(samples: number, rate: number): void {
    const { workspace, shards, plan, parameters, firstMoments, secondMoments } = this.space;
    const { kernels } = workspace;
    const total = shards[0]!.gradient;
    for (let shard = 1; shard < Math.ceil(samples / SHARD_ROWS); shard++) {
      kernels.add(shards[shard]!.gradient, total, plan.parameters);
    }
    const norm = Math.sqrt(kernels.sumOfSquares(total, plan.parameters));
    if (!Number.isFinite(norm)) {
      throw new MlError('DATA', 'Training diverged: the gradient is no longer finite; use a smaller learning rate.');
    }
    if (norm > this.clipNorm) kernels.scale(total, this.clipNorm / norm, plan.parameters);
    this.#steps++;
    const bias1 = 1 - BETA1 ** this.#steps;
    const bias2 = 1 - BETA2 ** this.#steps;
    const count = plan.parameters;
    kernels.adam(parameters, total, firstMoments, secondMoments, count, rate, BETA1, BETA2, EPSILON, bias1, bias2);
    this.transpose();
  }

  /** Brings the transposed weights, which carry gradients back, up to date. */
  transpose(): void {
    const { workspace, plan, parameters, transposed } = this.space;
    [...plan.recurrent, ...plan.dense].forEach(({ rows, inner, back, offset }, index) => {
      if (back === 0) return;
      const weights = parameters + 4 * offset;
      workspace.kernels.transposePanels(weights, 4 * inner, transposed[index]!, 4 * rows, rows, back);
    });
  }
}
