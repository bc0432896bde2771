import type { Artifact } from '../core/artifact';
import { decodeArtifact } from '../core/codec';
import { MlError, messageOf } from '../core/errors';
import { isNewer, seal, unseal, type SealedFormat } from '../core/sealed';
import { integer, object, text } from '../core/shape';
import { decodeManifest, describe, encodeManifest, type Manifest } from './manifest';

/** Longest text of an export, in characters: Node.js has no longer strings than twice this. */
export const MAX_BUNDLE_LENGTH = 256 * 2 ** 20;

const HEADER: SealedFormat = { format: 'flowsight-ml-export', version: 1, what: 'export' };
const OMITTED: SealedFormat = { format: 'flowsight-ml-omitted', version: 1, what: 'export' };
const HEADER_START = '{"format":"flowsight-ml-export"';
const MANIFEST_START = '{"format":"flowsight-ml-manifest"';
const OMITTED_START = '{"format":"flowsight-ml-omitted"';

interface Omitted {
  readonly what: string;
  readonly reason: string;
}
const headerShape = object<{ entries: number }>({ entries: integer(0) });
const omittedShape = object<Omitted>({ what: text(), reason: text() });

/** What stands in an export, in this order: a model's manifest, then its versions, rising. */
export type BundleEntry =
  | { readonly manifest: Manifest }
  | { readonly artifact: Artifact }
  | { readonly failed: { readonly what: string; readonly reason: string } };

/**
 * Writes an export: one line an entry, each with a checksum of its own, so that damage in one costs only that one.
 * @throws MlError `LIMIT` when it becomes too long
 */
export class BundleWriter {
  readonly #lines: string[] = [];
  #length = 0;

  addManifest(manifest: Manifest): void {
    this.#add(encodeManifest(manifest));
  }

  /** @param sealed - what `encodeArtifact` gave: one line */
  addArtifact(sealed: string): void {
    this.#add(sealed);
  }

  /** Tells whoever imports it that a version was damaged already. */
  addOmitted(what: string, reason: string): void {
    this.#add(seal(OMITTED, { what, reason }));
  }

  toString(): string {
    return [seal(HEADER, { entries: this.#lines.length }), ...this.#lines, ''].join('\n');
  }

  #add(line: string): void {
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length > MAX_BUNDLE_LENGTH - 1000) {
      throw new MlError(
        'LIMIT',
        `The export is longer than ${MAX_BUNDLE_LENGTH} characters: export model by model, or copy the store's folder.`,
      );
    }
  }
}

/**
 * Reads an export entry by entry; damaged ones come as `failed`.
 * @throws MlError `ARTIFACT` for another text, `LIMIT` for one that is too long
 */
export function* readBundle(bundle: string): Generator<BundleEntry> {
  if (bundle.length > MAX_BUNDLE_LENGTH) {
    throw new MlError('LIMIT', `An import must have at most ${MAX_BUNDLE_LENGTH} characters, got ${bundle.length}.`);
  }
  if (!bundle.startsWith(HEADER_START)) {
    throw new MlError('ARTIFACT', 'An import must be the text that an export gave, unchanged; this is another text.');
  }
  let expected: number | null = null;
  let line = 0;
  for (let start = 0, end; start < bundle.length; start = end + 1, line++) {
    end = bundle.indexOf('\n', start);
    if (end === -1) end = bundle.length;
    const sealed = bundle.slice(start, end).trim();
    if (line === 0) {
      expected = entriesOf(sealed);
      if (expected === null) yield failure('the first line', 'It is damaged, so that a missing end is not noticed.');
    } else if (sealed !== '') yield readEntry(sealed, line);
  }
  const found = line - 1;
  if (expected !== null && found < expected) {
    yield failure('the end of the text', `It was cut off: of ${expected} entries ${found} came.`);
  }
}

function readEntry(sealed: string, line: number): BundleEntry {
  try {
    if (sealed.startsWith(MANIFEST_START)) return { manifest: decodeManifest(sealed) };
    if (!sealed.startsWith(OMITTED_START)) return { artifact: decodeArtifact(sealed) };
    const { body } = unseal(OMITTED, sealed);
    omittedShape(body, 'export');
    return { failed: body as unknown as Omitted };
  } catch (error) {
    return failure(`entry ${line}`, messageOf(error));
  }
}

function entriesOf(header: string): number | null {
  try {
    const { body } = unseal(HEADER, header);
    headerShape(body, 'export');
    return (body as unknown as { entries: number }).entries;
  } catch (error) {
    if (isNewer(error)) throw error;
    return null;
  }
}

function failure(what: string, reason: string): BundleEntry {
  return { failed: { what, reason } };
}

/** How a version is named in an import's report. */
export function entryName(artifact: Artifact): string {
  return `version ${artifact.version} of ${describe(artifact)}`;
}
