import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '..', '..', '..', 'test', 'golden');

/** Values that another implementation gave: `NAME.json`, made by `NAME.py` with the versions it names. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as T;
}
