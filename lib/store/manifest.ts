import { MAX_NAME_LENGTH } from '../core/artifact-shape';
import { SHARED_DEVICE } from '../core/artifact';
import type { JsonObject } from '../core/json';
import { seal, unseal, type SealedFormat } from '../core/sealed';
import { boolean, either, integer, nothing, number, object, optional, text } from '../core/shape';
import type { ModelKey } from './store';

/** What a model's folder says of its versions: the only file in it that changes, always replaced whole. */
export interface Manifest extends ModelKey {
  readonly active: number | null;
  readonly pinned: boolean;
  readonly threshold: number | null;
  /** The highest number ever given: a deleted version's number is not given again. */
  readonly newest: number;
  /** Set where this manifest stands in for a damaged one. */
  readonly problem?: string;
}

const FORMAT: SealedFormat = { format: 'flowsight-ml-manifest', version: 1, what: 'manifest' };

const shape = object<Manifest>({
  name: text(1, MAX_NAME_LENGTH),
  device: text(1, MAX_NAME_LENGTH),
  active: either('a version or null', integer(1), nothing),
  pinned: boolean,
  threshold: either('a number from 0 to 1 or null', number(0, 1), nothing),
  newest: integer(0),
  problem: optional(text()),
});

export function newManifest({ name, device }: ModelKey): Manifest {
  return { name, device, active: null, pinned: false, threshold: null, newest: 0 };
}

export function encodeManifest(manifest: Manifest): string {
  shape(manifest, 'manifest');
  return seal(FORMAT, manifest as unknown as JsonObject);
}

/** @throws MlError `ARTIFACT` where it is damaged */
export function decodeManifest(sealed: string): Manifest {
  const { body } = unseal(FORMAT, sealed);
  shape(body, 'manifest');
  return body as unknown as Manifest;
}

/** Without what the last damage cost: someone has looked after the model since. */
export function settled({ name, device, active, pinned, threshold, newest }: Manifest): Manifest {
  return { name, device, active, pinned, threshold, newest };
}

/** A model, or what several have in common, in words: `"pump-health" for pump-07`. */
export function describe({ name, device }: Partial<ModelKey>): string {
  const whose = device === SHARED_DEVICE ? 'all devices' : (device ?? 'any device');
  return `${name === undefined ? '' : `"${name}" `}for ${whose}`;
}
