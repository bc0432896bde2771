import type { Reference } from '../../core/artifact';
import type { JsonObject } from '../../core/json';
import { type Block, blockOf, BLOCKS_A_WINDOW, emptyBlock, windowOf } from './blocks';
import { binOf, kolmogorovSmirnov, stabilityIndex } from './divergence';
import { loadDrift, saveDrift } from './drift-state';

/** How a feature's live rows differ from those of training. */
export interface FeatureDrift {
  readonly feature: string;
  /** Population stability index; from 0.25 on a lot. */
  readonly stabilityIndex: number;
  /** Kolmogorov's and Smirnov's distance, 0…1. */
  readonly distance: number;
  /** Both in units of what is normal for the feature, the lesser of the two: above 1 it has drifted. */
  readonly level: number;
}

/** What is known after a window. */
export interface DriftFinding {
  /** The largest level first. */
  readonly features: readonly FeatureDrift[];
  /** Where the blocks begin that made a drift, or ended one; epoch ms. */
  readonly sinceMs: number;
  readonly change: 'began' | 'ended' | null;
}

/** What of a watch survives a restart. */
export interface DriftState {
  /** Number of the block that is being filled. */
  readonly block: number;
  /** The finished blocks of the window, the oldest first, and the one that is being filled. */
  readonly blocks: readonly Block[];
  readonly isOn: boolean;
  /** Windows in a row that say otherwise than `isOn`. */
  readonly against: number;
}

/** A drift is on, or over, when more windows in a row say so than a single odd block can make. */
const WINDOWS_TO_CHANGE = BLOCKS_A_WINDOW + 1;
/** A drift is over below this level. */
const OVER = 0.75;

/**
 * Watches whether a device's rows are still distributed as in training, feature by feature, over a sliding window of a
 * day or longer. What is told once has lasted for longer than a window, and ends after as long. Costs some 70 ns a
 * feature and row.
 */
export class DriftWatch {
  readonly #reference: Reference;
  readonly #edges: readonly Float64Array[];
  readonly #bins: readonly number[];
  #state: { block: number; blocks: Block[]; isOn: boolean; against: number };

  constructor(reference: Reference, saved?: JsonObject) {
    this.#reference = reference;
    this.#edges = reference.distributions.map(({ edges }) => Float64Array.from(edges));
    this.#bins = reference.distributions.map(({ counts }) => counts.length);
    const known = saved === undefined ? null : loadDrift(saved, this.#bins);
    this.#state = known === null ? this.#anew(NaN, false) : { ...known, blocks: [...known.blocks] };
  }

  /** Whether a drift is on. */
  get isOn(): boolean {
    return this.#state.isOn;
  }

  /**
   * Takes a row in.
   * @param values - one number a feature of the reference, NaN where missing; in time order
   * @returns what is known now, where the row begins a new block and the window before it was full enough; else null
   */
  push(timestampMs: number, values: ArrayLike<number>): DriftFinding | null {
    const block = blockOf(timestampMs, this.#reference.windowMs);
    const finding = block === this.#state.block ? null : this.#turnTo(block);
    const { rows, counts } = this.#state.blocks.at(-1)!;
    this.#state.blocks.at(-1)!.rows = rows + 1;
    for (let f = 0; f < counts.length; f++) {
      const value = values[f]!;
      if (!Number.isNaN(value)) counts[f]![binOf(this.#edges[f]!, value)]!++;
    }
    return finding;
  }

  snapshot(): JsonObject {
    return saveDrift(this.#state);
  }

  /** Begins another block; one that does not follow begins another window. */
  #turnTo(block: number): DriftFinding | null {
    const { blocks, isOn } = this.#state;
    if (block !== this.#state.block + 1) {
      this.#state = this.#anew(block, isOn);
      return null;
    }
    const window = windowOf(blocks.slice(-BLOCKS_A_WINDOW));
    const finding = window === null ? null : this.#judge(window);
    this.#state.block = block;
    this.#state.blocks = [...blocks.slice(1 - BLOCKS_A_WINDOW), emptyBlock(this.#bins)];
    return finding;
  }

  #judge(window: readonly Float64Array[]): DriftFinding {
    const features = this.#reference.distributions
      .map(({ feature, counts, indexLimit, distanceLimit }, f): FeatureDrift => {
        const index = stabilityIndex(window[f]!, counts);
        const distance = kolmogorovSmirnov(window[f]!, counts);
        const level = Math.min(index / indexLimit, distance / distanceLimit);
        return { feature, stabilityIndex: index, distance, level };
      })
      .sort((a, b) => b.level - a.level);
    const state = this.#state;
    const { level } = features[0]!;
    state.against = (state.isOn ? level < OVER : level > 1) ? state.against + 1 : 0;
    const isChange = state.against >= WINDOWS_TO_CHANGE;
    if (isChange) {
      state.isOn = !state.isOn;
      state.against = 0;
    }
    const blockMs = this.#reference.windowMs / BLOCKS_A_WINDOW;
    const sinceMs = (state.block + 1 - WINDOWS_TO_CHANGE) * blockMs;
    return { features, sinceMs, change: isChange ? (state.isOn ? 'began' : 'ended') : null };
  }

  #anew(block: number, isOn: boolean): { block: number; blocks: Block[]; isOn: boolean; against: number } {
    return { block, blocks: [emptyBlock(this.#bins)], isOn, against: 0 };
  }
}
