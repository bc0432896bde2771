import type { JsonObject } from '../core/json';
import type { Pipeline } from '../core/pipeline';
import { Bucket, type BucketSnapshot } from './bucket';
import type { FeatureRow } from './feature-row';
import { CLOCK_PUT_BACK_ROWS } from './limits';
import { Rhythm, type Tempo } from './rhythm';

/** One row of values, before features are made of it. */
export interface Sample {
  readonly timestampMs: number;
  readonly values: Float64Array;
  readonly label: string | undefined;
  readonly late: boolean;
  readonly sampling: FeatureRow['sampling'];
}

/** Plain JSON. */
export interface SamplerSnapshot extends JsonObject {
  readonly newestMs: number | null;
  readonly emittedMs: number | null;
  readonly lateInRow: number;
  readonly intervals: readonly number[];
  readonly open: BucketSnapshot | null;
}

/**
 * Decides which readings become rows. A given step is a grid: each cell's readings become one row as soon as a reading
 * of a later cell shows that it is complete. A step found in the data is a rhythm: readings at about that rate, and
 * slower ones, are rows as they come; clearly faster ones are put on the grid.
 */
export class Sampler {
  readonly #pipeline: Pipeline;
  #rhythm: Rhythm;
  #newestMs = -Infinity;
  #emittedMs = -Infinity;
  #lateInRow = 0;
  #open: Bucket | null = null;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#rhythm = new Rhythm(pipeline.stepMs);
  }

  /**
   * Takes a reading in.
   * @returns the rows that it completes, in time order: none while its step is open; two where the rhythm falls back
   * from faster to the trained one, so that an open step ends and the reading is a row itself
   */
  push(timestampMs: number, values: Float64Array, label: string | undefined): readonly Sample[] {
    if (timestampMs < this.#newestMs) {
      if (this.#open !== null && this.#cellOf(timestampMs) === this.#open.index) {
        this.#open.add(timestampMs, values, label);
        return [];
      }
      this.#lateInRow++;
      if (this.#lateInRow < CLOCK_PUT_BACK_ROWS) {
        return [{ timestampMs, values, label, late: true, sampling: this.#sampling(this.#rhythm.tempo) }];
      }
      this.#startAnew();
    }
    this.#lateInRow = 0;
    this.#rhythm.add(timestampMs - this.#newestMs);
    this.#newestMs = timestampMs;

    const { stepMs, stepGiven, aggregation } = this.#pipeline;
    const { tempo } = this.#rhythm;
    const onGrid = stepMs > 0 && (stepGiven || tempo === 'faster');
    const cell = this.#cellOf(timestampMs);
    if (onGrid && this.#open?.index === cell) {
      this.#open.add(timestampMs, values, label);
      return [];
    }
    const ended = this.end();
    const samples: Sample[] = ended === null ? [] : [ended];
    if (onGrid) {
      this.#open = new Bucket(cell, aggregation, values.length);
      this.#open.add(timestampMs, values, label);
    } else {
      samples.push(this.#emit(timestampMs, values, label, tempo));
    }
    return samples;
  }

  /** Ends the open step. @returns its row; null where none is open */
  end(): Sample | null {
    const open = this.#open;
    this.#open = null;
    if (open === null) return null;
    return this.#emit(open.index * this.#pipeline.stepMs, open.values(), open.label, this.#rhythm.tempo);
  }

  #cellOf(timestampMs: number): number {
    return Math.floor(timestampMs / this.#pipeline.stepMs);
  }

  #emit(timestampMs: number, values: Float64Array, label: string | undefined, tempo: Tempo): Sample {
    // A step that opened in the middle of a cell begins before the last row that came as it was: rows never go back.
    this.#emittedMs = Math.max(timestampMs, this.#emittedMs);
    return { timestampMs: this.#emittedMs, values, label, late: false, sampling: this.#sampling(tempo) };
  }

  #sampling(tempo: Tempo): FeatureRow['sampling'] {
    if (tempo !== 'faster') return tempo;
    return this.#pipeline.stepGiven ? 'as-trained' : 'aggregating';
  }

  #startAnew(): void {
    this.#rhythm = new Rhythm(this.#pipeline.stepMs);
    this.#newestMs = -Infinity;
    this.#emittedMs = -Infinity;
    this.#open = null;
  }

  snapshot(): SamplerSnapshot {
    return {
      newestMs: finiteOrNull(this.#newestMs),
      emittedMs: finiteOrNull(this.#emittedMs),
      lateInRow: this.#lateInRow,
      intervals: this.#rhythm.snapshot(),
      open: this.#open?.snapshot() ?? null,
    };
  }

  static restore(pipeline: Pipeline, snapshot: SamplerSnapshot): Sampler {
    const sampler = new Sampler(pipeline);
    sampler.#rhythm = new Rhythm(pipeline.stepMs, snapshot.intervals);
    sampler.#newestMs = snapshot.newestMs ?? -Infinity;
    sampler.#emittedMs = snapshot.emittedMs ?? -Infinity;
    sampler.#lateInRow = snapshot.lateInRow;
    sampler.#open = snapshot.open && Bucket.restore(snapshot.open, pipeline.aggregation);
    return sampler;
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
