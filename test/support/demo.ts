import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';

export const ROOT = join(__dirname, '..', '..', '..');

/** A node as it stands in a flow file. */
export interface FileNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** The demo in a process of its own: a real Node-RED with this package installed, and an MQTT broker. */
export class RunningDemo {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly mqttUrl: string,
    private readonly client: MqttClient,
  ) {}

  /**
   * @param folder - its user folder
   * @param flow - runs in place of the demo's
   */
  static async start(folder: string, flow?: readonly FileNode[]): Promise<RunningDemo> {
    if (flow !== undefined) await writeFile(join(folder, 'flows.json'), JSON.stringify(flow));
    const env = { ...process.env, DEMO_FOLDER: folder, DEMO_PORT: '0', DEMO_MQTT_PORT: '0' };
    const child = spawn(process.execPath, [join(ROOT, 'build', 'demo', 'start.js')], { cwd: folder, env });
    let said = '';
    const running = new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`The demo ended:\n${said}`)));
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text) => {
          said += String(text);
          if (said.includes('Ctrl-C ends')) resolve();
        });
      }
    });
    await running;
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(said)!;
    const [mqttUrl] = /mqtt:\/\/127\.0\.0\.1:\d+/.exec(said)!;
    return new RunningDemo(child, url!, mqttUrl, await connectAsync(mqttUrl));
  }

  async get(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: { accept: 'application/json' } });
  }

  /** Deploys a flow in place of the one that runs. */
  async deploy(flow: readonly FileNode[]): Promise<void> {
    const answer = await fetch(`${this.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'Node-RED-API-Version': 'v1', 'Node-RED-Deployment-Type': 'full' },
      body: JSON.stringify(flow),
    });
    if (!answer.ok) throw new Error(`Not deployed: ${answer.status} ${await answer.text()}`);
  }

  /** Presses the button of an inject node. A deployed flow takes a moment to start: until then there is none. */
  async press(id: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(`${this.url}/inject/${id}`, { method: 'POST' });
      if (answer.ok) return;
      if (answer.status !== 404 || attempt === 100) throw new Error(`The button ${id} answers ${answer.status}.`);
      await pause(50);
    }
  }

  /** The first message on a topic for which `wanted` holds: JSON, else text. */
  async message<T>(topic: string, wanted: (message: T) => boolean = () => true): Promise<T> {
    await this.client.subscribeAsync(topic);
    return new Promise((resolve) => {
      const listener = (came: string, bytes: Buffer): void => {
        if (came !== topic) return;
        const message = parsed(bytes.toString()) as T;
        if (!wanted(message)) return;
        this.client.removeListener('message', listener);
        resolve(message);
      };
      this.client.on('message', listener);
    });
  }

  /** Ends it as Ctrl-C does; returns its exit code. */
  async stop(): Promise<number | null> {
    await this.client.endAsync(true);
    const ended = once(this.child, 'exit');
    this.child.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    return code;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
