import type { NodeAPI } from 'node-red';
import { messageOf } from '../../lib/core/errors';
import type { ParamSpecs } from '../../lib/core/params';
import { DEFAULT_KEEP } from '../../lib/store/versioned-store';
import { migrateConfig } from '../shared/migrate';
import { ML_STORE_DEFAULTS, type MlStoreConfig } from './config';
import { storeFolder, type MlStoreNode } from './store-of';
import { suggest } from './suggestions';

/** The form's number, as the editor checks it. */
const settingSpecs = {
  keep: {
    type: 'int',
    default: DEFAULT_KEEP,
    min: 1,
    max: 10_000,
    doc: 'Versions kept of each model.',
  },
} as const satisfies ParamSpecs;

/** Config node: where models and running state are kept. Opened by the nodes that use it, see `storeOf`. */
const register = (RED: NodeAPI): void => {
  function MlStore(this: MlStoreNode, given: MlStoreConfig): void {
    RED.nodes.createNode(this, given);
    const config = migrateConfig<MlStoreConfig>(given, ML_STORE_DEFAULTS);
    const keep = String(config.keep).trim();
    Object.assign(this, {
      database: config.place === 'database' ? String(config.database) : null,
      folder: storeFolder(RED, String(config.folder)),
      keep: keep === '' ? undefined : Number(keep),
    });
  }
  RED.nodes.registerType('ml-store', MlStore, {
    settings: { mlStoreNumbers: { value: settingSpecs, exportable: true } },
  });

  RED.httpAdmin.get('/flowsight-ml/suggestions', RED.auth.needsPermission('ml-store.read'), (request, response) => {
    const { store } = request.query;
    suggest(RED, typeof store === 'string' ? store : '').then(
      (suggestions) => response.json(suggestions),
      (error: unknown) => response.status(500).json({ error: messageOf(error) }),
    );
  });
};

export = register;
