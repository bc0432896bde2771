import { MlError } from '../../lib/core/errors';
import { batchSteps, makeBatch } from '../../lib/synthetic/batch';
import { csvHeader, csvLine, flatRow, type SyntheticRow } from '../../lib/synthetic/rows';
import type { SyntheticSettings } from './settings';

/** The event loop is let go after so long. */
const SLICE_MS = 10;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Batch {
  readonly rows: number;
  /** The rows, or the text of a CSV file. */
  readonly payload: SyntheticRow[] | string;
}

/**
 * Makes a batch in slices, so that other flows go on meanwhile.
 * @param nowMs - epoch ms; the time of the last row where the settings give no start
 * @throws MlError `ABORTED` when the signal is, `LIMIT` when the batch is too large
 */
export async function batchOf(settings: SyntheticSettings, nowMs: number, signal: AbortSignal): Promise<Batch> {
  const { profile, devices, days, intervalMs, scenarios, seed, format } = settings;
  const span = { profile, devices, days, intervalMs, scenarios, seed };
  const steps = batchSteps(span);
  const startMs = settings.startMs ?? nowMs - (steps - 1) * intervalMs;
  const rows: SyntheticRow[] = [];
  const lines = [csvHeader(profile)];
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const reading of makeBatch({ ...span, startMs })) {
    if (format === 'csv') lines.push(csvLine(reading));
    else rows.push(flatRow(reading));
    if (performance.now() < sliceEndMs) continue;
    await nextTurn();
    if (signal.aborted) throw new MlError('ABORTED', 'The batch was cancelled.');
    sliceEndMs = performance.now() + SLICE_MS;
  }
  return { rows: steps * devices.length, payload: format === 'csv' ? `${lines.join('\n')}\n` : rows };
}
