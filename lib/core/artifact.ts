import type { ModelState } from './algorithm';
import type { ParamValues } from './params';
import type { Aggregation, Condition, DerivedField, Pipeline } from './pipeline';

/** From raw scores to probabilities, learned on normal rows that the model has not seen. See lib/detection/calibration.ts. */
export interface Calibration {
  /** The share p of normal rows that score at least `raw`, at a few rising raw scores; linear between. */
  readonly body: { readonly raw: readonly number[]; readonly p: readonly number[] };
  /**
   * Beyond `start`: p(raw) = pStart · (1 + shape · (raw − start) / scale)^(−1 / shape), a generalised Pareto tail, but
   * not less than the body says.
   */
  readonly tail: { readonly start: number; readonly pStart: number; readonly scale: number; readonly shape: number };
  /** Where raw scores have an upper bound: that. Then `raw` and `start` above stand for −ln(1 − raw / bound). */
  readonly bound?: number;
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
  readonly warnings: readonly string[];
  readonly active: boolean;
  /** Why it is active or not, in one sentence. */
  readonly activeReason: string;
}

export interface DetectorCard extends ModelCard {
  /** Score from which a reading is an anomaly. */
  readonly threshold: number;
  /** How well planted faults are found; models of earlier releases have none. */
  readonly selfTest?: SelfTest;
}

/** What became of one kind of fault, planted in stretches of held-out readings. */
export interface FaultReport {
  /** `spike`, `shift`, `drift`, `noise`, `stuck`, `dropout` or `correlation-break`. */
  readonly fault: string;
  /** In robust sigmas of the field that it befell; null: the fault has no size. */
  readonly size: number | null;
  /** Stretches that it was planted in. */
  readonly trials: number;
  /** Share of these in which any reading was called an anomaly, and in which an alarm was raised. */
  readonly flagged: number;
  readonly alarmed: number;
  /** Readings from the fault's first to the one that raised the alarm, both counted, and the time between: medians. */
  readonly delayReadings: number | null;
  readonly delayMs: number | null;
}

/** What became of the same readings as they were. */
export interface UntouchedReport {
  readonly stretches: number;
  /** Share of the readings that were called anomalies. */
  readonly flagged: number;
  /** Share of the stretches in which an alarm was raised. */
  readonly alarmed: number;
}

export type SelfTest =
  | {
      /** Rows that a stretch has, and so a fault lasts. */
      readonly stretchRows: number;
      readonly faults: readonly FaultReport[];
      readonly untouched: UntouchedReport;
      /** The same in a few sentences. */
      readonly text: string;
    }
  | {
      /** Why there was no test. */
      readonly skipped: string;
    };

/** How well an algorithm did in the backtest, on samples it had not seen. */
export interface CandidateReport {
  readonly algorithm: string;
  /** What sets it apart from others of the same algorithm, in words: "on the log scale". Empty: nothing. */
  readonly variant: string;
  /** Mean absolute error in units of the seasonal-naive forecast's within the training samples; null: see `note`. */
  readonly mase: number | null;
  /** Symmetric mean absolute percentage error, 0…200; null: see `note`. */
  readonly smape: number | null;
  /** Time that backtest and fit took; null where nobody looked at the clock. */
  readonly seconds: number | null;
  /** Share in the forecast, 0…1; 0: not used. */
  readonly weight: number;
  /** Set where it was not tried, failed, or there was too little to try it on: why, in one sentence. */
  readonly note?: string;
}

export interface ForecasterCard extends ModelCard {
  readonly field: string;
  /** Steps ahead that it was made for. */
  readonly horizon: number;
  /** Seasonal periods, in ms, the shortest first. */
  readonly periodsMs: readonly number[];
  /** The best first. */
  readonly candidates: readonly CandidateReport[];
}

/** What an artifact is, whatever its kind. */
interface CommonArtifact {
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
  readonly state: ModelState;
}

/** How one feature was distributed in training. */
export interface Distribution {
  readonly feature: string;
  /** Rising: bin i holds the values up to `edges[i]`, the last bin all beyond. */
  readonly edges: readonly number[];
  /** Training rows in each bin. */
  readonly counts: readonly number[];
  /** Live rows differ from these where both the population stability index and Kolmogorov's and Smirnov's distance exceed: */
  readonly indexLimit: number;
  readonly distanceLimit: number;
}

/** What live readings are compared with, to notice that they have moved away. */
export interface Reference {
  /** Time over which live rows are compared. */
  readonly windowMs: number;
  /** One a field, and at the end that of the raw scores. */
  readonly distributions: readonly Distribution[];
}

/** A detector's version as stored: the whole pipeline from readings to scores. */
export interface DetectorArtifact extends CommonArtifact {
  readonly kind: 'detector';
  readonly pipeline: Pipeline;
  readonly calibration: Calibration;
  /** Not there where training was too short for one, and in models of earlier releases: then no drift is noticed. */
  readonly reference?: Reference;
  readonly card: DetectorCard;
}

/** The way from readings to the series that a forecaster looks at: stored with the model. */
export interface SeriesPlan {
  /** The field that is forecast; may be a derived one. */
  readonly field: string;
  /** Other fields whose past it looks at. */
  readonly others: readonly string[];
  readonly derived: readonly DerivedField[];
  /** Time between samples, > 0. */
  readonly stepMs: number;
  readonly aggregation: Aggregation;
  /** A longer gap is not filled: the history begins anew after it. */
  readonly fillMs: number;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Readings for which this does not hold count as missing. */
  readonly judgeWhen?: Condition;
}

/**
 * A forecaster's version as stored: the way from readings to the series, and in `state` the members (one or several
 * fitted algorithms), what is known of their errors, and the newest samples, so that it can forecast at once.
 * See lib/forecasting/members.ts.
 */
export interface ForecasterArtifact extends CommonArtifact {
  readonly kind: 'forecaster';
  readonly series: SeriesPlan;
  readonly card: ForecasterCard;
}

/** A version as stored. */
export type Artifact = DetectorArtifact | ForecasterArtifact;

/** The same artifact with some members of its card replaced. */
export function withCard<A extends Artifact>(artifact: A, changes: Partial<A['card']>): A {
  return { ...artifact, card: { ...artifact.card, ...changes } };
}

/** The device under which a model shared by all devices is stored. */
export const SHARED_DEVICE = '*';
