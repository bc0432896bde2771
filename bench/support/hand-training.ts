import { Random } from '#lib/core/random';
import { Crew } from '#lib/nn/crew';
import { Optimiser } from '#lib/nn/optimiser';
import { Task, TrainingSpace } from '#lib/nn/space';
import { initialWeights, packWeights } from '#lib/nn/weights';
import { BATCH, POINTS, referenceForecaster as network, SAMPLES } from './reference-forecaster';

/** Training of the reference forecaster by hand, so that a few batches at a time can be timed. */
export class HandTraining {
  readonly space: TrainingSpace;
  readonly #crew: Crew;
  readonly #optimiser: Optimiser;
  readonly #random = new Random(3);
  #at = 0;

  constructor(series: Float32Array, threads: number) {
    const sizes = { samples: SAMPLES, inputs: POINTS, targets: POINTS, batch: BATCH };
    this.space = TrainingSpace.create({ ...sizes, network, loss: { kind: 'squared' } });
    const { plan, workspace, parameters, order } = this.space;
    this.space.samples.inputs.set(series);
    this.space.samples.targets.set(series);
    for (let i = 0; i < SAMPLES; i++) {
      this.space.samples.inputOffsets[i] = i;
      this.space.samples.targetOffsets[i] = i + network.steps;
      order[i] = this.#random.below(SAMPLES);
    }
    packWeights(plan, initialWeights(plan, this.#random), workspace.view(parameters, plan.parameters));
    this.#optimiser = new Optimiser(this.space, Infinity);
    this.#crew = new Crew(this.space, threads - 1);
  }

  run(batches: number): void {
    for (let batch = 0; batch < batches; batch++) {
      if (this.#at + BATCH > this.space.shape.samples) this.#at = 0;
      this.space.runBatch(Task.train, this.#at, BATCH, this.#random.uint32());
      this.#optimiser.step(BATCH, 1e-3);
      this.#at += BATCH;
    }
  }

  async stop(): Promise<void> {
    await this.#crew.dismiss();
  }
}
