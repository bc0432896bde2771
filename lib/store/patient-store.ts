import type { ModelStore } from './store';

/**
 * A store that waits with a new version until `ready`: a database that is away for a while must not cost what was
 * trained meanwhile. All else is answered, or refused, at once.
 * @param ready - rejects where there is nothing to wait for any more
 */
export function patientStore(store: ModelStore, ready: () => Promise<void>): ModelStore {
  return {
    save: async (artifact, activate) => {
      await ready();
      return store.save(artifact, activate);
    },
    list: (filter) => store.list(filter),
    keys: (filter) => store.keys(filter),
    get: (key, version) => store.get(key, version),
    active: (key) => store.active(key),
    activate: (key, version) => store.activate(key, version),
    rollback: (key, version) => store.rollback(key, version),
    delete: (key, version) => store.delete(key, version),
    setThreshold: (key, threshold) => store.setThreshold(key, threshold),
    export: (filter, version) => store.export(filter, version),
    import: (text) => store.import(text),
    prune: (keep, filter) => store.prune(keep, filter),
    onChange: (listener) => store.onChange(listener),
  };
}
