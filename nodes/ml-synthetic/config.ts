import type { OwnConfig, VersionedConfig } from '../shared/config';

/** One metric of the user's own. */
export interface MetricConfig {
  readonly name: string;
  readonly base: number;
  /** Height of the daily and the weekly rhythm, in the metric's unit. */
  readonly daily: number;
  readonly weekly: number;
  /** Noise as a share of `base`. */
  readonly noise: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

export interface MlSyntheticConfig extends VersionedConfig {
  /** Id of a profile, or `custom`. */
  readonly profile: string;
  /** For `custom`. */
  readonly metrics: readonly MetricConfig[];
  /** `live`: one reading a device at a rate, from the start of the flow; `batch`: so many days, when a message arrives. */
  readonly mode: 'live' | 'batch';
  /** Comma-separated; empty: the profile's own, such as `pump-01`. */
  readonly devices: string;
  /** Live: seconds between readings. */
  readonly rate: string;
  /**
   * Live: how many times faster than the clock the machine lives: at 60, a scenario of an hour takes a minute.
   * Timestamps stay those of the clock.
   */
  readonly speed: string;
  /** Batch: seconds between rows. */
  readonly interval: string;
  readonly days: string;
  /** Batch: ISO 8601 time of the first row; empty: so that the last row is now. */
  readonly start: string;
  readonly format: 'rows' | 'csv';
  /** Batch: true for labelled scenarios in the profile's shares, false for normal rows only. */
  readonly scenarios: boolean;
  readonly seed: string;
}

export const ML_SYNTHETIC_DEFAULTS: OwnConfig<MlSyntheticConfig> = {
  profile: 'pump-station',
  metrics: [],
  mode: 'live',
  devices: '',
  rate: '',
  speed: '',
  interval: '',
  days: '',
  start: '',
  format: 'rows',
  scenarios: true,
  seed: '',
};
