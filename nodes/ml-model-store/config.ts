import type { OwnConfig, VersionedConfig } from '../shared/config';

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

export interface MlModelStoreConfig extends VersionedConfig {
  /** Id of the `ml-store` config node; empty: the default folder. */
  readonly store: string;
  /** What to do when the message has no `msg.action`. */
  readonly action: StoreAction;
  /** Model and device when the message names none (`msg.model`, `msg.device`); empty: all. */
  readonly model: string;
  readonly device: string;
}

export const ML_MODEL_STORE_DEFAULTS: OwnConfig<MlModelStoreConfig> = {
  store: '',
  action: 'list',
  model: '',
  device: '',
};
