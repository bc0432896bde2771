import type { ForecasterArtifact } from '../core/artifact';
import { MlError } from '../core/errors';
import { readingsOf } from '../readings/reading-tables';
import type { ModelStore } from '../store/store';
import type { ForecastHistory } from './ask-with-history';
import { ForecastDevice, type ForecastDeviceSettings, type ForecastFindings, noFindings } from './forecast-device';
import { TrainedSource } from './forecast-source';
import { missedBy } from './missed-readings';

export interface ForecastOnceSettings extends ForecastDeviceSettings {
  /** Probability with which an interval holds the true value. */
  readonly level: number;
}

/**
 * Forecasts a device by the trained model that the settings name, from past readings where there are any, else from the
 * end of those that it was trained on. Nothing is kept, and no limit is watched: for who answers questions about many
 * models.
 * @param history - null: there is none
 * @throws MlError `NOT_FOUND` where the device has no such model, `CONFLICT` where it forecasts nothing, what the store
 *   and `read` throw
 */
export async function forecastOnce(
  models: ModelStore,
  settings: ForecastOnceSettings,
  device: string,
  history: ForecastHistory | null,
  nowMs: number,
): Promise<ForecastFindings> {
  const source = new TrainedSource(await forecasterOf(models, settings.model, device), settings.level, undefined);
  const asked = new ForecastDevice(device, { ...settings, limits: { above: null, below: null } });
  asked.source = source;
  const missed = missedBy(source, '', nowMs);
  if (history !== null && missed !== null) {
    const { fields, fromMs } = missed;
    const table = await history.read({ device, fields, fromMs: fromMs ?? source.trainedToMs, toMs: nowMs });
    const newest = [...readingsOf(table)].at(-1);
    if (newest !== undefined) asked.take(table, newest, {}, noFindings());
  }
  const found = noFindings();
  asked.forecast(found);
  return found;
}

async function forecasterOf(models: ModelStore, name: string, device: string): Promise<ForecasterArtifact> {
  const active = await models.active({ name, device });
  if (active === null) {
    throw new MlError('NOT_FOUND', `There is no model "${name}" of ${device}: train one, or check msg.model.`);
  }
  if (active.artifact.kind === 'forecaster') return active.artifact;
  throw new MlError(
    'CONFLICT',
    `The model "${name}" of ${device} detects, and does not forecast; use it in ml-detect.`,
  );
}
