// Over 300 lines: one catalogue of all forms is read for all checks.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import should from 'should';
import { ML_DATABASE_DEFAULTS } from '#nodes/ml-database/config';
import { ML_DETECT_DEFAULTS } from '#nodes/ml-detect/config';
import { ML_FORECAST_DEFAULTS } from '#nodes/ml-forecast/config';
import { ML_MODEL_STORE_DEFAULTS } from '#nodes/ml-model-store/config';
import { ML_STORE_DEFAULTS } from '#nodes/ml-store/config';
import { ML_SYNTHETIC_DEFAULTS } from '#nodes/ml-synthetic/config';
import { ML_TRAIN_DEFAULTS } from '#nodes/ml-train/config';
import { CONFIG_VERSION } from '#nodes/shared/config';
import { USUAL_NAMES } from '#nodes/shared/history-config';
import { detectors, forecasters } from '#lib/registry';
import { catalogueOf, textsOf } from '../support/catalogue';
import { droppedNode, exportedSettings, htmlOf, loadForm, NODE_FILES, NODE_TYPES, ROOT } from '../support/forms';

const DEFAULTS: Readonly<Record<string, object>> = {
  'ml-database': ML_DATABASE_DEFAULTS,
  'ml-detect': ML_DETECT_DEFAULTS,
  'ml-forecast': ML_FORECAST_DEFAULTS,
  'ml-model-store': ML_MODEL_STORE_DEFAULTS,
  'ml-store': ML_STORE_DEFAULTS,
  'ml-synthetic': ML_SYNTHETIC_DEFAULTS,
  'ml-train': ML_TRAIN_DEFAULTS,
};

/** Properties that Node-RED keeps for itself. */
const RESERVED = ['id', 'type', 'wires', 'inputs', 'outputs', 'x', 'y', 'z', 'd', 'g', 'l'];

const editorScripts = readdirSync(join(ROOT, 'editor'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(ROOT, 'editor', file), 'utf8'))
  .join('\n');

const runtimeOf = (folder: string): string =>
  readdirSync(join(ROOT, 'nodes', folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'nodes', folder, file), 'utf8'))
    .join('\n');

const sharedSources = [runtimeOf('shared'), ...NODE_TYPES.map((type) => loadForm(type).template)];

const escaped = (text: string): string => text.replace(/\W/g, '\\$&');

/** True where a catalogue's key stands in the sources: below its first part as a whole, or put together from its last. */
function mentions(sources: string, key: string): boolean {
  const path = key.split('.').slice(1);
  const whole = new RegExp(`['"\`:.]${escaped(path.join('.'))}['"\`]`);
  const family = new RegExp(`['"\`:.]${escaped(path.slice(0, -1).join('.'))}\\.(?:'\\s*\\+|\\$\\{)`);
  return whole.test(sources) || (path.length > 1 && family.test(sources));
}

/** Units in the specifications of numbers, however deep. */
function unitsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'unit' && 'min' in value && typeof part === 'string' ? [part] : unitsIn(part),
  );
}

/** `#7FABA1` as WCAG's relative luminance. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (one: string, other: string): number => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
};

describe('the editor', () => {
  it('knows defaults of every node', () => {
    should(Object.keys(DEFAULTS).sort()).eql([...NODE_TYPES].sort());
  });

  for (const type of NODE_TYPES) {
    describe(`of ${type}`, () => {
      const form = loadForm(type);
      const { definition, html, template } = form;
      const properties = Object.keys(definition.defaults).filter((name) => !['name', 'configVersion'].includes(name));
      const prefix = definition.category === 'config' ? 'node-config-input' : 'node-input';
      const isConfig = definition.category === 'config';

      it('has the defaults that its runtime expects', () => {
        const values = Object.entries(definition.defaults).map(([name, { value }]) => [name, value] as const);
        should(JSON.parse(JSON.stringify(Object.fromEntries(values)))).eql({
          ...DEFAULTS[type],
          name: '',
          configVersion: CONFIG_VERSION,
        });
      });

      it('is valid as dropped on the canvas', () => {
        const node = droppedNode(type, definition);
        for (const [name, { validate, required }] of Object.entries(definition.defaults)) {
          if (validate !== undefined) should(validate.call(node, node[name], {})).equal(true, name);
          if (node[name] === '') should(required ?? false).be.false();
        }
      });

      it('is valid where a flow leaves everything out', () => {
        const node = { type };
        for (const [name, { validate }] of Object.entries(definition.defaults)) {
          if (validate !== undefined) should(validate.call(node, undefined, {})).equal(true, name);
        }
      });

      it('asks for every property, once', () => {
        for (const property of properties) {
          const places = [`id="${prefix}-${property}"`, `data-list="${property}"`, `data-${property}>`];
          const found = places.reduce((sum, place) => sum + template.split(place).length - 1, 0);
          should(found).equal(1, property);
        }
        const asked = [...template.matchAll(new RegExp(`id="${prefix}-(\\w+)"`, 'g'))].map(([, name]) => name);
        const known = ['name', ...properties, ...Object.keys(definition.credentials ?? {})];
        should(asked.filter((name) => !known.includes(name!))).be.empty();
      });

      it('takes no name that Node-RED keeps for itself', () => {
        for (const property of properties) {
          should(property.length).be.above(1);
          should(RESERVED).not.containEql(property);
        }
      });

      it('checks its numbers by what the runtime specifies', () => {
        const names = [...html.matchAll(/(\w+): \{ value: '.*', validate: FlowsightMl\.number\('(\w+)'\)/g)];
        const setting = `${type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Numbers`;
        const specs = (exportedSettings(type)[setting]?.value ?? {}) as Record<string, unknown>;
        for (const [, property, checked] of names) {
          should(checked).equal(property);
          should(specs).have.property(property!);
        }
        const unused = Object.keys(specs).filter((name) => !names.some(([, property]) => property === name));
        should(unused).be.empty();
      });

      it('runs behind what Node-RED asks of a node', () => {
        const runtime = runtimeOf(type);
        should(runtime).match(/function Ml\w+\(this: [^)]*\): void \{\s*RED\.nodes\.createNode\(this, /);
        for (const [route] of runtime.matchAll(/httpAdmin\s*\.(?:get|post|put|delete)\([^;]*?=>/g)) {
          should(route).containEql(`RED.auth.needsPermission('${type}.`);
        }
      });

      it('hands settings to the editor under its own name', () => {
        const camelCase = type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
        for (const [name, { exportable }] of Object.entries(exportedSettings(type))) {
          should(name.startsWith(camelCase)).be.true();
          should(exportable).be.true();
        }
      });

      it('can be read by the checks of the Node-RED catalogue', () => {
        should(existsSync(join(ROOT, NODE_FILES[type]!))).be.true();
        should(existsSync(join(ROOT, NODE_FILES[type]!.replace(/\.js$/, '.html')))).be.true();
        should(html).match(
          new RegExp(`<script type="text/javascript">[^<]*RED\\.nodes\\.registerType\\('${type}', \\{`),
        );
        should(html).containEql(`data-template-name="${type}"`);
      });

      it('is named by its name in italics, else by what it does', () => {
        const node = { ...droppedNode(type, definition), name: 'mine' };
        should(definition.label.call(node)).equal('mine');
        should(definition.labelStyle.call(node)).equal('node_label_italic');
        const unnamed = droppedNode(type, definition);
        should(definition.label.call(unnamed)).match(/^[a-z -]{3,}$/);
        should(definition.labelStyle.call(unnamed)).equal('');
        should(definition.paletteLabel).equal(type);
      });

      if (!isConfig) {
        it('looks like one of the family', () => {
          should(definition.category).equal('machine learning');
          should(contrast(definition.color!, '#333333')).be.above(4.5);
          should(contrast(definition.color!, '#111111')).be.above(4.5);
          const icons = readFileSync(
            join(ROOT, 'node_modules/@node-red/editor-client/public/vendor/font-awesome/css/font-awesome.min.css'),
            'utf8',
          );
          const used = [
            definition.icon!.replace('font-awesome/', ''),
            ...[...template.matchAll(/fa (fa-[\w-]+)/g)].map(([, icon]) => icon!),
          ];
          for (const icon of used) should(icons).containEql(`.${icon}:before`);
        });

        it('names its ports', () => {
          const node = droppedNode(type, definition);
          should(definition.inputs).equal(1);
          should(definition.inputLabels!.call(node, 0)).match(/^[A-Za-z]/);
          const names = Array.from({ length: definition.outputs! }, (_, i) => definition.outputLabels!.call(node, i));
          should(new Set(names).size).equal(definition.outputs);
        });
      }

      it('explains itself', () => {
        const help = readFileSync(join(ROOT, 'nodes', type, 'locales', 'en-US', `${type}.html`), 'utf8');
        should(help).startWith(`<script type="text/html" data-help-name="${type}">`);
        const intro = help.slice(0, help.indexOf('<h3>'));
        should(intro.match(/<p>/g)!.length).be.within(1, 3);
        const headings = [...help.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, heading]) => heading);
        should(headings).eql(isConfig ? ['Details', 'References'] : ['Inputs', 'Outputs', 'Details', 'References']);
        const [, ports = ''] = /<ol class="node-ports">(.*?)<\/ol>/s.exec(help) ?? [];
        should(ports.match(/<li>/g)?.length).equal(definition.outputs);
      });

      it('has a text for every key', () => {
        const keys = [...template.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key!);
        const inScript = [...html.matchAll(/this\._\(\s*'([^']+)'\s*[,)]/g)].map(([, key]) => key!);
        should(keys.length).be.above(0);
        for (const key of [...keys, ...inScript]) {
          const [, node = type, path = ''] = /^(?:.*\/([\w-]+):)?(.*)$/.exec(key) ?? [];
          should(textsOf(catalogueOf(node)).has(path)).equal(true, key);
        }
      });

      it('has no text left over', () => {
        const sources = [html, template, runtimeOf(type), editorScripts, ...(isConfig ? sharedSources : [])].join('\n');
        const left = [...textsOf(catalogueOf(type)).keys()].filter((key) => !mentions(sources, key));
        should(left).be.empty();
      });

      it('keeps status texts short enough for the canvas', () => {
        for (const [key, text] of textsOf(catalogueOf(type))) {
          if (/\bstatus\./.test(key)) should(text.replace(/__\w+__/g, '12').length).be.below(20, key);
        }
      });

      if (!isConfig) {
        it('stands in an example', () => {
          const examples = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.json'));
          const flows = examples.map((file) => readFileSync(join(ROOT, 'examples', file), 'utf8'));
          should(flows.some((flow) => flow.includes(`"type": "${type}"`))).be.true();
        });
      }
    });
  }

  describe('of ml-train, by what is to be learned,', () => {
    const { definition, template } = loadForm('ml-train');
    const problem = (property: string, value: string, task: string): unknown =>
      definition.defaults[property]!.validate!.call({ ...droppedNode('ml-train', definition), task }, value, {});

    it('checks how far ahead to look, and no threshold that is hidden', () => {
      for (const fine of ['', '24 h', '90min', ' 1.5 D ', '2 w', '${HORIZON}']) {
        should(problem('horizon', fine, 'forecast')).equal(true, fine);
      }
      for (const wrong of ['24', 'h', '3 weeks', '-1 h', '1,5 d']) {
        should(problem('horizon', wrong, 'forecast')).match(/^How far ahead: must be a number with s, min, h, d or w/);
        should(problem('horizon', wrong, 'detect')).be.true();
      }
      should(problem('thresholdValue', '7', 'detect')).be.a.String();
      should(problem('thresholdValue', '7', 'forecast')).be.true();
    });

    it('takes a time or a number of steps for how far ml-forecast looks ahead', () => {
      const form = loadForm('ml-forecast').definition;
      const looking = (value: string): unknown =>
        form.defaults.horizon!.validate!.call(droppedNode('ml-forecast', form), value, {});
      for (const fine of ['', '6 h', '12', ' 12 steps', '1 step', '10080']) should(looking(fine)).equal(true, fine);
      for (const wrong of ['soon', '0', '0 steps', '10081 steps', '-3', '1.5']) {
        should(looking(wrong)).match(/^Look ahead: must be a time with s, min, h, d or w.* or 1 to 10080 steps/, wrong);
      }
    });

    it('offers detectors and forecasters, and says which can go on from an earlier version', () => {
      const offered = exportedSettings('ml-train').mlTrainAlgorithms!.value as readonly Record<string, unknown>[];
      const ofKind = (kind: string): unknown[] => offered.filter((each) => each.kind === kind).map(({ id }) => id);
      should(ofKind('detector')).eql(detectors.map(({ id }) => id));
      should(ofKind('forecaster')).eql(forecasters.map(({ id }) => id));
      for (const { id, warmStart } of offered) {
        const { traits } = [...detectors, ...forecasters].find((algorithm) => algorithm.id === id)!;
        should(warmStart).equal(traits.warmStart === true, String(id));
      }
    });

    it('shows rows by properties that there are', () => {
      const wanted = [...template.matchAll(/data-shown-when="([^"]+)"/g)].flatMap(([, pairs]) => pairs!.split(' '));
      should(wanted).containEql('task=forecast');
      for (const pair of wanted) should(definition.defaults).have.property(pair.split('=')[0]!);
    });
  });

  describe('of past readings', () => {
    const { definition, template } = loadForm('ml-train');
    const problem = (property: string, value: string, others: object = {}): unknown =>
      definition.defaults[property]!.validate!.call({ ...droppedNode('ml-train', definition), ...others }, value, {});

    it('wants a database, and SQL where that is to be used', () => {
      should(problem('source', 'history')).equal('Database: choose the one that past readings are in');
      should(problem('source', 'history', { database: '_ADD_' })).be.a.String();
      should(problem('source', 'history', { database: 'a1b2' })).be.true();
      should(problem('source', 'stream')).be.true();
      const own = { database: 'a1b2', historyLayout: 'sql' };
      should(problem('historySql', '', own)).equal('SQL: must be given');
      should(problem('historySql', 'SELECT 1', own)).be.true();
      should(problem('historySql', '', { database: 'a1b2' })).be.true();
    });

    it('wants a database for what ml-model-store does with readings and results', () => {
      const store = loadForm('ml-model-store').definition;
      const { validate } = store.defaults.action!;
      const node = droppedNode('ml-model-store', store);
      should(validate!.call(node, 'readings', {})).equal('Database: must be given');
      should(validate!.call({ ...node, database: 'a1b2' }, 'readings', {})).be.true();
      should(validate!.call(node, 'export', {})).be.true();
    });

    it('wants to look back for a time', () => {
      for (const fine of ['', '168 h', '30 d']) should(problem('historyRange', fine)).equal(true, fine);
      should(problem('historyRange', '168')).match(/^Look back: must be a number with s, min, h, d or w/);
    });

    it('shows the names that are used where none is typed', () => {
      const usual = (property: string): object => {
        const [, pairs = ''] = new RegExp(`id="node-input-${property}" data-usual="([^"]+)"`).exec(template) ?? [];
        return Object.fromEntries(pairs.split(' ').map((pair) => pair.split('='))) as object;
      };
      const names = (of: 'table' | 'device'): object =>
        Object.fromEntries(Object.entries(USUAL_NAMES).map(([layout, each]) => [layout, each[of]]));
      should(usual('historyTable')).eql(names('table'));
      should(usual('historyDevice')).eql(names('device'));
    });
  });

  it('knows the units of all numbers', () => {
    const settings = NODE_TYPES.flatMap((type) => Object.values(exportedSettings(type)));
    const units = new Set(settings.flatMap(({ value }) => unitsIn(value)));
    const { shared } = catalogueOf('ml-store') as { readonly shared: { readonly unit: object } };
    should(Object.keys(shared.unit).sort()).eql([...units].sort());
  });

  it('is given one script that can be loaded again and again', () => {
    for (const type of NODE_TYPES) {
      should(htmlOf(type)).startWith('<script src="resources/@flowsight/node-red-ml/ml-editor.js"></script>');
    }
    should(existsSync(join(ROOT, 'resources', 'ml-editor.css'))).be.true();
    should(dirname(NODE_FILES['ml-train']!)).equal('dist/nodes/ml-train');
  });
});
