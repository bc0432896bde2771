import type { VersionedConfig } from '../shared/config';

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
  readonly profile: 'pump-station' | 'server' | 'custom';
  readonly metrics: readonly MetricConfig[];
  /** `live`: one reading at a time at a rate; `batch`: so many days, when a message arrives. */
  readonly mode: 'live' | 'batch';
  /** Devices, comma-separated; empty: `pump-01` or `server-01` or `device-01`. */
  readonly devices: string;
  /** Real seconds between live readings, per device. */
  readonly rate: string;
  /** Seconds between rows of a batch, and by how much a live reading's time moves on when `simulatedTime` is set. */
  readonly interval: string;
  readonly days: string;
  /** Batch: ISO 8601 time of the first row; empty: so that the last row is now. */
  readonly start: string;
  readonly format: 'rows' | 'csv';
  /** True: batches hold labelled scenarios in the profile's shares; false: normal rows only. */
  readonly scenarios: boolean;
  readonly seed: string;
}
