import { createHash } from 'node:crypto';
import { MlError, messageOf, show } from './errors';
import { canonicalJson, type Json, type JsonObject } from './json';

/** Limits that hold before anything is allocated for the content of a text. */
export const MAX_SEALED_LENGTH = 64 * 2 ** 20;
export const MAX_DEPTH = 32;
export const MAX_VALUES = 1_000_000;

/** What a sealed text holds: `what` is its name in messages ("model"), `version` the newest layout this package knows. */
export interface SealedFormat {
  readonly format: string;
  readonly version: number;
  readonly what: string;
}

/** The cause of the error for a text that a newer version of the package wrote. */
const NEWER = Symbol('newer');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * `body` as text with its format, a version and a SHA-256 of its canonical JSON. The checksum finds damage, not malice:
 * whoever can change the body can change the checksum.
 * @throws MlError `ARTIFACT` for anything that JSON cannot hold, `LIMIT` for more than the limits above
 */
export function seal(format: SealedFormat, body: JsonObject): string {
  checkPlain(body, format.what, 0);
  const content = canonicalJson(body);
  const head = `{"format":${JSON.stringify(format.format)},"formatVersion":${format.version}`;
  const sealed = `${head},"sha256":"${checksum(content)}","body":${content}}`;
  checkLimits(format, sealed);
  return sealed;
}

/**
 * The body of a text that `seal` made, and the version of its layout.
 * @throws MlError `ARTIFACT` where it is damaged, of another kind or of a newer version; `LIMIT` where it is too large
 */
export function unseal(format: SealedFormat, text: string): { readonly body: JsonObject; readonly version: number } {
  const { what } = format;
  checkLimits(format, text);
  const envelope = parse(what, text);
  if (!isObject(envelope) || envelope.format !== format.format) {
    throw new MlError('ARTIFACT', `This is not a ${what} of this package: its format should be "${format.format}".`);
  }
  const version = envelope.formatVersion;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw new MlError('ARTIFACT', `The ${what} is damaged: its format version is ${show(version)}.`);
  }
  if (version > format.version) {
    const versions = `format ${version}, this one reads up to ${format.version}`;
    throw new MlError(
      'ARTIFACT',
      `The ${what} was written by a newer version of this package (${versions}): update the package.`,
      { cause: NEWER },
    );
  }
  const { body } = envelope;
  if (!isObject(body)) throw new MlError('ARTIFACT', `The ${what} is damaged: it has no content.`);
  checkPlain(body, what, 0);
  if (checksum(canonicalJson(body)) !== envelope.sha256) {
    throw new MlError(
      'ARTIFACT',
      `The ${what} is damaged: its checksum is wrong. Take it from a backup or train again.`,
    );
  }
  return { body, version };
}

/** True for the error of `unseal` where nothing is damaged, only newer: it must not be replaced. */
export function isNewer(error: unknown): boolean {
  return error instanceof MlError && error.cause === NEWER;
}

function checksum(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(what: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const message = `The ${what} is damaged: it is not complete JSON text (${messageOf(cause)}). Take it from a backup or train again.`;
    throw new MlError('ARTIFACT', message, { cause });
  }
}

/** Length, depth and number of values, found in the text itself before it is parsed. Strings are skipped whole. */
function checkLimits({ what }: SealedFormat, text: string): void {
  if (text.length > MAX_SEALED_LENGTH) {
    throw new MlError(
      'LIMIT',
      `The ${what} is too large: ${text.length} characters, at most ${MAX_SEALED_LENGTH} are allowed.`,
    );
  }
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === QUOTE) i = endOfString(text, i);
    else if (character === 0x7b || character === 0x5b) {
      values++;
      if (++depth > MAX_DEPTH) throw new MlError('LIMIT', `The ${what} is nested deeper than ${MAX_DEPTH} levels.`);
    } else if (character === 0x7d || character === 0x5d) depth--;
    else if (character === 0x2c) values++;
  }
  if (values > MAX_VALUES) throw new MlError('LIMIT', `The ${what} holds more than ${MAX_VALUES} values.`);
}

/** Index of the quote that ends the string which starts at `start`; the text's length where none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** Refuses what JSON would change without a word (NaN, infinities, undefined, dates …) and what could reach a prototype. */
function checkPlain(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw new MlError('ARTIFACT', `${path} is ${value}: only tensors can hold numbers that are not finite.`);
  }
  if (depth > MAX_DEPTH) throw new MlError('LIMIT', `${path} is nested deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkPlain(value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  if (typeof value !== 'object' || ![Object.prototype, null].includes(Object.getPrototypeOf(value) as null)) {
    throw new MlError('ARTIFACT', `${path} is ${show(value)}: only plain data can be stored.`);
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__')
      throw new MlError('ARTIFACT', `${path} has a member named __proto__, which is not allowed.`);
    checkPlain((value as JsonObject)[key], `${path}.${key}`, depth + 1);
  }
}
