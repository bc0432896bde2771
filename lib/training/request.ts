import type { WarmStart } from '../core/algorithm';
import type { ParamValues } from '../core/params';
import type { ReadingTable } from '../core/readings';
import type { ThresholdChoice } from '../detection/threshold';
import type { PipelineOptions } from '../readings/fit-pipeline';
import type { SeriesOptions } from '../readings/series-options';

/** The version in use, for a new one to go on from where the algorithm is the same and can (trait `warmStart`). */
export interface EarlierVersion extends WarmStart {
  readonly version: number;
  readonly algorithm: string;
}

/** What every training needs to know, as plain data. */
interface CommonRequest {
  /** The model's name. */
  readonly name: string;
  /** The device it is for, or `*` for all. */
  readonly device: string;
  /** Id of an algorithm of the task's kind, or `auto`. */
  readonly algorithm: string;
  /** Values that differ from the algorithm's defaults. */
  readonly params: ParamValues;
  /** Rows needed to train at all. */
  readonly minRows: number;
  readonly seed: number;
  /** True: readings that came during an alarm are learned from like any other. */
  readonly learnAlarms: boolean;
  /** What to learn from: one a device. */
  readonly tables: readonly ReadingTable[];
  readonly start?: EarlierVersion;
}

/** Everything that makes a detector: the same request gives the same model, bit for bit, in any thread. */
export interface DetectionRequest extends CommonRequest {
  readonly task: 'detection';
  readonly pipeline: PipelineOptions;
  readonly threshold: ThresholdChoice;
}

/** Everything that makes a forecaster. */
export interface ForecastRequest extends CommonRequest {
  readonly task: 'forecast';
  readonly series: SeriesOptions;
  /** How far ahead forecasts matter; intervals and accuracy are measured up to there. */
  readonly horizonMs: number;
  /** What `auto` may spend on trying algorithms, in seconds of one core of a small server. */
  readonly budgetSeconds: number;
}

export type TrainingRequest = DetectionRequest | ForecastRequest;

type WithoutData<R> = Omit<R, 'device' | 'tables' | 'learnAlarms' | 'start'>;
/** What all trainings of one model have in common. */
export type TrainingPlan = WithoutData<DetectionRequest> | WithoutData<ForecastRequest>;

export const DEFAULT_MIN_ROWS = 100;
