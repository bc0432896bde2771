/** Who may ask the services, and how often: the settings that docs/services.md shows, in a real Node-RED. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import should from 'should';
import { ROOT } from '../support/demo';

const docs = readFileSync(join(ROOT, 'docs', 'services.md'), 'utf8');
const [, shown] = /## Who may ask.*?```js\n(.*?)```/s.exec(docs)!;

const keys = { ML_KEY_DASHBOARD: 'a key of the dashboard', ML_KEY_ENGINEER: 'a key of the engineer' };

/** Answers 200 at every address that a service has. */
const addresses = [
  ['post', '/api/v1/ml/models/train'],
  ['get', '/api/v1/ml/models'],
  ['delete', '/api/v1/ml/models/:id'],
  ['put', '/api/v1/ml/threshold'],
  ['post', '/api/v1/ml/models/:id/retrain'],
  ['post', '/api/v1/ml/predict'],
  ['post', '/api/v1/ml/predict/batch'],
] as const;
const flow = [
  { id: 'tab', type: 'tab', label: 'a service' },
  ...addresses.map(([method, url], i) => ({ id: `in${i}`, type: 'http in', z: 'tab', method, url, wires: [['out']] })),
  { id: 'out', type: 'http response', z: 'tab', statusCode: '200', headers: {}, wires: [] },
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the settings that say who may ask the services', function () {
  this.timeout(60_000);
  let folder = '';
  let nodeRed: ChildProcess;
  let url = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowsight-ml-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await writeFile(join(folder, 'services-access.js'), shown!);
    await writeFile(
      join(folder, 'settings.js'),
      `module.exports = {
        uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', credentialSecret: 'test',
        telemetry: { enabled: false }, httpAdminRoot: false,
        ...require('./services-access.js'),
      };`,
    );
    await writeFile(join(folder, 'flows.json'), JSON.stringify(flow));
    const main = join(ROOT, 'node_modules', 'node-red', 'red.js');
    nodeRed = spawn(process.execPath, [main, '--userDir', folder], { env: { ...process.env, ...keys } });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      nodeRed.once('exit', () => reject(new Error(`Node-RED ended:\n${said}`)));
      for (const stream of [nodeRed.stdout!, nodeRed.stderr!]) {
        stream.on('data', (text) => {
          said += String(text);
          if (said.includes('Started flows')) resolve();
        });
      }
    });
  });

  after(async () => {
    const ended = once(nodeRed, 'exit');
    nodeRed.kill('SIGINT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(key: string | null, method: string, path: string): Promise<Response> {
    const headers: HeadersInit = key === null ? {} : { authorization: `Bearer ${key}` };
    return fetch(`${url}/api/v1/ml${path}`, { method, headers });
  }

  const [reader, writer] = [keys.ML_KEY_DASHBOARD, keys.ML_KEY_ENGINEER];
  const rights: readonly [who: string, key: string | null, method: string, path: string, status: number][] = [
    ['nobody', null, 'GET', '/models', 401],
    ['nobody', null, 'POST', '/predict', 401],
    ['a browser that asks first', null, 'OPTIONS', '/models', 200],
    ['who has another key', 'guessed', 'GET', '/models', 401],
    ['who may read', reader, 'GET', '/models', 200],
    ['who may read', reader, 'POST', '/predict', 200],
    ['who may read', reader, 'POST', '/predict/batch', 200],
    ['who may read', reader, 'POST', '/models/train', 403],
    ['who may read', reader, 'POST', '/models/predict/retrain', 403],
    ['who may read', reader, 'DELETE', '/models/predict', 403],
    ['who may read', reader, 'PUT', '/threshold', 403],
    ['who may write', writer, 'POST', '/models/train', 200],
    ['who may write', writer, 'DELETE', '/models/standard:press-1', 200],
    ['who may write', writer, 'GET', '/models', 200],
  ];
  for (const [who, key, method, path, status] of rights) {
    it(`answer ${who} at ${method} ${path} with ${status}`, async () => {
      const answer = await ask(key, method, path);
      should(answer.status).equal(status);
      if (status !== 200)
        should(await answer.json())
          .have.property('error')
          .which.is.a.String();
    });
  }

  it('let each user predict 100 times a minute, however the address is written', async () => {
    // Those of one minute, whenever it ends: 201 in a row leave more than 100 in one of at most two minutes.
    const paths = ['/predict', '/predict/', '/PREDICT', '/predict/batch'];
    const statuses: number[] = [];
    let retryAfter = 0;
    for (let i = 0; i < 201; i++) {
      const answer = await ask(writer, 'POST', paths[i % paths.length]!);
      statuses.push(answer.status);
      if (answer.status === 429) retryAfter = Number(answer.headers.get('retry-after'));
    }
    should(statuses.slice(0, 100)).matchEach(200);
    should(statuses).containEql(429);
    should(retryAfter).be.within(1, 60);
    should((await ask(reader, 'POST', '/predict')).status).equal(200);
    should((await ask(writer, 'GET', '/models')).status).equal(200);
  });
});
