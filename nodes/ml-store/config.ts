import type { OwnConfig, VersionedConfig } from '../shared/config';

export interface MlStoreConfig extends VersionedConfig {
  /** Where models live. Running state is in the folder in either case. */
  readonly place: 'folder' | 'database';
  /** Id of the `ml-database` config node, for `database`. */
  readonly database: string;
  /** Folder of the models; empty: `flowsight-ml` in Node-RED's user directory. A relative path is below that directory. */
  readonly folder: string;
  /** Versions kept of each model. */
  readonly keep: string;
}

export const ML_STORE_DEFAULTS: OwnConfig<MlStoreConfig> = {
  place: 'folder',
  database: '',
  folder: '',
  keep: '',
};
