import type { ParamValues } from '../core/params';
import type { ReadingTable } from '../core/readings';
import type { ThresholdChoice } from '../detection/threshold';
import type { PipelineOptions } from '../readings/fit-pipeline';

/** Everything that makes a model, as plain data: the same request gives the same model, bit for bit, in any thread. */
export interface TrainingRequest {
  /** The model's name. */
  readonly name: string;
  /** The device it is for, or `*` for all. */
  readonly device: string;
  /** Id of a detector, or `auto`. */
  readonly algorithm: string;
  /** Values that differ from the algorithm's defaults. */
  readonly params: ParamValues;
  readonly pipeline: PipelineOptions;
  readonly threshold: ThresholdChoice;
  /** Rows needed to train at all. */
  readonly minRows: number;
  readonly seed: number;
  /** True: readings that came during an alarm are learned from like any other. */
  readonly learnAlarms: boolean;
  /** What to learn from: one a device. */
  readonly tables: readonly ReadingTable[];
}

export const DEFAULT_MIN_ROWS = 100;
