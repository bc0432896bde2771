// Over 300 lines: one database comes and goes for all nodes that use it, and takes seconds to open.
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import type { NodeAPI, NodeStatus } from 'node-red';
import should from 'should';
import type { ModelCard } from '#lib/core/artifact';
import { migrate } from '#lib/postgres/migrations';
import { openSharedEmbedded } from '#lib/postgres/shared-embedded';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { PostgresStore } from '#lib/store/postgres-store';
import type { ModelSummary } from '#lib/store/store';
import mlDatabase from '#nodes/ml-database/ml-database';
import { databaseOf } from '#nodes/ml-database/database-of';
import type { Trial } from '#nodes/ml-database/try-database';
import mlDetect from '#nodes/ml-detect/ml-detect';
import mlModelStore from '#nodes/ml-model-store/ml-model-store';
import mlStore from '#nodes/ml-store/ml-store';
import { storeOf } from '#nodes/ml-store/store-of';
import mlTrain from '#nodes/ml-train/ml-train';
import { makeArtifact } from '../support/artifact';
import { serverClient, SERVER_URL } from '../support/databases';
import {
  type FlowNode,
  give,
  loadFlow,
  type Message,
  type NodeModule,
  nextStatus,
  runningNode,
  unloadFlow,
} from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { Gate } from '../support/gate';
import { telemetry } from '../support/telemetry';

const modules = [mlDatabase, mlStore, mlModelStore, mlDetect, mlTrain];
const PASSWORD = 'open-sesame';

/** A database as a node's form describes it, and the way to make it come and go. */
interface Place {
  readonly config: object;
  readonly credentials: object;
  /** As another Node-RED has it. */
  readonly open: () => Promise<SqlClient>;
  readonly comes: () => Promise<void>;
}

const places: readonly (readonly [string, string, (folder: string) => Promise<Place>])[] = [
  [
    'an embedded database',
    'ENOTDIR|EEXIST|not a directory|file already exists',
    (folder) => {
      const inside = join(folder, 'base');
      return writeFile(inside, 'a file, so that no folder can be here').then(() => ({
        config: { kind: 'embedded', folder: 'base/data' },
        credentials: {},
        open: () => openSharedEmbedded(join(inside, 'data'), folder),
        comes: async () => {
          await rm(inside, { recursive: true, force: true });
          await mkdir(inside);
        },
      }));
    },
  ],
  ...(SERVER_URL === undefined
    ? []
    : [
        [
          'a PostgreSQL server',
          'ECONNREFUSED',
          async () => {
            const gate = await Gate.before(SERVER_URL!);
            return {
              config: { kind: 'server', address: 'url' },
              credentials: { url: gate.url },
              open: () => Promise.resolve(serverClient(SERVER_URL!)),
              comes: () => gate.open(),
            };
          },
        ] as const,
      ]),
];

/** A status that a node shows, now or later, for which `wanted` holds. */
async function status(id: string, wanted: (status: NodeStatus) => boolean): Promise<NodeStatus> {
  const node = runningNode(id);
  const { lastCall } = Reflect.get(node, 'status') as unknown as {
    readonly lastCall: { readonly args: [NodeStatus] } | null;
  };
  return lastCall !== null && wanted(lastCall.args[0]) ? lastCall.args[0] : nextStatus(node, wanted);
}

for (const [what, refusal, make] of places) {
  describe(`nodes that use ${what}`, function () {
    this.timeout(90_000);
    const schema = `test_nodes_${process.pid}`;
    let place: Place;
    let other: SqlClient | undefined;

    // Before the folder goes.
    afterEach(async () => {
      await unloadFlow();
      const client = other ?? (await place.open().catch(() => undefined));
      await client?.query(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
      await client?.close();
      other = undefined;
    });
    const folder = temporaryFolder();
    beforeEach(async () => {
      place = await make(folder());
    });

    const start = (nodes: readonly FlowNode[], more: readonly NodeModule[] = []): Promise<void> =>
      loadFlow(
        [...modules, ...more],
        [
          { id: 'database', type: 'ml-database', schema, ...place.config },
          { id: 'store', type: 'ml-store', place: 'database', database: 'database' },
          ...nodes,
        ],
        { userDir: folder() },
        { database: place.credentials },
      );
    const models: FlowNode = { id: 'models', type: 'ml-model-store', store: 'store', wires: [[]] };
    const detect: FlowNode = { id: 'detect', type: 'ml-detect', store: 'store', useLearning: true, wires: [[], []] };
    const training: FlowNode = { id: 'train', type: 'ml-train', store: 'store', algorithm: 'mad', wires: [[], []] };
    const shows = (id: string, fill: string, shape: string, text: string): Promise<NodeStatus> =>
      status(id, (now) => now.fill === fill && now.shape === shape && now.text === text);
    const ask = async (message: Message): Promise<unknown> => {
      const { sent, error } = await give(runningNode('models'), message);
      if (error) throw error;
      return (sent[0] as Message).payload;
    };
    const rows = (): Message[] => {
      const { fields, timestampsMs, data } = telemetry({ rows: 300, device: 'pump-1' });
      return Array.from(timestampsMs, (timestamp, row) => ({
        timestamp,
        ...Object.fromEntries(fields.map((field, c) => [field, data[row * fields.length + c]])),
      }));
    };

    it('wait for it when it is away at the start, say so, and go on when it comes', async () => {
      await start([models, training, detect]);
      await Promise.all(['models', 'train', 'detect'].map((id) => shows(id, 'red', 'ring', 'disconnected')));
      const { error } = await give(runningNode('models'), { action: 'list' });
      error!.message.should.match(new RegExp(refusal));
      // A verdict is given by what is learned meanwhile, and a training waits with its version.
      const judged = await give(runningNode('detect'), { payload: rows()[0], device: 'pump-1' });
      judged.sent.should.have.length(1);
      const trained = give(runningNode('train'), { payload: rows(), device: 'pump-1' });

      const up = shows('models', 'green', 'dot', 'connected');
      await place.comes();
      await up;
      const { sent, error: failure } = await trained;
      should(failure).be.undefined();
      const card = (sent as Message[][]).flat().find((message) => message !== null)!.payload as ModelCard;
      card.version.should.equal(1);
      const [summary] = (await ask({ action: 'list' })) as ModelSummary[];
      summary!.should.containEql({ name: 'default', device: 'pump-1', active: 1 });
    });

    it('see within a second what another Node-RED has activated', async () => {
      await place.comes();
      await start([models, training, detect]);
      await shows('models', 'green', 'dot', 'connected');
      for (let i = 0; i < 2; i++) await give(runningNode('train'), { payload: rows(), device: 'pump-1' });
      const versionNow = async (): Promise<unknown> => {
        const { sent } = await give(runningNode('detect'), { payload: rows().at(-1), device: 'pump-1' });
        const message = [sent[0]].flat()[0] as { anomaly: { model: { version: number } } };
        return message.anomaly.model.version;
      };
      should(await versionNow()).equal(2);
      other = await place.open();
      await new PostgresStore(other, schema).activate({ name: 'default', device: 'pump-1' }, 1);
      const activatedMs = performance.now();
      while ((await versionNow()) !== 1) (performance.now() - activatedMs).should.be.below(3000);
    });

    it('close while it is away, though a version waits to be saved', async () => {
      let RED: NodeAPI | undefined;
      await start([models], [(api) => (RED = api)]);
      await shows('models', 'red', 'ring', 'disconnected');
      const node = runningNode('models');
      const store = storeOf(RED!, node, 'store');
      const saving = store.models.save(makeArtifact(), true);
      node.on('close', (done: () => void) => {
        saving.then(undefined, () => store.release()).then(done, done);
      });
      const startedMs = performance.now();
      await unloadFlow();
      (performance.now() - startedMs).should.be.below(8000);
      await should(saving).rejectedWith({ code: 'ABORTED' });
    });
  });
}

describe('ml-database', () => {
  let RED: NodeAPI;
  const start = (config: object, credentials: object = {}): Promise<void> =>
    loadFlow(
      [...modules, (api) => (RED = api)],
      [
        { id: 'database', type: 'ml-database', ...config },
        { id: 'store', type: 'ml-store', place: 'database', database: 'database' },
        { id: 'models', type: 'ml-model-store', store: 'store', wires: [[]] },
      ],
      { userDir: folder() },
      { database: credentials },
    );
  afterEach(unloadFlow);
  const folder = temporaryFolder();

  it('is refused by its users where it is missing, or its settings make no sense', async () => {
    await start({ kind: 'server', schema: 'pg_catalog' });
    should(() => databaseOf(RED, 'database')).throw(/has wrong settings; correct them/);
    should(() => databaseOf(RED, 'gone')).throw(/missing or switched off; choose another/);
    const { error } = await give(runningNode('models'), {});
    error!.message.should.match(/database this node uses has wrong settings/);
  });

  describe('tries what stands in the form', () => {
    const form = { id: 'database', kind: 'server', address: 'fields', host: '127.0.0.1', port: '1' };
    const ask = async (body: unknown): Promise<Trial> => {
      const app = express();
      app.use(express.json(), RED.httpAdmin);
      const server = createServer(app).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      try {
        const response = await fetch(`http://127.0.0.1:${port}/flowsight-ml/database`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        return (await response.json()) as Trial;
      } finally {
        server.close();
      }
    };
    const refused: readonly (readonly [string, object, RegExp])[] = [
      ['a server that is not there', {}, /^The database 127\.0\.0\.1:1\/postgres says: .*ECONNREFUSED.*Is the server/],
      ['a port that is none', { port: '99999' }, /port must be .* from 1 to 65535/],
      ['no URL', { address: 'url', credentials: { url: '' } }, /URL must be of the form postgres:/],
      [
        'a URL of something else',
        { address: 'url', credentials: { url: 'http://x:open-sesame@y' } },
        /must be of the form/,
      ],
      ['a schema that PostgreSQL keeps', { schema: 'pg_toast' }, /name of the schema/],
      ['a CA file that is not there', { tls: 'verify', caFile: '/gone.pem' }, /CA file cannot be read: .*gone\.pem/],
      ['another shape', { host: { a: 1 } }, /another shape: reload the editor/],
      ['no kind that exists', { kind: 'oracle' }, /kind must be one of server, embedded, got "oracle"/],
    ];
    for (const [what, changes, sentence] of refused) {
      it(`and says in a sentence what is wrong: ${what}`, async () => {
        await start({ kind: 'server', host: '127.0.0.1', port: '1' });
        const { works, text } = await ask({ ...form, credentials: { password: PASSWORD }, ...changes });
        works.should.be.false();
        text.should.match(sentence);
        text.should.not.containEql(PASSWORD);
      });
    }

    it('of an embedded database', async function () {
      this.timeout(90_000);
      await start({ kind: 'server', host: '127.0.0.1', port: '1' });
      const { works, text } = await ask({ id: 'new', kind: 'embedded', folder: 'trial' });
      text.should.match(
        /^Connected to PostgreSQL \d+\.\d+, .*trial, as postgres; the schema "flowsight" will be made\.$/,
      );
      works.should.be.true();
    });

    it('only for those who may change it', async () => {
      let asked: string[] = [];
      const api = (red: NodeAPI): NodeAPI =>
        Object.assign(Object.create(red) as NodeAPI, {
          auth: {
            needsPermission: (permission: string) => {
              asked = [...asked, permission];
              return (_request: unknown, response: { sendStatus(status: number): void }) => response.sendStatus(401);
            },
          },
        });
      await loadFlow([(red) => mlDatabase(api(red))], [{ id: 'database', type: 'ml-database', kind: 'embedded' }], {
        userDir: folder(),
      });
      asked.should.eql(['ml-database.write']);
    });

    if (SERVER_URL !== undefined) {
      it('of a server, by what was typed or, where that is unchanged, by what is stored', async () => {
        await start({ kind: 'server', address: 'url' }, { url: SERVER_URL });
        const byUrl = { id: 'database', kind: 'server', address: 'url' };
        for (const credentials of [{ url: '__PWRD__' }, {}, { url: SERVER_URL }]) {
          const { works, text } = await ask({ ...byUrl, credentials });
          text.should.match(/^Connected to PostgreSQL \d+/);
          works.should.be.true();
        }
        (await ask({ ...byUrl, credentials: { url: 'postgres://127.0.0.1:1/x' } })).works.should.be.false();
        const wrong = new URL(SERVER_URL!);
        wrong.pathname = '/no_such_base';
        (await ask({ ...byUrl, credentials: { url: wrong.href } })).text.should.match(
          /Check the name of the database\.$/,
        );
      });

      it('but not by what is stored for another node', async () => {
        const other = { id: 'other', type: 'ml-store', place: 'folder' };
        const flow = [{ id: 'database', type: 'ml-database', kind: 'server', address: 'url' }, other];
        const credentials = { database: { url: SERVER_URL }, other: { url: SERVER_URL } };
        await loadFlow([...modules, (api) => (RED = api)], flow, { userDir: folder() }, credentials);
        const unchanged = { kind: 'server', address: 'url', credentials: { url: '__PWRD__' } };
        should(await ask({ ...unchanged, id: 'database' })).containEql({ works: true });
        RED.nodes.getCredentials('other').should.eql({ url: SERVER_URL });
        should((await ask({ ...unchanged, id: 'other' })).text).match(/URL must be of the form/);
      });

      it('and says that the schema is there', async () => {
        const schema = `test_trial_${process.pid}`;
        const client = serverClient(SERVER_URL!);
        await migrate(client, schema);
        await start({ kind: 'server', address: 'url' }, { url: SERVER_URL });
        const { text } = await ask({ id: 'database', kind: 'server', address: 'url', schema, credentials: {} });
        text.should.endWith(`the schema "${schema}" is there.`);
        await new PostgresStore(client, schema).save(makeArtifact(), true);
        await client.query(`DROP SCHEMA ${identifier(schema)} CASCADE`);
        await client.close();
      });
    }
  });
});
