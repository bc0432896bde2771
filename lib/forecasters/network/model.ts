import type { Forecaster, ModelState } from '../../core/algorithm';
import type { History } from '../../core/history';
import { Network } from '../../nn/network';
import type { Weights } from '../../nn/weights';
import { networkFor, type Frame } from './frame';
import type { Recipe } from './recipe';
import type { Scales } from './scales';
import { packNetwork } from './state';
import { stretchAt, WindowScale, type Stretch } from './stretch';

/** Origins that are forecast together. */
const TOGETHER = 256;

/** A fitted network with what it needs around it. */
export interface NetworkParts {
  readonly frame: Frame;
  readonly scales: Scales;
  readonly weights: Weights;
}

/** Forecasts by a network: as far as it was trained for at once, beyond that from its own forecasts. */
export class NetworkForecaster implements Forecaster {
  readonly #network: Network;
  readonly #scale: WindowScale;

  constructor(
    private readonly parts: NetworkParts,
    recipe: Recipe,
  ) {
    this.#network = new Network(networkFor(parts.frame, recipe), parts.weights);
    this.#scale = new WindowScale(parts.frame, recipe, parts.scales);
  }

  get lookback(): number {
    return this.parts.frame.window;
  }

  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const out = new Float64Array(origins.length * horizon);
    const { window, ahead } = this.parts.frame;
    const rounds = Math.ceil(horizon / ahead);
    for (let first = 0; first < origins.length; first += TOGETHER) {
      const some = origins.slice(first, first + TOGETHER);
      const stretches = some.map((origin) => stretchAt(history, this.parts.frame, origin, rounds * ahead));
      for (let round = 0; round < rounds; round++) this.#extend(stretches, window + round * ahead);
      stretches.forEach(({ target }, row) => {
        out.set(target.subarray(window, window + horizon), (first + row) * horizon);
      });
    }
    return out;
  }

  /** Writes what follows sample `end` of each stretch into it, as far as the network gives it at once. */
  #extend(stretches: readonly Stretch[], end: number): void {
    const { ahead } = this.parts.frame;
    const { size } = this.#scale.shape;
    const rows = new Float32Array(stretches.length * size);
    stretches.forEach((stretch, row) => {
      this.#scale.write(stretch, end, rows.subarray(row * size, (row + 1) * size));
    });
    const offsets = Int32Array.from({ length: stretches.length }, (_, row) => row * size);
    const outputs = offsets.length === 1 ? this.#network.predict(rows) : this.#network.predictAll(rows, offsets);
    stretches.forEach((stretch, row) => {
      for (let i = 0; i < ahead; i++) {
        stretch.target[end + i] = this.#scale.fromOutput(outputs[row * ahead + i]!, stretch, end);
      }
    });
  }

  snapshot(): ModelState {
    return packNetwork(this.parts);
  }
}
