import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { translate } from './catalogue';

export const ROOT = join(__dirname, '..', '..', '..');

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
};

/** Node types and the files of their runtimes, as the package tells Node-RED. */
export const NODE_FILES = manifest['node-red'].nodes;
export const NODE_TYPES = Object.keys(NODE_FILES);

type Checked = Readonly<Record<string, unknown>>;

/** What a node's html registers with the editor. */
export interface Definition {
  readonly category: string;
  readonly color?: string;
  readonly icon?: string;
  readonly defaults: Readonly<
    Record<
      string,
      {
        readonly value: unknown;
        readonly type?: string;
        readonly required?: boolean;
        readonly validate?: (this: Checked, value: unknown, options: object) => true | string;
      }
    >
  >;
  readonly credentials?: Readonly<Record<string, object>>;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly paletteLabel: string;
  readonly label: (this: object) => string;
  readonly labelStyle: (this: object) => string;
  readonly inputLabels?: (this: object, index: number) => string;
  readonly outputLabels?: (this: object, index: number) => string;
}

export interface Form {
  readonly html: string;
  /** The form with the shared parts in it. */
  readonly template: string;
  readonly definition: Definition;
}

export function htmlOf(type: string): string {
  return readFileSync(join(ROOT, 'nodes', type, `${type}.html`), 'utf8');
}

/** What a node's runtime registers: the settings that it hands to the editor. */
export function exportedSettings(
  type: string,
): Record<string, { readonly value: unknown; readonly exportable: boolean }> {
  let settings = {};
  const RED = {
    _: translate,
    nodes: {
      registerType: (_type: string, _constructor: unknown, options?: { settings?: object }) => {
        settings = options?.settings ?? {};
      },
    },
    httpAdmin: { get: () => undefined, post: () => undefined },
    auth: { needsPermission: () => undefined },
  };
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  (require(join(ROOT, NODE_FILES[type]!)) as (RED: object) => void)(RED);
  return settings;
}

/** Node-RED gives a key back where there is no text. */
function textOrKey(key: string, values?: Readonly<Record<string, unknown>>): string {
  try {
    return translate(key, values);
  } catch {
    return key.replace(/^.*:/, '');
  }
}

/** Loads a node's html as the editor does, as far as it goes without a browser. */
export function loadForm(type: string): Form {
  const html = htmlOf(type);
  const [, template = ''] = /<script type="text\/html" data-template-name="[\w-]+">(.*?)<\/script>/s.exec(html) ?? [];
  const [, script = ''] = /<script type="text\/javascript">(.*?)<\/script>/s.exec(html) ?? [];
  const element = { textContent: template };
  let definition: Definition | undefined;
  const settings = Object.entries(exportedSettings(type)).map(([name, { value }]) => [name, value]);
  const context = createContext({
    document: {
      getElementById: () => element,
      querySelector: (selector: string) => (selector.includes('data-template-name') ? element : null),
    },
    RED: {
      _: textOrKey,
      settings: Object.fromEntries(settings) as object,
      nodes: {
        registerType: (_type: string, registered: Definition) => {
          definition = registered;
        },
      },
      validators: {
        number: (blankAllowed: boolean) => (value: unknown) =>
          (blankAllowed && (value === '' || value === undefined)) || !Number.isNaN(Number(value)),
        typedInput: () => () => true,
      },
    },
  });
  new Script(readFileSync(join(ROOT, 'resources', 'ml-editor.js'), 'utf8')).runInContext(context);
  new Script(script).runInContext(context);
  return { html, template: element.textContent, definition: definition! };
}

/** A node as it is when it has been dropped on the canvas. */
export function droppedNode(type: string, { defaults }: Definition): Record<string, unknown> {
  const values = Object.entries(defaults).map(([name, { value }]) => [name, structuredClone(value)]);
  return { type, _: textOrKey, ...(Object.fromEntries(values) as object) };
}
