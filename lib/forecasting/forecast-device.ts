import type { JsonObject } from '../core/json';
import type { Reading, ReadingTable } from '../core/readings';
import type { BreachSettings, BreachSubject } from './breach';
import type { Limit } from './breach-state';
import type { BreachEvent } from './events';
import type { Forecast } from './forecast';
import type { ForecastSource } from './forecast-source';
import { type GivenLimits, LimitWatch, type LimitSources, type Sample } from './limit-watch';
import { TrendWatch } from './trend-watch';

export interface ForecastDeviceSettings {
  /** The model's name. */
  readonly model: string;
  /** How far ahead: so many steps, or so long; where both are null, as far as the model was made for. */
  readonly horizonSteps: number | null;
  readonly horizonMs: number | null;
  /** Samples between forecasts; null: only when asked. */
  readonly everySamples: number | null;
  readonly limits: LimitSources;
  readonly breach: BreachSettings;
}

/** An actual value that has come. */
export interface ActualValue extends Sample {
  readonly device: string;
}

/** A breach that is expected. */
export interface ExpectedBreach extends Limit {
  /** From the newest value to it. */
  readonly inMs: number;
}

/** What was found out, in the order of the readings. */
export interface ForecastFindings {
  readonly forecasts: Forecast[];
  readonly actuals: ActualValue[];
  readonly events: BreachEvent[];
}

export function noFindings(): ForecastFindings {
  return { forecasts: [], actuals: [], events: [] };
}

/** Most steps of a forecast: a week of minutes. */
export const MAX_STEPS = 10_080;

/** One device: what forecasts it, and what of its limits is expected. */
export class ForecastDevice {
  /** Null until it was looked for. */
  source: ForecastSource | null = null;
  /** What was kept of the source, until there is one. */
  saved: JsonObject | null = null;
  /** There may be a newer model. */
  isStale = true;
  /** A model could not be read: time to look again, epoch ms. */
  lookAgainMs = Infinity;
  /** The last forecast. */
  latest: Forecast | null = null;
  readonly limits: LimitWatch;
  readonly #trend = new TrendWatch();
  #samplesSince = 0;

  constructor(
    readonly name: string,
    private readonly settings: ForecastDeviceSettings,
  ) {
    this.limits = new LimitWatch(settings.limits, settings.breach);
  }

  /** True where as many samples have come as lie between forecasts. */
  get isDue(): boolean {
    const { everySamples } = this.settings;
    return everySamples !== null && this.#samplesSince >= everySamples;
  }

  /** True where a forecast now would say more than the last one. */
  get hasNews(): boolean {
    return this.#samplesSince > 0;
  }

  /** Breaches that are expected. */
  get expected(): readonly ExpectedBreach[] {
    const newestMs = this.source?.predictor?.newestMs ?? null;
    return this.limits.expected.map(({ direction, value, at }) => {
      const atMs = Date.parse(at);
      return { direction, value, inMs: Math.max(0, atMs - (newestMs ?? atMs)) };
    });
  }

  /** @throws MlError where the readings hold nothing that could be forecast */
  observe(reading: Reading, given: GivenLimits, found: ForecastFindings): void {
    this.limits.hear(given, reading.values);
    this.#arrived(this.source?.push(reading) ?? [], found);
  }

  /** Takes in a batch of recent readings. @throws MlError as `observe` */
  take(table: ReadingTable, newest: Reading, given: GivenLimits, found: ForecastFindings): void {
    this.limits.hear(given, newest.values);
    this.#arrived(this.source?.take(table) ?? [], found);
  }

  /** Forecasts, as far as it can. @returns whether it could */
  forecast(found: ForecastFindings): boolean {
    const { source } = this;
    const steps = this.#steps();
    const made = steps === 0 ? null : (source?.predictor?.forecast(steps) ?? null);
    const subject = this.#subject();
    if (source?.predictor == null || made === null || subject === null) return false;
    const { predictor, note } = source;
    const { newestMs, ...rest } = made;
    const { device, field, model } = subject;
    const trend = this.#trend.of(predictor.history, source.periods);
    const forecast: Forecast = { device, field, model, ...rest, trend, ...(note !== null && { note }) };
    this.latest = forecast;
    this.#samplesSince = 0;
    found.forecasts.push(forecast);
    const probabilities = predictor.probabilitiesBeyond.bind(predictor, steps);
    this.limits.forecast({ nowMs: newestMs, stepMs: made.stepMs, probabilities }, subject, found.events);
    return true;
  }

  /** Ends what is expected, by hand. */
  end(nowMs: number, found: ForecastFindings): void {
    this.limits.end(nowMs, this.#subject() ?? this.#unknown(), found.events);
  }

  snapshot(): JsonObject {
    return { limits: this.limits.snapshot(), ...(this.source?.snapshot() ?? this.saved) };
  }

  /** How good the forecasts were, with what it takes to read it. */
  accuracySnapshot(): JsonObject {
    if (this.latest === null) return {};
    const { field, model, stepMs, level, accuracy } = this.latest;
    return { field, model, stepMs, level, accuracy } as unknown as JsonObject;
  }

  #arrived(samples: readonly Sample[], { actuals, events }: ForecastFindings): void {
    const subject = this.#subject();
    if (subject === null) return;
    this.#samplesSince += samples.length;
    for (const sample of samples) {
      actuals.push({ device: this.name, ...sample });
      this.limits.value(sample, subject, events);
    }
  }

  #steps(): number {
    const { source } = this;
    if (source?.predictor == null) return 0;
    const { horizonSteps, horizonMs } = this.settings;
    const { stepMs } = source.predictor.history;
    const asked = horizonSteps ?? (horizonMs === null ? source.horizon : Math.ceil(horizonMs / stepMs));
    return Math.max(1, Math.min(asked, source.isBound ? source.horizon : MAX_STEPS, MAX_STEPS));
  }

  #subject(): BreachSubject | null {
    const { source } = this;
    return source?.field == null ? null : { device: this.name, field: source.field, model: source.model };
  }

  #unknown(): BreachSubject {
    return { device: this.name, field: '', model: { name: this.settings.model, version: 0, algorithm: 'none' } };
  }
}
