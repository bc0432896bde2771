import type { HistoryReader } from '../postgres/history/source';
import type { RangeMessage, TimeRange } from '../readings/time-range';
import type { ForecastFindings } from './forecast-device';
import type { ForecastMonitor } from './forecast-monitor';

/** Past readings to forecast from. */
export interface ForecastHistory extends Pick<HistoryReader, 'read'> {
  /** The stretch of time a message asks for; without a word of it, the usual one up to now. */
  rangeOf(message: RangeMessage, nowMs: number): TimeRange;
}

/**
 * Forecasts a device, after it has read what the device has missed: one that was never heard, that was silent, or whose
 * readings are too few as yet.
 * @throws MlError as `ForecastMonitor.ask` and `takeBatch`, what `read` throws
 */
export async function askWithHistory(
  monitor: ForecastMonitor,
  history: ForecastHistory,
  device: string,
  nowMs: number,
): Promise<ForecastFindings> {
  const missed = await monitor.missed(device, nowMs);
  if (missed === null) return monitor.ask(device, nowMs);
  const { fromMs } = missed.fromMs === null ? history.rangeOf({}, nowMs) : { fromMs: missed.fromMs };
  const table = await history.read({ device, fromMs, toMs: nowMs, fields: missed.fields });
  const found = table.timestampsMs.length > 0 ? await monitor.catchUp(table, missed, nowMs) : null;
  return found !== null && found.forecasts.length > 0 ? found : monitor.ask(device, nowMs);
}
