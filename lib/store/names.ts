import { createHash } from 'node:crypto';
import { MAX_NAME_LENGTH } from '../core/artifact-shape';
import { MlError } from '../core/errors';
import type { ModelKey } from './store';

/** Longest name that is written out; longer ones are cut and end in a hash. Leaves room in Windows' paths. */
const MAX_ENCODED_LENGTH = 100;
/** Names that Windows keeps for devices, whatever folder they stand in. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/**
 * A model's or device's name as a file name. Only `a–z 0–9 - _ %` are used (and `~` before a hash), so that no name can
 * leave its folder on any operating system, and names that differ in case differ on file systems that ignore it.
 * @throws MlError `PARAMETER` for an empty or far too long name, or one that is not valid Unicode
 */
export function encodeName(name: string): string {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
    throw new MlError(
      'PARAMETER',
      `The name of a model or device must have 1 to ${MAX_NAME_LENGTH} characters, got ${name.length}.`,
    );
  }
  const encoded = percentEncode(name)
    .replace(/%..|[A-Z.!~*'()]/g, (part) => (part.length === 3 ? part.toLowerCase() : percent(part)))
    .replace(RESERVED, (reserved) => percent(reserved[0]!) + reserved.slice(1));
  if (encoded.length <= MAX_ENCODED_LENGTH) return encoded;
  return `${encoded.slice(0, MAX_ENCODED_LENGTH / 2)}~${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
}

/**
 * The name that `encodeName` made this of; null where it was too long to be written out, undefined where `encodeName`
 * never makes such a file name.
 */
export function decodeName(encoded: string): string | null | undefined {
  if (/^[a-z0-9_%-]{1,50}~[0-9a-f]{40}$/.test(encoded)) return null;
  try {
    const name = decodeURIComponent(encoded);
    return encodeName(name) === encoded ? name : undefined;
  } catch {
    return undefined;
  }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

function percentEncode(name: string): string {
  try {
    return encodeURIComponent(name);
  } catch (cause) {
    throw new MlError('PARAMETER', 'The name of a model or device must be valid Unicode text.', { cause });
  }
}

/** The order in which models are listed: by name, then by device. */
export function compareKeys(a: ModelKey, b: ModelKey): number {
  return compare(a.name, b.name) || compare(a.device, b.device);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
