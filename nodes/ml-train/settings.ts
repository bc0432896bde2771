import { AUTO } from '../../lib/training/auto';
import { MlError, show } from '../../lib/core/errors';
import { THRESHOLD_KINDS, type ThresholdChoice } from '../../lib/detection/threshold';
import type { FieldFeatures, PipelineOptions } from '../../lib/readings/fit-pipeline';
import type { SeriesOptions } from '../../lib/readings/series-options';
import type { CollectedOptions } from '../../lib/training/collected';
import { TRAINING_SOURCES, type TrainingSource } from '../../lib/training/intake';
import type { TrainingPlan } from '../../lib/training/request';
import { bucketOf } from '../shared/history-config';
import { readingSpecs } from '../shared/read-messages';
import { conditionSetting, durationSetting, listSetting, numberSettings, optionalNumber } from '../shared/settings';
import type { FeatureRowConfig, MlTrainConfig } from './config';
import { optionalSpecs, settingSpecs } from './numbers';

const OWNER = 'ml-train';
const HOUR_MS = 3_600_000;
const TASKS = ['detect', 'forecast'] as const;
/** How far ahead forecasts are made where nothing else is said. */
const DEFAULT_HORIZON_MS = 24 * HOUR_MS;

/** Thresholds that hold where the form gives no value. */
const DEFAULT_THRESHOLD = { score: 0.7, contamination: 0.01, 'false-alarms-per-day': 1, 'false-alarms-per-week': 1 };

/** A configuration, read and checked. */
export interface TrainSettings {
  readonly source: TrainingSource;
  readonly shared: boolean;
  readonly activate: boolean;
  readonly warmStart: boolean;
  readonly request: TrainingPlan;
  readonly windows: Omit<CollectedOptions['windows'], 'onLimit'>;
  readonly schedule: CollectedOptions['schedule'];
}

/** @throws MlError `PARAMETER` naming the setting, its range and what it is */
export function settingsOf(config: MlTrainConfig): TrainSettings {
  const request = planOf(config);
  const { minRows } = request;
  const { windowRows } = numberSettings(OWNER, { windowRows: settingSpecs.windowRows }, config);
  const { maxDevices } = numberSettings(OWNER, { maxDevices: readingSpecs.maxDevices }, config);
  const windowHours = optional(config, 'windowHours');
  const afterRows = optional(config, 'trainAfterRows');
  const everyHours = optional(config, 'retrainHours');
  return {
    source: oneOf('source', TRAINING_SOURCES, config.source),
    // A forecast is always of one device: the form does not ask.
    shared: config.shared && request.task === 'detection',
    activate: config.activate,
    warmStart: config.warmStart,
    request,
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

/** What all trainings have in common; settings of the other task are not looked at. */
function planOf(config: MlTrainConfig): TrainingPlan {
  const { minRows, seed } = settingSpecs;
  const common = {
    name: config.model.trim() || 'default',
    algorithm: config.algorithm.trim() || AUTO,
    params: config.params,
    ...numberSettings(OWNER, { minRows, seed }, config),
  };
  if (oneOf('task', TASKS, config.task) === 'detect') {
    return { task: 'detection', ...common, pipeline: pipelineOf(config), threshold: thresholdOf(config) };
  }
  return {
    task: 'forecast',
    ...common,
    series: seriesOf(config),
    horizonMs: durationSetting(OWNER, 'horizon', config.horizon) ?? DEFAULT_HORIZON_MS,
    budgetSeconds: numberSettings(OWNER, { budgetSeconds: settingSpecs.budgetSeconds }, config).budgetSeconds,
  };
}

function thresholdOf({ thresholdBy, thresholdValue }: MlTrainConfig): ThresholdChoice {
  const by = oneOf('thresholdBy', THRESHOLD_KINDS, thresholdBy);
  // Its range depends on what it is; training checks it.
  const spec = { type: 'number', default: DEFAULT_THRESHOLD[by], min: 0, max: 1e9, doc: '' } as const;
  return { by, value: numberSettings(OWNER, { thresholdValue: spec }, { thresholdValue }).thresholdValue };
}

function pipelineOf(config: MlTrainConfig): PipelineOptions {
  return {
    fields: listSetting(config.fields),
    features: config.featureRows.map(featuresOf),
    hourOfDay: config.hourOfDay,
    dayOfWeek: config.dayOfWeek,
    ...rowsOf(config),
  };
}

function seriesOf(config: MlTrainConfig): SeriesOptions {
  return { field: config.target.trim(), others: listSetting(config.otherFields), ...rowsOf(config) };
}

/** What readings are made into rows by, whatever is learned from them. */
function rowsOf(config: MlTrainConfig): Omit<SeriesOptions, 'field' | 'others' | 'fillMs'> {
  const stepMs = stepOf(config);
  const judgeWhen = conditionSetting(OWNER, config);
  return {
    derived: config.derived,
    ...(stepMs !== undefined && { stepMs }),
    aggregation: config.aggregation,
    timeZone: config.timeZone.trim() || Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(judgeWhen !== undefined && { judgeWhen }),
  };
}

/** Readings that are averaged in the database come once a bucket: live ones are made into such rows, too. */
function stepOf(config: MlTrainConfig): number | undefined {
  const bucketMs = config.source === 'history' ? bucketOf(OWNER, config) : undefined;
  const step = optional(config, 'step');
  return bucketMs ?? (step === undefined ? undefined : step * 1000);
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
