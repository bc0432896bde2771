import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ROOT } from './data';

/**
 * A Python script of `bench/peers` that stays alive for a benchmark: each request is one line of JSON, each answer
 * another. It times itself, so that starting Python and passing data cost the peer nothing.
 */
export class PythonPeer {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  private constructor(
    process: ChildProcess,
    lines: Interface,
    answers: AsyncIterator<string>,
    readonly version: string,
  ) {
    this.#process = process;
    this.#lines = lines;
    this.#answers = answers;
  }

  /** Null where Python (`PYTHON`, else /usr/bin/python3) or what the script imports is missing. */
  static async start(script: string, needs: string): Promise<PythonPeer | null> {
    const python = process.env.PYTHON ?? '/usr/bin/python3';
    const child = spawn(python, [join(ROOT, 'bench', 'peers', script)], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.on('error', () => undefined); // Then stdout ends without a line.
    child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout });
    const answers = lines[Symbol.asyncIterator]();
    const hello = await answers.next();
    if (hello.done) {
      console.log(`${script} needs ${python} with ${needs}; its figures are left out.`);
      return null;
    }
    return new PythonPeer(child, lines, answers, (JSON.parse(hello.value) as { version: string }).version);
  }

  async ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    const answer = await this.#answers.next();
    if (answer.done) throw new Error('The Python peer ended without an answer.');
    return JSON.parse(answer.value) as T;
  }

  async stop(): Promise<void> {
    const ended = this.#process.exitCode === null ? once(this.#process, 'exit') : undefined;
    this.#process.stdin!.end();
    await ended;
    this.#lines.close();
  }
}
