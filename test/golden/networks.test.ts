import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '#lib/core/random';
import { tensor } from '#lib/core/tensor';
import { Network } from '#lib/nn/network';
import { Optimiser } from '#lib/nn/optimiser';
import { planNetwork } from '#lib/nn/plan';
import { Task, TrainingSpace } from '#lib/nn/space';
import type { NetworkSpec } from '#lib/nn/spec';
import { initialWeights, packWeights, type Weights } from '#lib/nn/weights';

interface Case {
  readonly name: string;
  readonly network: NetworkSpec;
  readonly weights: Readonly<Record<string, number[]>>;
  readonly inputs: number[];
  readonly targets: number[];
  readonly outputs: number[];
  readonly batch: number;
  readonly rate: number;
  readonly losses: number[];
}

const golden = JSON.parse(readFileSync(join(__dirname, '../../../test/golden/networks.json'), 'utf8')) as {
  versions: { torch: string };
  cases: Case[];
};

/** PyTorch's weights in our shapes. */
function weightsOf({ network, weights }: Case): Weights {
  const shapes = initialWeights(planNetwork(network), new Random(1));
  Object.keys(shapes).sort().should.eql(Object.keys(weights).sort());
  return Object.fromEntries(
    Object.entries(shapes).map(([name, { shape }]) => [name, tensor(Float32Array.from(weights[name]!), shape)]),
  );
}

describe(`networks against PyTorch ${golden.versions.torch}`, () => {
  for (const example of golden.cases) {
    const { steps, inputs } = example.network;
    const { outputs } = planNetwork(example.network);
    const count = example.inputs.length / (steps * inputs);

    it(`${example.name}: the same outputs from the same weights`, () => {
      const network = new Network(example.network, weightsOf(example));
      const rows = example.outputs.length / outputs;
      rows.should.equal(8);
      for (let row = 0; row < rows; row++) {
        const window = example.inputs.slice(row * steps * inputs, (row + 1) * steps * inputs);
        network.predict(window).forEach((value, output) => {
          value.should.be.approximately(example.outputs[row * outputs + output]!, 2e-6);
        });
      }
    });

    for (const plain of [false, true]) {
      it(`${example.name}: the loss of ${plain ? 'plain' : 'SIMD'} training follows PyTorch's, batch by batch`, () => {
        const shape = {
          network: example.network,
          loss: { kind: 'squared' },
          batch: example.batch,
          samples: count,
          inputs: example.inputs.length,
          targets: example.targets.length,
        } as const;
        const space = TrainingSpace.create(shape, plain);
        space.samples.inputs.set(example.inputs);
        space.samples.targets.set(example.targets);
        for (let i = 0; i < count; i++) {
          space.samples.inputOffsets[i] = i * steps * inputs;
          space.samples.targetOffsets[i] = i * outputs;
          space.order[i] = i;
        }
        packWeights(space.plan, weightsOf(example), space.workspace.view(space.parameters, space.plan.parameters));
        const optimiser = new Optimiser(space, Infinity);
        example.losses.forEach((expected, number) => {
          const start = (number * example.batch) % count;
          const loss = space.runBatch(Task.train, start, example.batch, 1) / (example.batch * outputs);
          optimiser.step(example.batch, example.rate);
          loss.should.be.approximately(expected, 2e-4 * expected);
        });
        example.losses.at(-1)!.should.be.below(example.losses[0]! / 2);
      });
    }
  }
});
