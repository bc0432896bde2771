import type { ModelState } from './algorithm';
import type { ParamValues } from './params';
import type { Pipeline } from './pipeline';

/** From raw scores to probabilities, learned on normal rows that the model has not seen. See lib/detection/calibration.ts. */
export interface Calibration {
  /** The share p of normal rows that score at least `raw`, at a few rising raw scores; linear between. */
  readonly body: { readonly raw: readonly number[]; readonly p: readonly number[] };
  /**
   * Beyond `start`: p(raw) = pStart · (1 + shape · (raw − start) / scale)^(−1 / shape), a generalised Pareto tail, but
   * not less than the body says.
   */
  readonly tail: { readonly start: number; readonly pStart: number; readonly scale: number; readonly shape: number };
  /** Held-out rows, and how many of these were left out because they were out of all proportion to the others. */
  readonly rows: number;
  readonly leftOut: number;
  /** How many independent rows these are worth; neighbouring rows are alike. */
  readonly effectiveRows: number;
}

/** What training says of a version, for people: shown in the editor, sent by `ml-train`. */
export interface ModelCard {
  readonly name: string;
  readonly device: string;
  /** 0 until the store has given it a number. */
  readonly version: number;
  readonly algorithm: string;
  readonly params: ParamValues;
  readonly features: readonly string[];
  /** Readings it was trained on, calibration included. */
  readonly rows: number;
  readonly span: { readonly from: string; readonly to: string };
  readonly stepMs: number;
  readonly seed: number;
  readonly durationMs: number;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Score from which a reading is an anomaly. */
  readonly threshold: number;
  readonly warnings: readonly string[];
  readonly active: boolean;
  /** Why it is active or not, in one sentence. */
  readonly activeReason: string;
}

/** A version as stored: the whole pipeline from readings to scores. */
export interface Artifact {
  readonly kind: 'detector';
  readonly name: string;
  /** The device it belongs to, or `*` for one shared by all. */
  readonly device: string;
  /** 1, 2, 3 …; 0 until the store has given it a number. */
  readonly version: number;
  /** Epoch ms. */
  readonly createdMs: number;
  readonly algorithm: {
    readonly id: string;
    readonly stateVersion: number;
    readonly params: ParamValues;
    readonly seed: number;
  };
  readonly pipeline: Pipeline;
  readonly calibration: Calibration;
  readonly state: ModelState;
  readonly card: ModelCard;
}

/** The device under which a model shared by all devices is stored. */
export const SHARED_DEVICE = '*';
