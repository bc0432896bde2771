import type { JsonObject } from '../core/json';
import type { Pipeline } from '../core/pipeline';
import type { Reading } from '../core/readings';
import type { FeatureRow } from './feature-row';

/**
 * Turns one device's readings into feature rows, one by one. Training and live scoring both use exactly this class, so
 * that live readings meet what training met.
 */
export class FeatureStream {
  readonly #fields: readonly string[];

  constructor(pipeline: Pipeline) {
    this.#fields = pipeline.fields;
  }

  /** @returns null where the reading is held back because its step is still open */
  push(reading: Reading): FeatureRow | null {
    const values = Float64Array.from(this.#fields, (field) => reading.values.get(field) ?? NaN);
    return {
      timestampMs: reading.timestampMs,
      values,
      missing: [],
      verdict: 'judge',
      late: false,
      sampling: 'as-trained',
      reading: reading.values,
    };
  }

  /** All that has been seen and still matters, as bounded plain JSON. */
  snapshot(): JsonObject {
    return {};
  }

  /** Goes on where the snapshot was taken, with the same bits; a snapshot of another pipeline or a damaged one starts anew. */
  static restore(pipeline: Pipeline, snapshot: JsonObject): FeatureStream {
    void snapshot;
    return new FeatureStream(pipeline);
  }
}
