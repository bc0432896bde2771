import type { NodeAPI } from 'node-red';

/** The catalogue with the words that all nodes share: `locales/…/ml-store.json`, below `shared`. */
const CATALOGUE = '@flowsight/node-red-ml/ml-store';

/** A text that all nodes share, in the user's language. */
export function sharedWords(RED: NodeAPI, key: string, values?: Record<string, string | number>): string {
  return RED._(`${CATALOGUE}:shared.${key}`, values);
}
