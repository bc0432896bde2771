import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import should from 'should';
import { ML_DATABASE_DEFAULTS } from '#nodes/ml-database/config';
import { ML_DETECT_DEFAULTS } from '#nodes/ml-detect/config';
import { ML_FORECAST_DEFAULTS } from '#nodes/ml-forecast/config';
import { ML_MODEL_STORE_DEFAULTS } from '#nodes/ml-model-store/config';
import { ML_STORE_DEFAULTS } from '#nodes/ml-store/config';
import { ML_SYNTHETIC_DEFAULTS } from '#nodes/ml-synthetic/config';
import { ML_TRAIN_DEFAULTS } from '#nodes/ml-train/config';
import { type FileNode, ROOT } from '../support/demo';

const ours: Readonly<Record<string, object>> = {
  'ml-database': ML_DATABASE_DEFAULTS,
  'ml-detect': ML_DETECT_DEFAULTS,
  'ml-forecast': ML_FORECAST_DEFAULTS,
  'ml-model-store': ML_MODEL_STORE_DEFAULTS,
  'ml-store': ML_STORE_DEFAULTS,
  'ml-synthetic': ML_SYNTHETIC_DEFAULTS,
  'ml-train': ML_TRAIN_DEFAULTS,
};
/** Nodes of Node-RED itself that the flows use. */
const core = ['tab', 'group', 'comment', 'inject', 'debug', 'change', 'switch', 'split', 'csv', 'file', 'file in'];
const mqtt = ['mqtt in', 'mqtt out', 'mqtt-broker'];
const service = ['http in', 'http response', 'function', 'catch'];
/** Nodes that stand on no canvas. */
const config = ['ml-database', 'ml-store'];
/** What the editor keeps of each node on the canvas. */
const placing = ['id', 'type', 'z', 'g', 'x', 'y', 'wires', 'name', 'configVersion'];

const read = (file: string): FileNode[] => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as FileNode[];
const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => `examples/${name.replaceAll('\\', '/')}`);
const files = new Map([...examples, 'demo/flows.json'].map((file) => [file, read(file)]));

describe('the flow files', () => {
  for (const [file, flow] of files) {
    describe(file, () => {
      it('needs nothing but this package and Node-RED itself', () => {
        const allowed = [...Object.keys(ours), ...core, ...(/MQTT|IIoT|demo/.test(file) ? mqtt : [])];
        if (file.includes('/services/')) allowed.push(...service);
        should(flow.map(({ type }) => type).filter((type) => !allowed.includes(type))).eql([]);
      });

      it('explains itself in a comment', () => {
        const comments = flow.filter(({ type }) => type === 'comment');
        should(comments.length).be.above(0);
        for (const { name, info } of comments) {
          should(name).be.a.String().and.not.equal('');
          should(info).be.a.String().and.not.equal('');
        }
      });

      it('wires only nodes that exist, on a canvas of its own', () => {
        const ids = flow.map(({ id }) => id);
        should(new Set(ids).size).equal(ids.length);
        const tabs = flow.filter(({ type }) => type === 'tab').map(({ id }) => id);
        should(tabs).have.length(file === 'demo/flows.json' ? 2 : 1);
        for (const { z, g, wires = [] } of flow) {
          if (z !== undefined) should(tabs).containEql(z);
          const onItsCanvas = flow.filter((node) => node.z === z).map(({ id }) => id);
          for (const target of (wires as string[][]).flat()) should(onItsCanvas).containEql(target);
          if (g !== undefined) should(onItsCanvas).containEql(g);
        }
      });

      it('holds every setting of our nodes, and no other', () => {
        for (const node of flow.filter(({ type }) => type in ours)) {
          const settings = Object.keys(node).filter((key) => !placing.includes(key));
          should(settings.sort()).eql(Object.keys(ours[node.type]!).sort());
        }
      });
    });
  }

  it('share no ids, so that all can be imported', () => {
    const ids = [...files.values()].flatMap((flow) => flow.map(({ id }) => id));
    should(new Set(ids).size).equal(ids.length);
  });

  it('show every node of the package in an example', () => {
    const shown = new Set(examples.flatMap((file) => files.get(file)!.map(({ type }) => type)));
    const { 'node-red': declared } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      'node-red': { nodes: Record<string, string> };
    };
    const nodes = Object.keys(declared.nodes).filter((type) => !config.includes(type));
    should(nodes.filter((type) => !shown.has(type))).eql([]);
  });

  it('stand where Node-RED looks for examples, at the root', () => {
    should(existsSync(join(ROOT, 'examples'))).be.true();
  });
});
