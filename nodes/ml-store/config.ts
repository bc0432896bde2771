import type { OwnConfig, VersionedConfig } from '../shared/config';

export interface MlStoreConfig extends VersionedConfig {
  /** Folder of the models; empty: `flowsight-ml` in Node-RED's user directory. A relative path is below that directory. */
  readonly folder: string;
  /** Versions kept of each model. */
  readonly keep: string;
}

export const ML_STORE_DEFAULTS: OwnConfig<MlStoreConfig> = { folder: '', keep: '' };
