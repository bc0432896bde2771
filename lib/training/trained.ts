import type { Detector, DetectorAlgorithm } from '../core/algorithm';
import type { ParamValues } from '../core/params';
import type { FittedPipeline } from '../readings/fit-pipeline';
import type { Recipe } from './auto';
import type { ChosenRows } from './choose-rows';
import type { HeldOut } from './held-out';
import type { DetectionRequest } from './request';
import type { Split } from './split';

/** All that a training has found out. */
export interface Trained {
  readonly request: DetectionRequest;
  readonly recipe: Recipe;
  readonly algorithm: DetectorAlgorithm;
  readonly params: ParamValues;
  readonly fitted: FittedPipeline;
  readonly chosen: ChosenRows;
  readonly split: Split;
  readonly model: Detector;
  readonly heldOut: HeldOut;
}
