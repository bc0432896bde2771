import should from 'should';
import type { EpochReport } from '#lib/core/algorithm';
import { Random } from '#lib/core/random';
import { fitBytes, fitNetwork, type FitSettings } from '#lib/nn/fit';
import { Network } from '#lib/nn/network';
import type { Samples } from '#lib/nn/shard';
import type { NetworkSpec } from '#lib/nn/spec';

const network: NetworkSpec = {
  steps: 12,
  inputs: 1,
  layers: [
    { kind: 'gru', units: 10, activation: 'tanh' },
    { kind: 'dropout', rate: 0.1 },
    { kind: 'dense', units: 3, activation: 'linear' },
  ],
};

const settings: FitSettings = {
  epochs: 6,
  batch: 64,
  loss: { kind: 'squared' },
  rate: 0.01,
  schedule: 'cosine',
  clipNorm: 1,
  validationShare: 0.2,
  patience: Infinity,
  seed: 4,
  threads: 1,
};

/** Windows over a noisy wave, three steps ahead. */
function wave(length = 700, noise = 0.05): Samples {
  const random = new Random(2);
  const values = Float32Array.from({ length }, (_, t) => Math.sin(t / 4) + noise * random.normal());
  const count = length - network.steps - 2;
  return {
    inputs: values,
    inputOffsets: Int32Array.from({ length: count }, (_, i) => i),
    targets: values,
    targetOffsets: Int32Array.from({ length: count }, (_, i) => i + network.steps),
  };
}

describe('fitting a network', () => {
  it('learns a wave, and says so epoch by epoch', async () => {
    const epochs: EpochReport[] = [];
    const fitted = await fitNetwork(network, wave(), { ...settings, epochs: 25, onEpoch: (e) => epochs.push(e) });
    epochs.map(({ epoch }) => epoch).should.eql(Array.from({ length: 25 }, (_, i) => i + 1));
    epochs.should.eql(fitted.history);
    epochs.at(-1)!.validationLoss!.should.be.below(0.02);
    epochs[0]!.validationLoss!.should.be.above(0.1);
    const clean = wave(200, 0);
    const [ahead] = new Network(network, fitted.weights).predict(clean.inputs.subarray(60, 72));
    ahead!.should.be.approximately(clean.inputs[72]!, 0.2);
  });

  it('gives the same bits with one thread, two and four', async () => {
    const fitted = await Promise.all(
      [1, 2, 4].map((threads) => fitNetwork(network, wave(), { ...settings, batch: 96, threads })),
    );
    fitted[1]!.should.eql(fitted[0]);
    fitted[2]!.should.eql(fitted[0]);
  });

  it('differs with the seed', async () => {
    const [a, b] = await Promise.all(
      [1, 2].map((seed) => fitNetwork(network, wave(), { ...settings, epochs: 1, seed })),
    );
    a!.weights.should.not.eql(b!.weights);
  });

  it('comes close with the plain kernels', async () => {
    const [simd, plain] = await Promise.all(
      [false, true].map((only) => fitNetwork(network, wave(), { ...settings, epochs: 2, plain: only })),
    );
    plain!.history[1]!.loss.should.be.approximately(simd!.history[1]!.loss, 1e-4 * simd!.history[1]!.loss);
  });

  it('stops when validation gets no better, and keeps the best weights', async () => {
    const random = new Random(9);
    const noise = wave();
    for (let i = 0; i < noise.inputs.length; i++) noise.inputs[i] = random.normal();
    const rate = { rate: 0.03, schedule: 'constant', epochs: 200, patience: 4 } as const;
    const { history, bestEpoch, weights } = await fitNetwork(network, noise, { ...settings, ...rate });
    history.length.should.equal(bestEpoch + 4);
    const best = Math.min(...history.map(({ validationLoss }) => validationLoss!));
    history[bestEpoch - 1]!.validationLoss!.should.equal(best);

    const held = Math.floor(noise.inputOffsets.length * 0.2);
    const first = noise.inputOffsets.length - held;
    const predicted = new Network(network, weights).predictAll(noise.inputs, noise.inputOffsets.subarray(first));
    let sum = 0;
    predicted.forEach((value, i) => {
      sum += (value - noise.targets[noise.targetOffsets[first + Math.floor(i / 3)]! + (i % 3)]!) ** 2;
    });
    (sum / predicted.length).should.be.approximately(best, 1e-5);
  });

  it('goes on from a stored model', async () => {
    const cold = await fitNetwork(network, wave(), { ...settings, epochs: 15 });
    const warm = await fitNetwork(network, wave(), { ...settings, epochs: 1, rate: 1e-4, start: cold.weights });
    warm.history[0]!.validationLoss!.should.be.approximately(cold.history.at(-1)!.validationLoss!, 2e-3);
  });

  it('stops promptly when aborted', async () => {
    const controller = new AbortController();
    const running = fitNetwork(network, wave(), {
      ...settings,
      epochs: 1000,
      signal: controller.signal,
      onEpoch: ({ epoch }) => {
        if (epoch === 2) controller.abort();
        epoch.should.be.belowOrEqual(2);
      },
    });
    await should(running).be.rejectedWith({ code: 'ABORTED' });
  });

  it('is refused beforehand when it would take more memory than allowed', async () => {
    const bytes = fitBytes(network, wave(), settings.batch);
    bytes.should.be.within(1e5, 1e7);
    await should(fitNetwork(network, wave(), { ...settings, maxBytes: bytes - 1 })).be.rejectedWith({
      code: 'LIMIT',
      message: /would take 1 MB, and 1 MB are allowed/,
    });
    await fitNetwork(network, wave(), { ...settings, epochs: 1, maxBytes: bytes });
  });

  it('says that it diverged instead of storing nonsense', async () => {
    const broken = wave();
    broken.targets[300] = Infinity;
    await should(fitNetwork(network, broken, settings)).be.rejectedWith({ code: 'DATA', message: /diverged/ });
  });

  it('learns quantiles: nine in ten values lie below the 0.9 quantile', async () => {
    const random = new Random(31);
    const x = Float32Array.from({ length: 2000 }, () => random.normal());
    const offsets = Int32Array.from({ length: 2000 }, (_, i) => i);
    const flat: NetworkSpec = { steps: 1, inputs: 1, layers: [{ kind: 'dense', units: 1, activation: 'linear' }] };
    const targets = Float32Array.from(x, (value) => 2 * value + random.normal());
    const samples = { inputs: x, inputOffsets: offsets, targets, targetOffsets: offsets };
    const loss = { kind: 'quantile', parameter: 0.9 } as const;
    const { weights } = await fitNetwork(flat, samples, { ...settings, epochs: 40, loss });
    const predicted = new Network(flat, weights).predictAll(x, offsets);
    const below = targets.filter((value, i) => value <= predicted[i]!).length / 2000;
    below.should.be.within(0.87, 0.93);
  });
});
