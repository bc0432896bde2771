import type { Aggregation, DerivedField } from '../../lib/core/pipeline';
import {
  CONDITION_DEFAULTS,
  type ConditionConfig,
  type OwnConfig,
  READING_DEFAULTS,
  type ReadingConfig,
  type VersionedConfig,
} from '../shared/config';
import { FLEET_HISTORY_DEFAULTS, type FleetHistoryConfig } from '../shared/history-config';

/** Which derived features a field gets; an empty field name means every field. */
export interface FeatureRowConfig {
  readonly field: string;
  readonly mean: boolean;
  readonly deviation: boolean;
  readonly minimum: boolean;
  readonly maximum: boolean;
  /** Rows, for the four above. */
  readonly window: number;
  /** Comma-separated numbers of rows, such as `1, 2`. */
  readonly lags: string;
  readonly rate: boolean;
}

export interface MlTrainConfig extends VersionedConfig, ReadingConfig, ConditionConfig, FleetHistoryConfig {
  /** Id of the `ml-store` config node; empty: the default folder. */
  readonly store: string;
  /** Name of the model; empty: `default`. */
  readonly model: string;
  /** `detect`: find anomalies; `forecast`: where a field is going. What belongs to the other task is not looked at. */
  readonly task: 'detect' | 'forecast';
  /** The field to forecast; empty: the only one there is. */
  readonly target: string;
  /** How far ahead, such as `24 h`; empty: a day. */
  readonly horizon: string;
  /** Comma-separated: other fields whose past a forecast may look at. */
  readonly otherFields: string;
  /** Seconds that `auto` may spend on trying forecasters. */
  readonly budgetSeconds: string;
  /** True: one model, shared by all devices; for `detect`. */
  readonly shared: boolean;
  /** Id of a detector or, for `forecast`, a forecaster, or `auto`. */
  readonly algorithm: string;
  /** Values that differ from the algorithm's defaults. */
  readonly params: Readonly<Record<string, number | string | boolean>>;
  /**
   * `auto`: a batch trains at once, single readings are collected; `batch`; `sequence` (msg.parts, msg.complete);
   * `stream`; `history`: past readings in a database, which else is not looked at.
   */
  readonly source: 'auto' | 'batch' | 'sequence' | 'stream' | 'history';
  /** The rolling window of collected readings, per device: at most so many rows, and so many hours (empty: no limit). */
  readonly windowRows: string;
  readonly windowHours: string;
  /** Rows needed to train at all. */
  readonly minRows: string;
  /** Collected rows at which training starts by itself; empty: only on a schedule or when asked. */
  readonly trainAfterRows: string;
  /** Hours between trainings; empty: no schedule. */
  readonly retrainHours: string;
  readonly featureRows: readonly FeatureRowConfig[];
  readonly derived: readonly DerivedField[];
  readonly hourOfDay: boolean;
  readonly dayOfWeek: boolean;
  /** Seconds between rows; empty: found in the data. */
  readonly step: string;
  readonly aggregation: Aggregation;
  /** IANA name; empty: the machine's. */
  readonly timeZone: string;
  readonly thresholdBy: 'score' | 'contamination' | 'false-alarms-per-day' | 'false-alarms-per-week';
  readonly thresholdValue: string;
  /** False: new versions wait for `activate`. */
  readonly activate: boolean;
  /** True: a new version goes on from the one in use, where the algorithm can. */
  readonly warmStart: boolean;
  readonly seed: string;
}

export const ML_TRAIN_DEFAULTS: OwnConfig<MlTrainConfig> = {
  ...READING_DEFAULTS,
  ...CONDITION_DEFAULTS,
  ...FLEET_HISTORY_DEFAULTS,
  store: '',
  model: '',
  task: 'detect',
  target: '',
  horizon: '',
  otherFields: '',
  budgetSeconds: '',
  shared: false,
  algorithm: 'auto',
  params: {},
  source: 'auto',
  windowRows: '',
  windowHours: '',
  minRows: '',
  // Not blank: a node as dropped on the canvas trains by itself.
  trainAfterRows: '1000',
  retrainHours: '',
  featureRows: [],
  derived: [],
  hourOfDay: false,
  dayOfWeek: false,
  step: '',
  aggregation: 'mean',
  timeZone: '',
  thresholdBy: 'score',
  thresholdValue: '',
  activate: true,
  warmStart: false,
  seed: '',
};
