import { withCard, type Artifact } from '../core/artifact';
import { MlError, messageOf } from '../core/errors';
import { BundleWriter, entryName, readBundle } from './bundle';
import { describe, type Manifest } from './manifest';
import type { ImportReport, ModelKey } from './store';
import type { StoredModel } from './stored-model';

const NOTE =
  'Checksums find damage, not malice: import only what you, or someone you trust, exported. Imported versions have new numbers here.';

/** What an import needs of the store it goes into. */
export interface ImportTarget {
  /** Stores a version under a new number, without activating or deleting anything. */
  add(artifact: Artifact): Promise<Artifact>;
  /** Replaces a manifest once all versions are there. */
  finish(key: ModelKey, update: (manifest: Manifest) => Manifest): Promise<void>;
}

/** @param version - only this one; by default all */
export async function exportModels(models: readonly StoredModel[], version?: number): Promise<string> {
  const bundle = new BundleWriter();
  for (const model of models) {
    const manifest = await model.manifest();
    if (manifest === null) continue;
    bundle.addManifest(manifest);
    for (const each of version === undefined ? await model.versions() : [version]) {
      try {
        await model.read(each);
        bundle.addArtifact(await model.readSealed(each));
      } catch (error) {
        // One version that was asked for by its number must come; of many, the damaged ones are named.
        const isOfThisOne = error instanceof MlError && error.code !== 'LIMIT' && error.code !== 'DATABASE';
        if (version !== undefined || !isOfThisOne) throw error;
        bundle.addOmitted(`version ${each} of ${describe(model.key)}`, error.message);
      }
    }
  }
  return bundle.toString();
}

/** What came of one model while its lines are read. */
interface Arrived {
  readonly key: ModelKey;
  readonly manifest: Manifest | undefined;
  /** Version there → version here. */
  readonly numbers: Map<number, number>;
}

export async function importModels(bundle: string, target: ImportTarget): Promise<ImportReport> {
  const imported: (ModelKey & { readonly version: number })[] = [];
  const failed: { readonly what: string; readonly reason: string }[] = [];
  const arrived = new Map<string, Arrived>();
  const arrivalOf = ({ name, device }: ModelKey, manifest?: Manifest): Arrived => {
    const id = JSON.stringify([name, device]);
    const found = arrived.get(id);
    const arrival = found ?? { key: { name, device }, manifest, numbers: new Map<number, number>() };
    if (found === undefined) arrived.set(id, arrival);
    return arrival;
  };

  for (const entry of readBundle(bundle)) {
    if ('failed' in entry) failed.push(entry.failed);
    else if ('manifest' in entry) arrivalOf(entry.manifest, entry.manifest);
    else {
      const { artifact } = entry;
      const { key, manifest, numbers } = arrivalOf(artifact);
      const active = manifest?.active === artifact.version;
      try {
        const { version } = await target.add(withCard(artifact, { active }));
        numbers.set(artifact.version, version);
        imported.push({ ...key, version });
      } catch (error) {
        failed.push({ what: entryName(artifact), reason: messageOf(error) });
      }
    }
  }

  for (const { key, manifest, numbers } of arrived.values()) {
    if (numbers.size === 0) continue;
    try {
      await target.finish(key, (here) => merge(here, manifest, numbers));
    } catch (error) {
      failed.push({ what: `the manifest of ${describe(key)}`, reason: messageOf(error) });
    }
  }
  return { imported, failed, note: NOTE };
}

/** What was active there becomes active here, with its pin and threshold; where it did not arrive, nothing changes. */
function merge(here: Manifest, there: Manifest | undefined, numbers: ReadonlyMap<number, number>): Manifest {
  const active = numbers.get(there?.active ?? 0);
  if (there === undefined || active === undefined) return here;
  return { ...here, active, pinned: there.pinned, threshold: there.threshold };
}
