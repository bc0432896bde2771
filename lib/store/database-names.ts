import { MlError } from '../core/errors';
import { encodeName } from './names';
import type { ModelKey } from './store';

/** Stands before what PostgreSQL's text cannot hold; a private character, so that usual names stay as they are. */
const MARK = '\ue000';
/** An entry of an index must fit into a third of a page. */
const MAX_KEY_BYTES = 2600;

/**
 * A model's or device's name as PostgreSQL holds it: NUL, which no text there may contain, is written as two characters.
 * @throws MlError `PARAMETER` as `encodeName`
 */
export function databaseName(name: string): string {
  encodeName(name); // refuses what no store takes
  return name.replaceAll(MARK, MARK + MARK).replaceAll('\0', `${MARK}0`);
}

/** The name that `databaseName` made this of. */
export function nameFromDatabase(stored: string): string {
  return stored.replace(/\ue000(.)/gu, (_, character: string) => (character === '0' ? '\0' : character));
}

/** @throws MlError `PARAMETER` for a name that no store takes, or two that are too long together for an index */
export function databaseKey({ name, device }: ModelKey): readonly [string, string] {
  const key = [databaseName(name), databaseName(device)] as const;
  const bytes = Buffer.byteLength(key[0]) + Buffer.byteLength(key[1]);
  if (bytes <= MAX_KEY_BYTES) return key;
  throw new MlError(
    'PARAMETER',
    `In a database, the names of model and device may have ${MAX_KEY_BYTES} bytes together, got ${bytes}: shorten them.`,
  );
}
