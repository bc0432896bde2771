import type { OwnConfig, VersionedConfig } from '../shared/config';
import { FLEET_HISTORY_DEFAULTS, type FleetHistoryConfig } from '../shared/history-config';

/** What can be done with models. */
export const STORE_ACTIONS = [
  'list',
  'get',
  'activate',
  'rollback',
  'delete',
  'threshold',
  'export',
  'import',
  'prune',
] as const;
export type StoreAction = (typeof STORE_ACTIONS)[number];

/** What can be done with readings and results in a database. */
export const DATA_ACTIONS = [
  'anomalies',
  'scores',
  'events',
  'forecasts',
  'readings',
  'statistics',
  'export-readings',
  'write',
] as const;
export type DataAction = (typeof DATA_ACTIONS)[number];

export interface MlModelStoreConfig extends VersionedConfig, FleetHistoryConfig {
  /** Id of the `ml-store` config node; empty: the default folder. */
  readonly store: string;
  /** What to do when the message has no `msg.action`. */
  readonly action: StoreAction | DataAction;
  /** Model and device when the message names none (`msg.model`, `msg.device`); empty: all. */
  readonly model: string;
  readonly device: string;
}

export const ML_MODEL_STORE_DEFAULTS: OwnConfig<MlModelStoreConfig> = {
  ...FLEET_HISTORY_DEFAULTS,
  historyLayout: 'written',
  store: '',
  action: 'list',
  model: '',
  device: '',
};
