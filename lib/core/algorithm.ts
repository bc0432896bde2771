import type { History, TrainingHistory } from './history';
import type { JsonObject } from './json';
import type { ParamSpecs, ParamsOf } from './params';
import type { Table } from './table';
import type { Tensor } from './tensor';

/** One pass of a network over its training samples. */
export interface EpochReport {
  /** 1, 2, 3 … of `epochs`. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss an output, over the training samples while they were learned. */
  readonly loss: number;
  /** The same on the validation samples, after the epoch; null without any. */
  readonly validationLoss: number | null;
}

/** All that an algorithm may use besides data: no clock to decide by, no Math.random, no input or output. */
export interface Run {
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** @param fraction - how much is done, 0…1; @param epoch - the pass just ended, where there are passes */
  readonly onProgress?: (fraction: number, epoch?: EpochReport) => void;
  /** Threads it may work with, its own included; by default that one. The result never depends on it. */
  readonly threads?: number;
  /** Bytes it may take beside its data; a fit that would need more is refused beforehand. */
  readonly maxBytes?: number;
  /** Milliseconds since any moment, for what is told of the work; nothing is decided by it. */
  readonly now?: () => number;
  /** A model to start from instead of from nothing, where the algorithm has the trait `warmStart`. */
  readonly start?: WarmStart;
}

/** An earlier model of the same algorithm; one that does not fit the data (other fields, other window) is passed over. */
export interface WarmStart {
  readonly state: ModelState;
  readonly stateVersion: number;
}

/** A fitted model as plain data: crosses to and from a worker by structured clone, is stored as JSON. */
export interface ModelState {
  readonly scalars: JsonObject;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** Only `fit` and `restore` make one: there is no unfitted model. */
export interface Fitted {
  snapshot(): ModelState;
}

/** Why a row scored as it did; each array has one entry a feature. */
export interface Explanation {
  /** Share of each feature in the row's score: 0…1, together 1. */
  readonly shares: Float64Array;
  /** Expected range of each feature, in the feature's own unit. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface Detector extends Fitted {
  /** Names of the features, in the order of the columns that `score` expects. */
  readonly features: readonly string[];
  /** One raw score a row, higher = more anomalous. Pure: rows are independent, windows were made upstream. */
  score(x: Table): Float64Array;
  /** @param row - one number a feature */
  explain(row: Float64Array): Explanation;
}

/** A detector that learns from each row it is shown. */
export interface OnlineDetector extends Detector {
  /** Rows learned so far. */
  readonly learned: number;
  learnOne(row: Float64Array): void;
}

export interface Forecaster extends Fitted {
  /** Samples before an origin that it makes use of; older ones change nothing. Fewer will do, from one on. */
  readonly lookback: number;
  /**
   * The samples that follow each origin: row-major, `origins × horizon`, every value finite, in the target's own unit.
   * From origin o only samples 0 … o − 1 of the history are looked at, and what comes out for it does not depend on the
   * other origins. Pure.
   * @param origins - rising, each from 1 to the history's length
   * @param horizon - steps ahead, at least 1; any number, whatever it was fitted for
   */
  forecast(history: History, origins: readonly number[], horizon: number): Float64Array;
}

export interface Traits {
  /** Learns row by row (`learnOne`); `fit` only starts it. */
  readonly online: boolean;
  /** Sees dependencies between features. */
  readonly multivariate: boolean;
  /** NaN cells are allowed in `fit` and `score`. */
  readonly allowsMissing: boolean;
  /** `fit` goes on from an earlier model (`Run.start`). */
  readonly warmStart?: boolean;
}

/** The one export of an algorithm's file. `X` is what it is fitted on, `M` the fitted model, `P` its parameters. */
export interface Algorithm<X, M extends Fitted, P extends ParamSpecs = ParamSpecs> {
  readonly id: string;
  readonly kind: 'detector' | 'forecaster';
  /** Version of the state that `snapshot` makes; raised whenever its layout changes. */
  readonly stateVersion: number;
  readonly title: string;
  readonly summary: string;
  /** Paper or manual that defines it. */
  readonly reference: string;
  readonly params: P;
  readonly traits: Traits;
  /** Parameters for quick contract tests. */
  readonly testParams: Partial<ParamsOf<P>>;
  /** Contract checks that this algorithm is known to fail: check → reason. */
  readonly knownFailures?: Readonly<Record<string, string>>;
  /** Where raw scores have an upper bound: that. */
  readonly highestScore?: number;
  /**
   * By how much normal rows' scores that are among the highest tenth typically exceed the least of these, as a share of
   * it; of scores with an upper bound, after these were spread out by −ln(1 − score / bound). Where few rows calibrate,
   * they are held against that.
   */
  readonly typicalExcess?: (features: number) => number;
  minRows(params: ParamsOf<P>): number;
  fit(x: X, params: ParamsOf<P>, run: Run): Promise<M>;
  /** @param stateVersion - the one stored: old states are brought up to date here */
  restore(state: ModelState, stateVersion: number, params: ParamsOf<P>): M;
}

/** What beside fitting and restoring is asked of a forecaster's algorithm. */
export interface ForecasterAlgorithmOf<P extends ParamSpecs> extends Algorithm<TrainingHistory, Forecaster, P> {
  readonly kind: 'forecaster';
  /**
   * About how many seconds one fit takes on one core of a small server: decides, without a clock, what is worth a try
   * inside a time budget. Right within a factor of three.
   */
  estimateSeconds(x: TrainingHistory, params: ParamsOf<P>): number;
}

// `any` lets algorithms with different parameters stand in one list; `checkParams` guards each at run time.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type DetectorAlgorithm = Algorithm<Table, Detector, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ForecasterAlgorithm = ForecasterAlgorithmOf<any>;
