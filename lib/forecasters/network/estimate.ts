import type { TrainingHistory } from '../../core/history';
import { planNetwork } from '../../nn/plan';
import { frameFor, networkFor, rowShape } from './frame';
import { BATCH, epochsFor, type Recipe } from './recipe';
import { spread } from './samples';

/** Measured on one core of a small x86-64 server: multiply-adds a second, and what a layer's step and a batch cost beside. */
const MULTIPLY_ADDS_A_SECOND = 20e9;
const STEP_SECONDS = 17e-6;
const BATCH_SECONDS = 60e-6;

/** About how long a network trains on one core, without stopping early. */
export function trainingSeconds(x: TrainingHistory, recipe: Recipe): number {
  const frame = frameFor(x, recipe);
  const { spec, recurrent, dense } = planNetwork(networkFor(frame, recipe));
  const { count } = spread(x.target.length, frame, rowShape(frame, recipe).size);
  // Forward, back to what came in, and by the weights.
  const products = (layers: readonly { rows: number; inner: number; back: number }[]): number =>
    layers.reduce((sum, { rows, inner, back }) => sum + rows * (2 * inner + back), 0);
  const work = BATCH * (spec.steps * products(recurrent) + products(dense));
  const steps = spec.steps * recurrent.length + dense.length;
  const batch = work / MULTIPLY_ADDS_A_SECOND + steps * STEP_SECONDS + BATCH_SECONDS;
  return epochsFor(recipe, count) * Math.ceil(count / BATCH) * batch;
}
