import type { NodeAPI } from 'node-red';
import { lookInto } from '../../lib/store/open-store';
import { databaseOf } from '../ml-database/database-of';
import { storeFolder, storeNode } from './store-of';

/** Most models, and most devices of each, that the editor is told. */
const MOST = 1000;

/** What the editor's forms suggest. */
export interface Suggestions {
  readonly models: readonly {
    readonly name: string;
    readonly devices: readonly string[];
    /** Fields that came in lately. */
    readonly fields: readonly string[];
  }[];
}

/** @param store - id of an `ml-store` config node; any other: the default folder */
export async function suggest(RED: NodeAPI, store: string): Promise<Suggestions> {
  const chosen = storeNode(RED, store);
  const { models: inFolder, fields } = lookInto(chosen?.folder ?? storeFolder(RED, ''));
  const inDatabase = chosen?.database ?? null;
  const models = inDatabase === null ? inFolder : databaseOf(RED, inDatabase).models;
  const devices = new Map<string, string[]>(fields.models().map((name) => [name, []]));
  for (const { name, device } of await models.keys()) {
    const known = devices.get(name) ?? [];
    if (known.length < MOST) known.push(device);
    devices.set(name, known);
  }
  const names = [...devices.keys()].sort().slice(0, MOST);
  return { models: names.map((name) => ({ name, devices: devices.get(name) ?? [], fields: fields.of(name) })) };
}
