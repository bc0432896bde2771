import { performance } from 'node:perf_hooks';
import { dirname, join } from 'node:path';
import type { NetworkSpec } from '#lib/nn/spec';
import { npmPeer } from './npm-peer';
import { medianOf } from './timing';

/** What we use of TensorFlow.js. */
interface Tensors {
  dispose(): void;
}
interface Model {
  add(layer: unknown): void;
  compile(how: unknown): void;
  trainOnBatch(x: Tensors, y: Tensors): Promise<unknown>;
}
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  sequential(): Model;
  readonly layers: Readonly<Record<'lstm' | 'dropout' | 'dense', (options: unknown) => unknown>>;
  readonly train: { adam(rate: number): unknown };
  tensor3d(data: Float32Array, shape: readonly number[]): Tensors;
  tensor2d(data: Float32Array, shape: readonly number[]): Tensors;
}

export interface TensorFlowPeer {
  readonly version: string;
  /** Median over a few batches, after one to warm up. */
  msPerBatch(backend: 'cpu' | 'wasm', batches: number): Promise<number>;
}

/** The same network in TensorFlow.js; null where it cannot be installed. */
export async function startTensorFlow(
  spec: NetworkSpec,
  series: Float32Array,
  ahead: number,
  batch: number,
): Promise<TensorFlowPeer | null> {
  const peer = npmPeer('@tensorflow/tfjs', ['@tensorflow/tfjs-backend-wasm']);
  if (peer === null) return null;
  const tf = peer.exports as TensorFlow;
  const wasm = peer.require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void };
  wasm.setWasmPaths(join(dirname(peer.require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'));
  await tf.ready();
  return {
    version: peer.version,
    msPerBatch: async (backend, batches) => {
      await tf.setBackend(backend);
      await tf.ready();
      const model = build(tf, spec);
      const times: number[] = [];
      for (let round = 0; round <= batches; round++) {
        const [x, y] = someBatch(tf, spec, series, ahead, batch);
        const start = performance.now();
        await model.trainOnBatch(x, y);
        if (round > 0) times.push(performance.now() - start);
        x.dispose();
        y.dispose();
      }
      return medianOf(times);
    },
  };
}

function build(tf: TensorFlow, spec: NetworkSpec): Model {
  const model = tf.sequential();
  const recurrent = spec.layers.filter(({ kind }) => kind === 'lstm').length;
  spec.layers.forEach((layer, index) => {
    if (layer.kind === 'dropout') model.add(tf.layers.dropout({ rate: layer.rate }));
    else if (layer.kind === 'dense') model.add(tf.layers.dense({ units: layer.units, activation: layer.activation }));
    else {
      const before = spec.layers.slice(0, index).filter(({ kind }) => kind === 'lstm').length;
      const shape = index === 0 ? { inputShape: [spec.steps, spec.inputs] } : {};
      // Its default for recurrent weights, orthogonal, takes minutes to draw.
      const drawn = { recurrentInitializer: 'glorotNormal' };
      model.add(tf.layers.lstm({ units: layer.units, returnSequences: before + 1 < recurrent, ...drawn, ...shape }));
    }
  });
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
  return model;
}

function someBatch(
  tf: TensorFlow,
  spec: NetworkSpec,
  series: Float32Array,
  ahead: number,
  batch: number,
): [Tensors, Tensors] {
  const x = new Float32Array(batch * spec.steps);
  const y = new Float32Array(batch * ahead);
  for (let b = 0; b < batch; b++) {
    x.set(series.subarray(97 * b, 97 * b + spec.steps), b * spec.steps);
    y.set(series.subarray(97 * b + spec.steps, 97 * b + spec.steps + ahead), b * ahead);
  }
  return [tf.tensor3d(x, [batch, spec.steps, spec.inputs]), tf.tensor2d(y, [batch, ahead])];
}
