import { type ForecastSource, NoSource, TrainedSource } from './forecast-source';

/** Past readings that would make a device's forecast better. */
export interface MissedReadings {
  /** From when on, epoch ms; null: as far back as usual. */
  readonly fromMs: number | null;
  /** Empty: all there are. */
  readonly fields: readonly string[];
  /** True: what has come is too little to go on from; it is taken in again with the past. */
  readonly anew: boolean;
}

/**
 * What has passed by the source of a device's forecasts; null: nothing that would help it.
 * @param field - the one that is learned where there is no model; empty: any
 */
export function missedBy(source: ForecastSource | null, field: string, nowMs: number): MissedReadings | null {
  if (source === null || source instanceof NoSource) return null;
  const { predictor } = source;
  if (predictor === null) return { fromMs: null, fields: field === '' ? [] : [field], anew: true };
  const { inputs, reachMs, newestReadingMs } = predictor;
  const anew = predictor.isShort && source instanceof TrainedSource;
  const knownMs = anew ? source.trainedToMs : newestReadingMs;
  if (nowMs - knownMs <= predictor.history.stepMs) return null;
  return { fromMs: Math.max(knownMs + 1, nowMs - reachMs), fields: inputs, anew };
}
