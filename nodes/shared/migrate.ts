import type { NodeDef } from 'node-red';
import { CONFIG_VERSION, type OwnConfig, type VersionedConfig } from './config';

/** Brings a configuration of one version to the next. */
export type Migration = (config: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/**
 * A configuration as the node's code expects it, whatever version of the package the flow was made with: brought up to
 * date step by step, and what is missing filled in.
 * @param migrations - the first brings version 1 to 2, the second 2 to 3 …
 */
export function migrateConfig<C extends VersionedConfig>(
  config: NodeDef,
  defaults: OwnConfig<C>,
  migrations: readonly Migration[] = [],
): C {
  const { configVersion } = config as Partial<VersionedConfig>;
  const from = Number.isInteger(configVersion) ? Math.max(1, Number(configVersion)) : 1;
  const steps = migrations.slice(from - 1);
  const migrated = steps.reduce<Record<string, unknown>>((older, step) => step(older), { ...config });
  const present = Object.entries(migrated).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present), configVersion: Math.max(from, CONFIG_VERSION) } as unknown as C;
}
