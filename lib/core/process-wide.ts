const REGISTRY = Symbol.for('flowsight.ml');

/**
 * The one object of that name in this process, made on first use. Whatever must not exist twice (worker pool, open
 * stores) lives here, so that two installed copies of the package share it.
 * @param name - what it is and the version of its shape, such as `training-pool/1`: copies that differ in it do not share
 */
export function processWide<T extends object>(name: string, make: () => T): T {
  const holder = globalThis as { [REGISTRY]?: Map<string, object> };
  const registry = (holder[REGISTRY] ??= new Map<string, object>());
  let found = registry.get(name);
  if (found === undefined) registry.set(name, (found = make()));
  return found as T;
}
