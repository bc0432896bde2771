import { Random } from '#lib/core/random';
import { Workspace } from '#lib/kernels/loader';
import { Network } from '#lib/nn/network';
import { planNetwork, shardBytes } from '#lib/nn/plan';
import { Shard, type Samples } from '#lib/nn/shard';
import type { LayerSpec, LossSpec, NetworkSpec } from '#lib/nn/spec';
import { initialWeights, packWeights, unpackWeights, type Weights } from '#lib/nn/weights';
import { referenceLoss, referenceOutputs, type DoubleWeights } from '../support/reference-network';

const dense = (units: number, activation: 'linear' | 'tanh' | 'relu' | 'sigmoid' = 'linear'): LayerSpec => ({
  kind: 'dense',
  units,
  activation,
});
const lstm = (units: number, activation: 'tanh' | 'relu' = 'tanh'): LayerSpec => ({ kind: 'lstm', units, activation });
const gru = (units: number, activation: 'tanh' | 'relu' = 'tanh'): LayerSpec => ({ kind: 'gru', units, activation });

/** Odd sizes on purpose: units that are no multiple of four, more than one input, a batch with padding. */
const networks: Record<string, NetworkSpec> = {
  'an LSTM': { steps: 7, inputs: 3, layers: [lstm(5), dense(2)] },
  'two LSTMs': { steps: 6, inputs: 1, layers: [lstm(6), lstm(3), dense(4, 'relu'), dense(3)] },
  'an LSTM with relu': { steps: 4, inputs: 2, layers: [lstm(4, 'relu'), dense(1)] },
  'a GRU': { steps: 7, inputs: 2, layers: [gru(5), dense(2)] },
  'a GRU on an LSTM': { steps: 5, inputs: 2, layers: [lstm(4), gru(6), dense(3)] },
  'a GRU with relu': { steps: 4, inputs: 1, layers: [gru(3, 'relu'), dense(1)] },
  'dense layers': { steps: 1, inputs: 7, layers: [dense(5, 'sigmoid'), dense(6, 'tanh'), dense(3, 'relu'), dense(2)] },
  'dense layers on a window': { steps: 4, inputs: 2, layers: [dense(3, 'tanh'), dense(5)] },
};

const losses: readonly LossSpec[] = [
  { kind: 'squared' },
  { kind: 'absolute' },
  { kind: 'huber', parameter: 0.4 },
  { kind: 'quantile', parameter: 0.8 },
];

const COUNT = 11;
const BATCH = 16;

function someSamples(spec: NetworkSpec, outputs: number): Samples {
  const random = new Random(11);
  const width = spec.steps * spec.inputs;
  return {
    inputs: Float32Array.from({ length: COUNT * width }, () => random.normal()),
    inputOffsets: Int32Array.from({ length: COUNT }, (_, i) => i * width),
    targets: Float32Array.from({ length: COUNT * outputs }, () => random.normal()),
    targetOffsets: Int32Array.from({ length: COUNT }, (_, i) => i * outputs),
  };
}

function someWeights(spec: NetworkSpec): Weights {
  const random = new Random(5);
  const weights = initialWeights(planNetwork(spec), random);
  for (const { data } of Object.values(weights))
    for (let i = 0; i < data.length; i++) data[i]! += 0.3 * random.normal();
  return weights;
}

const doubled = (weights: Weights): DoubleWeights =>
  Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, Float64Array.from(data)]));

/** Mean loss an output, in double precision. */
function referenceMean(
  spec: NetworkSpec,
  weights: DoubleWeights,
  samples: Samples,
  loss: LossSpec,
  outputs: number,
): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const from = samples.inputOffsets[i]!;
    const out = referenceOutputs(spec, weights, samples.inputs.subarray(from, from + spec.steps * spec.inputs));
    out.forEach((value, o) => (sum += referenceLoss(loss, value, samples.targets[samples.targetOffsets[i]! + o]!)));
  }
  return sum / (COUNT * outputs);
}

/** The kernels' loss and gradient, as weights by name. */
function computed(
  spec: NetworkSpec,
  weights: Weights,
  samples: Samples,
  loss: LossSpec,
  plain: boolean,
): [number, Weights] {
  const plan = planNetwork(spec);
  const layers = [...plan.recurrent, ...plan.dense];
  const workspace = Workspace.create(2 * shardBytes(plan) + 1e6, plain);
  const parameters = workspace.allocate(plan.parameters);
  packWeights(plan, weights, workspace.view(parameters, plan.parameters));
  const transposed = layers.map(({ back, rows }) => workspace.allocate(back * rows));
  layers.forEach(({ rows, inner, back, offset }, i) => {
    if (back > 0) {
      const from = parameters + 4 * offset;
      workspace.kernels.transposePanels(from, 4 * inner, transposed[i]!, 4 * rows, rows, back);
    }
  });
  const shard = new Shard(workspace, plan, { parameters, transposed }, BATCH);
  const order = Int32Array.from({ length: COUNT }, (_, i) => i);
  shard.load(samples, order, 0, COUNT, 1 / (COUNT * plan.outputs));
  shard.forward(true);
  const sum = shard.loss(loss);
  shard.backward();
  const gradient = workspace.view(shard.gradient, plan.parameters);
  const named = unpackWeights(plan, gradient);
  const squares = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v * v, 0);
  const total = Object.values(named).reduce((sum, { data }) => sum + squares(data), 0);
  // Padding must have no gradient: else it would be learned, and lost when the weights are stored.
  squares(gradient).should.be.approximately(total, 1e-6 * total);
  return [sum / (COUNT * plan.outputs), named];
}

describe('networks against a double-precision oracle', () => {
  for (const [name, spec] of Object.entries(networks)) {
    const weights = someWeights(spec);
    const outputs = planNetwork(spec).outputs;
    const samples = someSamples(spec, outputs);

    it(`${name}: a window gives the oracle's outputs, alone and in a batch, to the same bit`, () => {
      const network = new Network(spec, weights);
      const all = network.predictAll(samples.inputs, samples.inputOffsets);
      for (let i = 0; i < COUNT; i++) {
        const from = samples.inputOffsets[i]!;
        const window = samples.inputs.subarray(from, from + spec.steps * spec.inputs);
        const one = network.predict(window);
        one.should.eql(all.slice(i * outputs, (i + 1) * outputs));
        referenceOutputs(spec, doubled(weights), window).forEach((value, o) => {
          one[o]!.should.be.approximately(value, 2e-5 * Math.max(1, Math.abs(value)));
        });
      }
    });

    for (const loss of losses) {
      it(`${name}, ${loss.kind} loss: gradients are the slopes of the loss`, () => {
        for (const plain of [false, true]) {
          const [value, gradient] = computed(spec, weights, samples, loss, plain);
          const double = doubled(weights);
          value.should.be.approximately(referenceMean(spec, double, samples, loss, outputs), 1e-5);
          let difference = 0;
          let size = 0;
          for (const [part, { data }] of Object.entries(gradient)) {
            const at = double[part]!;
            const step = 1e-6;
            for (let i = 0; i < data.length; i += Math.max(1, Math.floor(data.length / 25))) {
              const kept = at[i]!;
              at[i] = kept + step;
              const above = referenceMean(spec, double, samples, loss, outputs);
              at[i] = kept - step;
              const below = referenceMean(spec, double, samples, loss, outputs);
              at[i] = kept;
              const slope = (above - below) / (2 * step);
              difference += (slope - data[i]!) ** 2;
              size += slope ** 2;
            }
          }
          size.should.be.above(1e-6);
          Math.sqrt(difference / size).should.be.below(1e-4);
        }
      });
    }
  }
});
