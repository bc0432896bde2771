import type { Forecaster, ModelState } from '../../core/algorithm';
import type { History } from '../../core/history';
import { Network } from '../../nn/network';
import type { Weights } from '../../nn/weights';
import { networkFor, type Frame } from './frame';
import { interpolate } from './leads';
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
    const { window, leads } = this.parts.frame;
    const reach = leads.at(-1)!;
    const rounds = Math.ceil(horizon / reach);
    for (let first = 0; first < origins.length; first += TOGETHER) {
      const some = origins.slice(first, first + TOGETHER);
      const stretches = some.map((origin) => stretchAt(history, this.parts.frame, origin, rounds * reach));
      for (let round = 0; round < rounds; round++) this.#extend(stretches, window + round * reach);
      stretches.forEach(({ target }, row) => {
        out.set(target.subarray(window, window + horizon), (first + row) * horizon);
      });
    }
    return out;
  }

  /** Writes what follows sample `end` of each stretch into it, up to the last lead. */
  #extend(stretches: readonly Stretch[], end: number): void {
    const { leads } = this.parts.frame;
    const { size } = this.#scale.shape;
    const rows = new Float32Array(stretches.length * size);
    stretches.forEach((stretch, row) => {
      this.#scale.write(stretch, end, rows.subarray(row * size, (row + 1) * size));
    });
    const offsets = Int32Array.from({ length: stretches.length }, (_, row) => row * size);
    const outputs = offsets.length === 1 ? this.#network.predict(rows) : this.#network.predictAll(rows, offsets);
    stretches.forEach((stretch, row) => {
      const steps = interpolate(leads, outputs.subarray(row * leads.length, (row + 1) * leads.length));
      steps.forEach((output, i) => {
        stretch.target[end + i] = this.#scale.fromOutput(output, stretch, end);
      });
    });
  }

  snapshot(): ModelState {
    return packNetwork(this.parts);
  }
}
