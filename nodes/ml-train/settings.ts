import { AUTO } from '../../lib/training/auto';
import { MlError, show } from '../../lib/core/errors';
import type { ParamSpecs } from '../../lib/core/params';
import { THRESHOLD_KINDS, type ThresholdChoice } from '../../lib/detection/threshold';
import type { FieldFeatures, PipelineOptions } from '../../lib/readings/fit-pipeline';
import type { CollectedOptions } from '../../lib/training/collected';
import { TRAINING_SOURCES, type TrainingSource } from '../../lib/training/intake';
import type { ModelTrainerOptions } from '../../lib/training/model-trainer';
import { readingSpecs } from '../shared/read-messages';
import { conditionSetting, listSetting, numberSettings, optionalNumber } from '../shared/settings';
import type { FeatureRowConfig, MlTrainConfig } from './config';

const OWNER = 'ml-train';
const HOUR_MS = 3_600_000;

/** The form's numbers that have a default. */
export const settingSpecs = {
  windowRows: {
    type: 'int',
    default: 10_080,
    min: 10,
    max: 10_000_000,
    unit: 'rows',
    doc: 'Readings kept per device.',
  },
  minRows: { type: 'int', default: 100, min: 10, max: 10_000_000, unit: 'rows', doc: 'Rows needed to train at all.' },
  seed: { type: 'int', default: 1, min: 0, max: 2 ** 32 - 1, doc: 'The same seed and readings give the same model.' },
} as const satisfies ParamSpecs;

/** The form's numbers that may be left blank. */
export const optionalSpecs = {
  windowHours: {
    type: 'number',
    default: 0,
    min: 0.001,
    max: 1e6,
    unit: 'h',
    doc: 'Age up to which readings are kept.',
  },
  trainAfterRows: {
    type: 'int',
    default: 0,
    min: 1,
    max: 10_000_000,
    unit: 'rows',
    doc: 'Readings at which a first training starts by itself.',
  },
  retrainHours: { type: 'number', default: 0, min: 0.0001, max: 100_000, unit: 'h', doc: 'Time between trainings.' },
  step: { type: 'number', default: 0, min: 0.001, max: 31_536_000, unit: 's', doc: 'Time between rows.' },
} as const satisfies ParamSpecs;

/** Thresholds that hold where the form gives no value. */
const DEFAULT_THRESHOLD = { score: 0.7, contamination: 0.01, 'false-alarms-per-day': 1 };

/** A configuration, read and checked. */
export interface TrainSettings {
  readonly source: TrainingSource;
  readonly shared: boolean;
  readonly activate: boolean;
  readonly request: ModelTrainerOptions['request'];
  readonly windows: Omit<CollectedOptions['windows'], 'onLimit'>;
  readonly schedule: CollectedOptions['schedule'];
}

/** @throws MlError `PARAMETER` naming the setting, its range and what it is */
export function settingsOf(config: MlTrainConfig): TrainSettings {
  const { windowRows, minRows, seed } = numberSettings(OWNER, settingSpecs, config);
  const { maxDevices } = numberSettings(OWNER, { maxDevices: readingSpecs.maxDevices }, config);
  const windowHours = optional(config, 'windowHours');
  const afterRows = optional(config, 'trainAfterRows');
  const everyHours = optional(config, 'retrainHours');
  return {
    source: oneOf('source', TRAINING_SOURCES, config.source),
    shared: config.shared,
    activate: config.activate,
    request: {
      task: 'detection',
      name: config.model.trim() || 'default',
      algorithm: config.algorithm.trim() || AUTO,
      params: config.params,
      pipeline: pipelineOf(config),
      threshold: thresholdOf(config),
      minRows,
      seed,
    },
    windows: {
      // A window too small for what starts a training would never start one.
      maxRows: Math.max(windowRows, afterRows ?? 0, minRows),
      ...(windowHours !== undefined && { maxAgeMs: windowHours * HOUR_MS }),
      maxDevices,
    },
    schedule: {
      minRows,
      ...(afterRows !== undefined && { afterRows: Math.max(afterRows, minRows) }),
      ...(everyHours !== undefined && { everyMs: everyHours * HOUR_MS }),
    },
  };
}

function thresholdOf({ thresholdBy, thresholdValue }: MlTrainConfig): ThresholdChoice {
  const by = oneOf('thresholdBy', THRESHOLD_KINDS, thresholdBy);
  // Its range depends on what it is; training checks it.
  const spec = { type: 'number', default: DEFAULT_THRESHOLD[by], min: 0, max: 1e9, doc: '' } as const;
  return { by, value: numberSettings(OWNER, { thresholdValue: spec }, { thresholdValue }).thresholdValue };
}

function pipelineOf(config: MlTrainConfig): PipelineOptions {
  const step = optional(config, 'step');
  const judgeWhen = conditionSetting(OWNER, config);
  return {
    fields: listSetting(config.fields),
    derived: config.derived,
    features: config.featureRows.map(featuresOf),
    hourOfDay: config.hourOfDay,
    dayOfWeek: config.dayOfWeek,
    ...(step !== undefined && { stepMs: step * 1000 }),
    aggregation: config.aggregation,
    timeZone: config.timeZone.trim() || Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(judgeWhen !== undefined && { judgeWhen }),
  };
}

function featuresOf(row: FeatureRowConfig): FieldFeatures {
  const lag = { type: 'int', default: 1, min: 1, max: 10_000, doc: '' } as const;
  return { ...row, lags: listSetting(row.lags).map((lags) => numberSettings(OWNER, { lags: lag }, { lags }).lags) };
}

function optional(config: MlTrainConfig, name: keyof typeof optionalSpecs): number | undefined {
  return optionalNumber(OWNER, name, optionalSpecs[name], config[name]);
}

function oneOf<T extends string>(name: string, options: readonly T[], given: T): T {
  if (options.includes(given)) return given;
  throw new MlError('PARAMETER', `${OWNER}: ${name} must be one of ${options.join(', ')}, got ${show(given)}.`);
}
