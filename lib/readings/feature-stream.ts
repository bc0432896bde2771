import { createHash } from 'node:crypto';
import { MlError, show } from '../core/errors';
import type { JsonObject } from '../core/json';
import type { Pipeline } from '../core/pipeline';
import type { Reading } from '../core/readings';
import { holds } from './condition';
import { FeatureMaker, featurePlan, type FeaturePlan } from './feature-maker';
import type { FeatureRow } from './feature-row';
import { measured } from './numbers';
import { rowLayout, type RowLayout } from './row-layout';
import { Sampler, type Sample } from './sampler';
import { checkStreamSnapshot, type StreamSnapshot } from './stream-snapshot';

/**
 * Turns one device's readings into feature rows, one by one. Training and live scoring both use exactly this class, so
 * that live readings meet what training met.
 *
 * At the start and after a gap (`Pipeline.gapMs`) what needs more past than there is, is missing: lags, rates, and
 * windows until they are full. A late reading's features see no past at all, and it leaves no trace in the windows of
 * others; after 100 late ones in a row the clock is taken to have been put back, and all starts anew.
 *
 * Cost: about 1 µs a reading, and some 10 ns for each row of each window.
 */
export class FeatureStream {
  readonly #pipeline: Pipeline;
  readonly #layout: RowLayout;
  readonly #plan: FeaturePlan;
  readonly #medians: Float64Array;
  readonly #features: FeatureMaker;
  #sampler: Sampler;
  /** Time of the newest row that went into the windows. */
  #lastRowMs = NaN;

  /** @throws MlError `PARAMETER` for an unknown time zone */
  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#layout = rowLayout(pipeline);
    this.#plan = featurePlan(pipeline, this.#layout);
    this.#medians = Float64Array.from({ length: this.#plan.width }, (_, i) => pipeline.medians[i] ?? NaN);
    this.#features = new FeatureMaker(this.#plan);
    this.#sampler = new Sampler(pipeline);
  }

  /**
   * Takes a reading in.
   * @returns the row it makes or completes; null where it is held back because its step is still open
   * @throws MlError `DATA` for a time that is not a number
   */
  push(reading: Reading): FeatureRow | null {
    const { timestampMs } = reading;
    if (!Number.isFinite(timestampMs)) {
      throw new MlError('DATA', `The time of a reading must be a number of milliseconds, got ${show(timestampMs)}.`);
    }
    const samples = this.#sampler.push(timestampMs, this.#valuesOf(reading), reading.label);
    let row: FeatureRow | null = null;
    // Of two rows the first, older one goes into the windows and is not judged: one reading gives one verdict.
    for (const sample of samples) row = this.#rowOf(sample);
    return row;
  }

  /** Ends the step that is still open, since no reading will come any more. @returns its row; null where none is open */
  end(): FeatureRow | null {
    const sample = this.#sampler.end();
    return sample === null ? null : this.#rowOf(sample);
  }

  /** All columns of the layout; the derived ones are still empty. */
  #valuesOf({ values }: Reading): Float64Array {
    const { inputs, names } = this.#layout;
    const row = new Float64Array(names.length);
    for (let i = 0; i < inputs.length; i++) {
      row[i] = measured(values.get(inputs[i]!) ?? NaN);
    }
    return row;
  }

  #rowOf({ timestampMs, values, label, late, sampling }: Sample): FeatureRow {
    this.#layout.derive(values);
    const maker = late ? new FeatureMaker(this.#plan) : this.#features;
    const features = maker.next(values, timestampMs, late ? NaN : this.#elapsedMs(timestampMs));
    const { pastSources } = this.#plan;
    let withoutPast = 0;
    for (let i = 0; i < features.length; i++) {
      if (Number.isFinite(features[i]!)) continue;
      features[i] = this.#medians[i]!;
      const source = pastSources[i]!;
      if (source >= 0 && !Number.isNaN(values[source])) withoutPast++;
    }
    const { names } = this.#layout;
    const reading = new Map<string, number>();
    for (let i = 0; i < names.length; i++) {
      const value = values[i]!;
      if (!Number.isNaN(value)) reading.set(names[i]!, value);
    }
    const { fields } = this.#pipeline;
    const missing = fields.filter((field) => !reading.has(field));
    const row = {
      timestampMs,
      values: features,
      missing,
      withoutPast,
      past: maker.past,
      verdict: this.#verdict(reading, missing),
      late,
      sampling,
      reading,
    };
    return label === undefined ? row : { ...row, label };
  }

  /** Since the row before; NaN after a gap, where the past is forgotten. */
  #elapsedMs(timestampMs: number): number {
    const elapsedMs = timestampMs - this.#lastRowMs;
    this.#lastRowMs = timestampMs;
    const { gapMs } = this.#pipeline;
    const isGap = elapsedMs < 0 || (gapMs > 0 && elapsedMs > gapMs);
    if (isGap) this.#features.clear();
    return isGap ? NaN : elapsedMs;
  }

  #verdict(reading: ReadonlyMap<string, number>, missing: readonly string[]): FeatureRow['verdict'] {
    const { judgeWhen, fields } = this.#pipeline;
    if (judgeWhen !== undefined && !holds(judgeWhen, reading.get(judgeWhen.field) ?? NaN)) return 'not-now';
    return 2 * missing.length > fields.length ? 'mostly-missing' : 'judge';
  }

  /** All that has been seen and still matters, as plain JSON: at most the longest window's rows of each field. */
  snapshot(): JsonObject {
    const snapshot: StreamSnapshot = {
      pipeline: signatureOf(this.#pipeline),
      lastRowMs: Number.isNaN(this.#lastRowMs) ? null : this.#lastRowMs,
      sampler: this.#sampler.snapshot(),
      histories: this.#features.snapshot(),
    };
    return snapshot;
  }

  /**
   * Goes on where the snapshot was taken, with the same bits. The snapshot of another pipeline or a damaged one starts
   * anew.
   */
  static restore(pipeline: Pipeline, snapshot: JsonObject): FeatureStream {
    const stream = new FeatureStream(pipeline);
    const known = checkStreamSnapshot(snapshot, stream.#layout.names.length, stream.#plan.pasts.length);
    if (known?.pipeline !== signatureOf(pipeline)) return stream;
    stream.#lastRowMs = known.lastRowMs ?? NaN;
    stream.#sampler = Sampler.restore(pipeline, known.sampler);
    stream.#features.restore(known.histories);
    return stream;
  }
}

/** Of all that decides what stands in the windows. */
function signatureOf({ fields, derived, features, stepMs, stepGiven, aggregation, judgeWhen }: Pipeline): string {
  const decisive = [fields, derived, features, stepMs, stepGiven, aggregation, judgeWhen?.field ?? null];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('base64');
}
