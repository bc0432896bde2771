import type { ParamSpecs } from '../../lib/core/params';
import { ALARM_DEFAULTS } from '../../lib/detection/alarm';
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
    default: ALARM_DEFAULTS.raiseAfter,
    min: 1,
    max: 10_000,
    unit: 'readings',
    doc: 'Anomalous readings in a row that raise an alarm.',
  },
  clearAfter: {
    type: 'int',
    default: ALARM_DEFAULTS.clearAfter,
    min: 1,
    max: 10_000,
    unit: 'readings',
    doc: 'Normal readings in a row that clear an alarm.',
  },
  deadBand: {
    type: 'number',
    default: ALARM_DEFAULTS.deadBand,
    min: 0,
    max: 0.5,
    doc: 'How far below the threshold a score must be to count as normal, once an alarm is raised.',
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

const DELAY = { type: 'number', default: 0, min: 0.001, max: 604_800, unit: 's' } as const;

/** The form's numbers that may be left blank. */
export const optionalSpecs = {
  onDelaySeconds: { ...DELAY, doc: 'Time that anomalous readings last at least before an alarm is raised.' },
  offDelaySeconds: { ...DELAY, doc: 'Time that normal readings last at least before an alarm is cleared.' },
  escalateSeconds: { ...DELAY, doc: 'Time after which a warning that nobody has acknowledged becomes critical.' },
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
  const msOf = (name: keyof typeof optionalSpecs): number | null => {
    const given = optionalNumber(OWNER, name, optionalSpecs[name], config[name]);
    return given === undefined ? null : given * 1000;
  };
  const judgeWhen = conditionSetting(OWNER, config);
  return {
    ...numberSettings(OWNER, settingSpecs, config),
    model: config.model.trim() || 'default',
    useOwn: config.useOwn,
    useShared: config.useShared,
    useLearning: config.useLearning,
    fields: listSetting(config.fields),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    onDelayMs: msOf('onDelaySeconds') ?? 0,
    offDelayMs: msOf('offDelaySeconds') ?? 0,
    escalateAfterMs: msOf('escalateSeconds'),
    latch: config.latch,
    noDataMs: msOf('noDataSeconds'),
    maxDevices,
    ...(judgeWhen !== undefined && { judgeWhen }),
  };
}
