import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import should from 'should';
import { openEmbedded } from '#lib/postgres/pglite-client';
import { identifier, type SqlClient } from '#lib/postgres/sql';
import { serverClient, SERVER_URL } from './databases';
import { type FileNode, ROOT, RunningDemo } from './demo';

/** A database of a test's own, as its `ml-database` node is set to use it. */
interface ServiceDatabase {
  readonly settings: object;
  drop(): Promise<void>;
}

/** A kind of database that a service is tried on. */
export interface ServiceDatabaseKind {
  readonly what: string;
  /** Makes one in which `seed` has put the plant's history. @param folder - Node-RED's user folder */
  make(folder: string, seed: (client: SqlClient) => Promise<void>): Promise<ServiceDatabase>;
}

let databasesMade = 0;

/** What services are tried on: an embedded database always, a server where one is named. */
export const serviceDatabases: readonly ServiceDatabaseKind[] = [
  {
    what: 'an embedded database',
    async make(folder, seed) {
      const client = await openEmbedded(join(folder, 'plant'), folder);
      try {
        await seed(client);
      } finally {
        await client.close();
      }
      return { settings: { kind: 'embedded', folder: 'plant' }, drop: () => Promise.resolve() };
    },
  },
  ...(SERVER_URL === undefined ? [] : [serverKind(SERVER_URL)]),
];

function serverKind(serverUrl: string): ServiceDatabaseKind {
  return {
    what: 'a PostgreSQL server',
    async make(_folder, seed) {
      const name = `flowsight_service_${process.pid}_${++databasesMade}`;
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${identifier(name)}`));
      await withClient(url.href, seed);
      return {
        settings: { kind: 'server', address: 'url', credentials: { url: url.href } },
        drop: () => withClient(serverUrl, (client) => client.query(`DROP DATABASE ${identifier(name)} WITH (FORCE)`)),
      };
    },
  };
}

async function withClient(url: string, work: (client: SqlClient) => Promise<unknown>): Promise<void> {
  const client = serverClient(url);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

export interface ServiceAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** Of JSON; else undefined. */
  readonly body: unknown;
}

/** One of the services in `examples/services`, in a Node-RED of its own, over real HTTP. */
export class RunningService {
  readonly #listeners: MqttClient[] = [];

  private constructor(
    readonly demo: RunningDemo,
    private readonly flow: readonly FileNode[],
    private readonly folder: string,
    private readonly database: ServiceDatabase,
    private readonly mqttUrl: string,
  ) {}

  /**
   * @param file - its name in `examples/services`
   * @param ready - a path that answers as soon as the flow runs
   */
  static async start(
    file: string,
    kind: ServiceDatabaseKind,
    seed: (client: SqlClient) => Promise<void>,
    ready: string,
  ): Promise<RunningService> {
    const text = await readFile(join(ROOT, 'examples', 'services', file), 'utf8');
    const folder = await mkdtemp(join(tmpdir(), 'flowsight-service-'));
    const database = await kind.make(folder, seed);
    const flow = JSON.parse(text) as FileNode[];
    const demo = await RunningDemo.start(folder, []);
    // A broker to use, such as Mosquitto; else the one that runs beside Node-RED.
    const mqttUrl = process.env.MQTT_URL ?? demo.mqttUrl;
    const service = new RunningService(demo, flow, folder, database, mqttUrl);
    await demo.deploy(forTest(flow, database, mqttUrl));
    await service.#isUp(ready);
    return service;
  }

  async ask(method: string, path: string, body?: unknown): Promise<ServiceAnswer> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.demo.url + path, { method, headers, ...sent });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    return { status: answer.status, type, text, body: type.includes('json') ? JSON.parse(text) : undefined };
  }

  /** Presses the button of an inject node, by its name. */
  async press(name: string): Promise<void> {
    await this.demo.press(this.flow.find((node) => node.name === name)!.id);
  }

  /** Listens to an MQTT topic. @returns the way to wait for the first message that comes from now on, which is JSON */
  async listen(topic: string): Promise<() => Promise<Record<string, unknown>>> {
    const client = await connectAsync(this.mqttUrl);
    this.#listeners.push(client);
    await client.subscribeAsync(topic);
    const first = new Promise<Record<string, unknown>>((resolve) => {
      client.once('message', (_topic, bytes) => resolve(JSON.parse(bytes.toString()) as Record<string, unknown>));
    });
    return () => first;
  }

  async stop(): Promise<void> {
    for (const client of this.#listeners) await client.endAsync(true);
    await this.demo.stop();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A deployed flow takes a moment to start: until then there is no such path. */
  async #isUp(path: string): Promise<void> {
    for (let attempt = 1; (await this.ask('GET', path)).status === 404; attempt++) {
      if (attempt === 200) throw new Error(`The service does not answer at ${path}.`);
      await pause(50);
    }
  }
}

/** The flow with the test's database and broker; what its debug nodes show goes to MQTT topics of their names. */
function forTest(flow: readonly FileNode[], database: ServiceDatabase, mqttUrl: string): FileNode[] {
  const { hostname, port } = new URL(mqttUrl);
  const broker = { broker: hostname, port: port || '1883' };
  const tap = { id: 'tap-broker', type: 'mqtt-broker', protocolVersion: '4', ...broker };
  const nodes = flow.map((node): FileNode => {
    if (node.type === 'ml-database') return { ...node, ...database.settings };
    if (node.type === 'mqtt-broker') return { ...node, ...broker };
    return node.type === 'debug' ? { ...node, type: 'mqtt out', topic: node.name, broker: tap.id } : node;
  });
  return [...nodes, tap];
}

/** One request to a service, and what must come back. */
export interface ServiceCase {
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  /** Of the answer; throws where it is not as it should be. */
  readonly check?: (body: Record<string, unknown>) => void;
  /** The same of an answer that is no JSON object. */
  readonly checkAnswer?: (answer: ServiceAnswer) => void;
  /** True where the answer need not be right at once: what was found is written a moment later. */
  readonly soon?: boolean;
  /** An inject node whose button is pressed first; then the answer need not be right at once. */
  readonly press?: string;
  /** A debug node, or an MQTT topic, at which a message must arrive, and what its payload must be. */
  readonly tells?: readonly [node: string, check: (payload: Record<string, unknown>) => void];
}

/** A request that makes no sense, and the field that the answer must name. */
export type Nonsense = readonly [method: ServiceCase['method'], path: string, body: object | undefined, field: string];

/** @param sentence - where in the answer it is said in words */
export function nonsenseCases(api: string, sentence: string, requests: readonly Nonsense[]): ServiceCase[] {
  return requests.map(([method, path, body, field]) => ({
    what: `names ${field} in what makes no sense${body === undefined ? '' : `, such as ${JSON.stringify(body)}`}`,
    method,
    path: api + path,
    ...(body !== undefined && { body }),
    status: 422,
    check: (answer) => should(answer).have.properties({ field }).and.have.property(sentence).which.startWith(field),
  }));
}

/** How a service is tried. */
interface TriedService {
  /** What is special about it, for the title. */
  readonly whose?: string;
  /** Puts the plant's history into an empty database. */
  readonly seed: (client: SqlClient) => Promise<void>;
  /** A path that answers as soon as the flow runs. */
  readonly ready: string;
  readonly cases: readonly ServiceCase[];
}

/** One test a case, in order: later ones build upon what earlier ones have trained. */
export function describeService(file: string, { seed, ready, cases, whose = '' }: TriedService): void {
  for (const kind of serviceDatabases) {
    describe(`${file.replace('.json', '')}${whose}, on ${kind.what},`, function () {
      this.timeout(120_000);
      let service: RunningService | undefined;
      before(async () => {
        service = await RunningService.start(file, kind, seed, ready);
      });
      after(() => service?.stop());

      for (const each of cases) {
        const { what, method, path, status } = each;
        it(`${what}: ${method} ${path} → ${status}`, () => tryCase(service!, each));
      }
    });
  }
}

async function tryCase(service: RunningService, { tells, press, soon, ...request }: ServiceCase): Promise<void> {
  const told = tells && (await service.listen(tells[0]));
  if (press !== undefined) await service.press(press);
  if (press !== undefined || soon) await untilRight(() => tryRequest(service, request));
  else await tryRequest(service, request);
  if (told !== undefined) tells?.[1](await told());
}

type Request = Omit<ServiceCase, 'what' | 'tells' | 'press' | 'soon'>;

async function tryRequest(service: RunningService, request: Request): Promise<void> {
  const { method, path, body, status, check, checkAnswer } = request;
  const answer = await service.ask(method, path, body);
  should(answer.status).equal(status, answer.text);
  should(answer.text).not.match(/node_modules|\bat .*\.js:\d+/);
  if (checkAnswer === undefined) should(answer.body).be.an.Object();
  checkAnswer?.(answer);
  check?.(answer.body as Record<string, unknown>);
}

/** Again and again, until it does not throw. */
async function untilRight(attempt: () => Promise<void>): Promise<void> {
  for (let left = 200; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await pause(50);
    }
  }
}
