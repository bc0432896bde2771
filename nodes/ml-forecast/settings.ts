import { MlError, show } from '../../lib/core/errors';
import { BREACH_DEFAULTS } from '../../lib/forecasting/breach';
import { MAX_STEPS } from '../../lib/forecasting/forecast-device';
import type { ForecastMonitorSettings } from '../../lib/forecasting/forecast-monitor';
import { zoneOffset } from '../../lib/readings/time-zone';
import { readingSpecs } from '../shared/read-messages';
import { durationSetting, numberSettings, optionalNumber } from '../shared/settings';
import type { MlForecastConfig } from './config';
import type { ForecastResultsSettings } from './forecast-results';
import { limitSources } from './limits';
import { optionalSpecs, settingSpecs } from './numbers';

const OWNER = 'ml-forecast';
const WHEN = ['sample', 'samples', 'timer', 'asked'] as const;
/** Steps as text: `12`, `12 steps`. */
const STEPS = /^\s*(\d+)\s*(steps?)?\s*$/i;

/** A configuration, read and checked. */
export interface ForecastSettings {
  readonly monitor: ForecastMonitorSettings;
  /** Time between forecasts; null: not by the clock. */
  readonly everyMs: number | null;
  readonly results: ForecastResultsSettings;
}

/** @throws MlError `PARAMETER` naming the setting, its range and what it is */
export function settingsOf(config: MlForecastConfig): ForecastSettings {
  const numbers = numberSettings(OWNER, settingSpecs, config);
  const { maxDevices } = numberSettings(OWNER, { maxDevices: readingSpecs.maxDevices }, config);
  const step = optionalNumber(OWNER, 'step', optionalSpecs.step, config.step);
  const { when } = config;
  if (!WHEN.includes(when)) {
    throw new MlError('PARAMETER', `${OWNER}: when must be one of ${WHEN.join(', ')}, got ${show(when)}.`);
  }
  const everySamples = { sample: 1, samples: numbers.everySamples, timer: null, asked: null }[when];
  const raise = numbers.breachProbability;
  const timeZone = config.timeZone.trim() || Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Refused here, not only when a model is learned.
  zoneOffset(timeZone);
  return {
    monitor: {
      model: config.model.trim() || 'default',
      useOwn: config.useOwn,
      useLearning: config.useLearning,
      field: config.field.trim(),
      ...(step !== undefined && { stepMs: step * 1000 }),
      ...horizonOf(config.horizon),
      timeZone,
      neededSamples: numbers.neededSamples,
      level: numbers.level,
      everySamples,
      limits: limitSources(OWNER, config),
      breach: { ...BREACH_DEFAULTS, raise, withdraw: raise / 2, raiseAfter: numbers.raiseAfter },
      maxDevices,
    },
    everyMs: when === 'timer' ? numbers.everySeconds * 1000 : null,
    results: { database: config.resultsDatabase, everyMs: numbers.writeEvery * 60_000, maxDevices },
  };
}

function horizonOf(text: unknown): Pick<ForecastMonitorSettings, 'horizonSteps' | 'horizonMs'> {
  const [, digits] = STEPS.exec(String(text)) ?? [];
  if (digits === undefined) return { horizonSteps: null, horizonMs: durationSetting(OWNER, 'horizon', text) ?? null };
  const horizon = { type: 'int', default: 1, min: 1, max: MAX_STEPS, doc: '' } as const;
  return { horizonSteps: numberSettings(OWNER, { horizon }, { horizon: digits }).horizon, horizonMs: null };
}
