import type { JsonObject } from '../core/json';
import type { Reading } from '../core/readings';
import type { FeatureRow } from '../readings/feature-row';
import { CLOCK_PUT_BACK_ROWS } from '../readings/limits';

const NO_FEATURES = new Float64Array(0);
const NO_FIELDS: readonly string[] = [];

/**
 * The rows of one device for the detector that learns as it goes. It has no pipeline: each reading is a row, with the
 * fields that it happens to have.
 */
export class LearningRows {
  #newestMs: number;
  #lateInARow: number;

  constructor(saved?: JsonObject) {
    const { newestMs, lateInARow } = saved ?? {};
    this.#newestMs = typeof newestMs === 'number' ? newestMs : -Infinity;
    this.#lateInARow = typeof lateInARow === 'number' ? lateInARow : 0;
  }

  push({ timestampMs, values, label }: Reading): FeatureRow {
    const late = timestampMs < this.#newestMs && ++this.#lateInARow < CLOCK_PUT_BACK_ROWS;
    if (!late) {
      this.#newestMs = timestampMs;
      this.#lateInARow = 0;
    }
    const row = {
      timestampMs,
      values: NO_FEATURES,
      missing: NO_FIELDS,
      withoutPast: 0,
      past: 1,
      verdict: 'judge',
      late,
      sampling: 'as-trained',
      reading: values,
    } as const;
    return label === undefined ? row : { ...row, label };
  }

  snapshot(): JsonObject {
    return { newestMs: Number.isFinite(this.#newestMs) ? this.#newestMs : null, lateInARow: this.#lateInARow };
  }
}
