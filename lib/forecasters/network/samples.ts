import type { TrainingHistory } from '../../core/history';
import type { Samples } from '../../nn/shard';
import type { Frame } from './frame';
import { wholeStretch, type WindowScale } from './stretch';

/** Most windows that are learned from, and most numbers in all of them; of a longer history they are spread evenly. */
const MAX_SAMPLES = 20_000;
const MAX_NUMBERS = 8_000_000;

/** How many windows there are to learn from, and how many samples apart they lie. */
export function spread(length: number, frame: Frame, rowSize: number): { count: number; stride: number } {
  const possible = length - frame.window - frame.ahead + 1;
  const most = Math.max(1, Math.min(MAX_SAMPLES, Math.floor(MAX_NUMBERS / rowSize)));
  const stride = Math.ceil(possible / most);
  return { count: Math.floor((possible - 1) / stride) + 1, stride };
}

/** Windows in time order, the newest among them, with what followed each. */
export function makeSamples(history: TrainingHistory, frame: Frame, scale: WindowScale): Samples {
  const stretch = wholeStretch(history, frame);
  const { length } = history.target;
  const { size } = scale.shape;
  const { ahead } = frame;
  const { count, stride } = spread(length, frame, size);
  const inputs = new Float32Array(count * size);
  const targets = new Float32Array(count * ahead);
  for (let sample = 0; sample < count; sample++) {
    const origin = length - ahead - (count - 1 - sample) * stride;
    scale.write(stretch, origin, inputs.subarray(sample * size, (sample + 1) * size));
    for (let i = 0; i < ahead; i++) {
      targets[sample * ahead + i] = scale.toOutput(stretch.target[origin + i]!, stretch, origin);
    }
  }
  return {
    inputs,
    inputOffsets: Int32Array.from({ length: count }, (_, i) => i * size),
    targets,
    targetOffsets: Int32Array.from({ length: count }, (_, i) => i * ahead),
  };
}

/** Bytes that the samples of a history take. */
export function sampleBytes(length: number, frame: Frame, rowSize: number): number {
  return 4 * spread(length, frame, rowSize).count * (rowSize + frame.ahead + 2);
}
