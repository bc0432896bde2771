import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

const NODES = join(__dirname, '..', '..', '..', 'nodes');
const catalogues = new Map<string, Catalogue>();

export function catalogueOf(type: string): Catalogue {
  let catalogue = catalogues.get(type);
  if (catalogue === undefined) {
    catalogue = JSON.parse(readFileSync(join(NODES, type, 'locales', 'en-US', `${type}.json`), 'utf8')) as Catalogue;
    catalogues.set(type, catalogue);
  }
  return catalogue;
}

/** Every key of a catalogue, dotted, with its text. */
export function textsOf(catalogue: Catalogue, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(catalogue).flatMap(([name, entry]) =>
      typeof entry === 'string' ? [[prefix + name, entry] as const] : [...textsOf(entry, `${prefix}${name}.`)],
    ),
  );
}

/**
 * What `RED._` does in a real Node-RED: `ml-detect.status.learning` stands in the catalogue of ml-detect,
 * `package/ml-store:shared.…` in that of ml-store.
 * Nodes that are not of this package get the key back.
 * @throws where there is no such text
 */
export function translate(key: string, values: Readonly<Record<string, unknown>> = {}): string {
  const [, namespace, path = ''] = /^(?:(.*):)?(.*)$/.exec(key) ?? [];
  const type = (namespace ?? path.split('.')[0]!).split('/').at(-1)!;
  if (!existsSync(join(NODES, type))) return key;
  const text = textsOf(catalogueOf(type)).get(path);
  if (text === undefined) throw new Error(`nodes/${type}/locales/en-US/${type}.json has no text "${path}".`);
  return text.replace(/__(\w+)__/g, (_, name: string) => String(values[name]));
}
