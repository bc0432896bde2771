import type { Aggregation, DerivedField } from '../../lib/core/pipeline';
import {
  CONDITION_DEFAULTS,
  type ConditionConfig,
  type OwnConfig,
  READING_DEFAULTS,
  type ReadingConfig,
  type VersionedConfig,
} from '../shared/config';

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

export interface MlTrainConfig extends VersionedConfig, ReadingConfig, ConditionConfig {
  /** Id of the `ml-store` config node; empty: the default folder. */
  readonly store: string;
  /** Name of the model; empty: `default`. */
  readonly model: string;
  /** True: one model, shared by all devices. */
  readonly shared: boolean;
  /** Id of a detector, or `auto`. */
  readonly algorithm: string;
  /** Values that differ from the algorithm's defaults. */
  readonly params: Readonly<Record<string, number | string | boolean>>;
  /** `auto`: a batch trains at once, single readings are collected; `batch`; `sequence` (msg.parts, msg.complete); `stream`. */
  readonly source: 'auto' | 'batch' | 'sequence' | 'stream';
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
  readonly thresholdBy: 'score' | 'contamination' | 'false-alarms-per-day';
  readonly thresholdValue: string;
  /** False: new versions wait for `activate`. */
  readonly activate: boolean;
  readonly seed: string;
}

export const ML_TRAIN_DEFAULTS: OwnConfig<MlTrainConfig> = {
  ...READING_DEFAULTS,
  ...CONDITION_DEFAULTS,
  store: '',
  model: '',
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
  seed: '',
};
