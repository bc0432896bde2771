import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import should from 'should';
import { openStore } from '#lib/store/open-store';
import mlStore from '#nodes/ml-store/ml-store';
import { storeFolder, storeOf } from '#nodes/ml-store/store-of';
import { makeArtifact } from '../support/artifact';
import { loadFlow, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';

const report = (): void => undefined;

describe('ml-store', () => {
  const folder = temporaryFolder();
  let RED: NodeAPI;
  const start = (config: object): Promise<void> =>
    loadFlow(
      [mlStore, (api) => (RED = api)],
      [
        { id: 'store', type: 'ml-store', ...config },
        { id: 'user', type: 'helper' },
      ],
      { userDir: folder() },
    );

  afterEach(unloadFlow);

  const folders: readonly (readonly [string, object, (userDir: string) => string])[] = [
    ['the user directory by default', {}, (userDir) => join(userDir, 'flowsight-ml')],
    ['the user directory when blank', { folder: '  ' }, (userDir) => join(userDir, 'flowsight-ml')],
    ['a folder below the user directory', { folder: 'a/b' }, (userDir) => join(userDir, 'a', 'b')],
    ['a folder anywhere', { folder: '/var/lib/models' }, () => '/var/lib/models'],
  ];
  for (const [what, config, expected] of folders) {
    it(`keeps models in ${what}`, async () => {
      await start(config);
      const store = storeOf(RED, runningNode('user'), 'store');
      store.folder.should.equal(expected(folder()));
      await store.release();
    });
  }

  it('falls back on the home directory where Node-RED has no user directory', () => {
    storeFolder({ settings: {} } as NodeAPI, '').should.equal(join(homedir(), '.node-red', 'flowsight-ml'));
  });

  it('refuses a number of versions that is none, when it is used', async () => {
    for (const keep of ['0', 'many', '1.5']) {
      await start({ keep });
      should(() => storeOf(RED, runningNode('user'), 'store')).throw(
        /versions to keep must be a whole number of at least 1/,
      );
      await unloadFlow();
    }
  });

  it('is shared by all nodes that use one folder', async () => {
    await start({ keep: '' });
    const chosen = storeOf(RED, runningNode('user'), 'store');
    const byDefault = storeOf(RED, runningNode('user'), '');
    const blank = storeOf(RED, runningNode('user'), undefined);
    byDefault.models.should.equal(chosen.models);
    blank.models.should.equal(chosen.models);
    await Promise.all([chosen, byDefault, blank].map((store) => store.release()));
  });

  it('is refused where it is not there, or another kind of node', async () => {
    await start({});
    for (const id of ['gone', 'user']) {
      should(() => storeOf(RED, runningNode('user'), id)).throw(/missing or switched off/);
    }
  });

  describe('suggestions for the editor', () => {
    const ask = async (query = ''): Promise<Response> => {
      const server = createServer(RED.httpAdmin).listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        return await fetch(`http://127.0.0.1:${port}/flowsight-ml/suggestions${query}`);
      } finally {
        server.close();
      }
    };
    const suggestions = async (query?: string): Promise<unknown> => (await ask(query)).json();

    it('are the models, their devices and the fields last seen', async () => {
      await start({ folder: 'mine' });
      const store = openStore(join(folder(), 'mine'), { report });
      await store.models.save(makeArtifact({ name: 'pump-health', device: 'pump-07' }), true);
      await store.models.save(makeArtifact({ name: 'pump-health', device: '*' }), true);
      store.fields.record('pump-health', ['flow', 'current']);
      store.fields.record('new', ['a']);
      should(await suggestions('?store=store')).eql({
        models: [
          { name: 'new', devices: [], fields: ['a'] },
          { name: 'pump-health', devices: ['*', 'pump-07'], fields: ['current', 'flow'] },
        ],
      });
      await store.release();
      should(await suggestions()).eql({ models: [] });
      should(await suggestions('?store=gone&store=twice')).eql({ models: [] });
    });

    it('need permission', async () => {
      let asked = '';
      const api = (RED: NodeAPI): NodeAPI =>
        Object.assign(Object.create(RED) as NodeAPI, {
          auth: {
            needsPermission: (permission: string) => {
              asked = permission;
              return (_request: unknown, response: { sendStatus(status: number): void }) => response.sendStatus(401);
            },
          },
        });
      await loadFlow([(red) => mlStore(api((RED = red)))], [{ id: 'store', type: 'ml-store' }], { userDir: folder() });
      asked.should.equal('ml-store.read');
      (await ask()).status.should.equal(401);
    });
  });
});
