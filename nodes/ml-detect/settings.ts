import type { ParamSpecs } from '../../lib/core/params';
import type { MonitorSettings } from '../../lib/detection/monitor';
import { DEFAULT_CRITICAL_SCORE } from '../../lib/detection/score';
import { DEFAULT_WARM_UP, MAX_WARM_UP, MIN_WARM_UP } from '../../lib/detectors/streaming';
import { readingSpecs } from '../shared/read-messages';
import { conditionSetting, listSetting, numberSettings, optionalNumber } from '../shared/settings';
import type { MlDetectConfig } from './config';

const OWNER = 'ml-detect';

/** The form's numbers that have a default. */
export const settingSpecs = {
  raiseAfter: {
    type: 'int',
    default: 3,
    min: 1,
    max: 10_000,
    unit: 'readings',
    doc: 'Anomalous readings in a row that raise an alarm.',
  },
  clearAfter: {
    type: 'int',
    default: 5,
    min: 1,
    max: 10_000,
    unit: 'readings',
    doc: 'Normal readings in a row that clear an alarm.',
  },
  criticalScore: {
    type: 'number',
    default: DEFAULT_CRITICAL_SCORE,
    min: 0,
    max: 1,
    doc: 'Score from which an anomaly is critical.',
  },
  warmUpRows: {
    type: 'int',
    default: DEFAULT_WARM_UP,
    min: MIN_WARM_UP,
    max: MAX_WARM_UP,
    unit: 'readings',
    doc: 'Readings that are learned from before any is judged, where there is no trained model.',
  },
  contributions: {
    type: 'int',
    default: 5,
    min: 0,
    max: 1000,
    unit: 'fields',
    doc: 'How many fields a verdict names, with their share and what was expected of them.',
  },
} as const satisfies ParamSpecs;

/** The form's number that may be left blank. */
export const optionalSpecs = {
  noDataSeconds: {
    type: 'number',
    default: 0,
    min: 0.1,
    max: 31_536_000,
    unit: 's',
    doc: 'Silence of a device after which it is told.',
  },
} as const satisfies ParamSpecs;

/** @throws MlError `PARAMETER` naming the setting, its range and what it is */
export function settingsOf(config: MlDetectConfig): MonitorSettings {
  const { maxDevices } = numberSettings(OWNER, { maxDevices: readingSpecs.maxDevices }, config);
  const noDataSeconds = optionalNumber(OWNER, 'noDataSeconds', optionalSpecs.noDataSeconds, config.noDataSeconds);
  const judgeWhen = conditionSetting(OWNER, config);
  return {
    ...numberSettings(OWNER, settingSpecs, config),
    model: config.model.trim() || 'default',
    useOwn: config.useOwn,
    useShared: config.useShared,
    useLearning: config.useLearning,
    fields: listSetting(config.fields),
    noDataMs: noDataSeconds === undefined ? null : noDataSeconds * 1000,
    maxDevices,
    ...(judgeWhen !== undefined && { judgeWhen }),
  };
}
