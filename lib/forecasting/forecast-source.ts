import type { ForecasterArtifact } from '../core/artifact';
import type { ModelReference } from '../core/events';
import type { Json, JsonObject } from '../core/json';
import type { Reading, ReadingTable } from '../core/readings';
import { readingsOf } from '../readings/reading-tables';
import { newestSamples, type Progress } from './learner';
import type { Sample } from './limit-watch';
import { unpackModel } from './model-state';
import { Predictor } from './predictor';

/** What forecasts one device, wherever its model comes from. */
export interface ForecastSource {
  readonly model: ModelReference;
  /** Null until there is a model. */
  readonly predictor: Predictor | null;
  /** The field that is forecast; null until it is known. */
  readonly field: string | null;
  /** Steps ahead that the model was made for. */
  readonly horizon: number;
  /** Seasonal periods in samples, the shortest first. */
  readonly periods: readonly number[];
  /** True where it should not be asked for more. */
  readonly isBound: boolean;
  /** What should be known of the choice of the series. */
  readonly note: string | null;
  /** How far learning has come, while there is no model. */
  readonly progress: Progress | null;
  /** @returns the samples that the reading completes, oldest first */
  push(reading: Reading): readonly Sample[];
  /** Takes in a batch of recent readings. */
  take(table: ReadingTable): readonly Sample[];
  /** What has to survive a restart, beside the model. */
  snapshot(): JsonObject;
}

/** @param saved - what was kept of a predictor; of another version only its samples are taken over */
export function predictorOf(artifact: ForecasterArtifact, level: number, saved: Json | undefined): Predictor {
  const version = `${artifact.version}/${artifact.createdMs}`;
  const known = typeof saved === 'object' && saved !== null && !Array.isArray(saved) ? (saved as JsonObject) : {};
  return new Predictor(unpackModel(artifact.state), artifact.series, { level, version }, known);
}

export function referenceOf({ name, version, card }: ForecasterArtifact): ModelReference {
  return { name, version, algorithm: card.algorithm };
}

export function periodsOf({ card, series }: ForecasterArtifact): readonly number[] {
  return card.periodsMs.map((periodMs) => Math.round(periodMs / series.stepMs));
}

/** Takes a reading in. @returns the samples that it completes, oldest first */
export function pushTo(predictor: Predictor, reading: Reading): readonly Sample[] {
  const count = predictor.push(reading);
  return count === 0 ? [] : newestSamples(predictor.history, count);
}

/** Forecasts by a version from the store. */
export class TrainedSource implements ForecastSource {
  readonly isBound = false;
  readonly note = null;
  readonly progress = null;
  readonly predictor: Predictor;

  /** @throws MlError `ARTIFACT` where the model is damaged */
  constructor(
    readonly artifact: ForecasterArtifact,
    level: number,
    saved: Json | undefined,
  ) {
    this.predictor = predictorOf(artifact, level, saved);
  }

  get model(): ModelReference {
    return referenceOf(this.artifact);
  }

  /** Time of the last sample that the model brings along, epoch ms. */
  get trainedToMs(): number {
    const { startMs, stepMs, target } = unpackModel(this.artifact.state).history;
    return startMs + (target.length - 1) * stepMs;
  }

  get field(): string {
    return this.artifact.series.field;
  }

  get horizon(): number {
    return this.artifact.card.horizon;
  }

  get periods(): readonly number[] {
    return periodsOf(this.artifact);
  }

  push(reading: Reading): readonly Sample[] {
    return pushTo(this.predictor, reading);
  }

  take(table: ReadingTable): readonly Sample[] {
    return [...readingsOf(table)].flatMap((reading) => this.push(reading));
  }

  snapshot(): JsonObject {
    return { predictor: this.predictor.snapshot() };
  }
}

/** Forecasts nothing: there is no model, and none is to be learned. */
export class NoSource implements ForecastSource {
  readonly predictor = null;
  readonly field = null;
  readonly horizon = 0;
  readonly periods = [];
  readonly isBound = true;
  readonly note = null;
  readonly progress = null;
  readonly model: ModelReference;

  constructor(model: string) {
    this.model = { name: model, version: 0, algorithm: 'none' };
  }

  push(): readonly Sample[] {
    return [];
  }

  take(): readonly Sample[] {
    return [];
  }

  snapshot(): JsonObject {
    return {};
  }
}
