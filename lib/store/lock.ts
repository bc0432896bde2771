import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlError } from '../core/errors';
import { hasCode } from './files';

/** A lock is held while one version is written; one so old was left by a crash on another machine. */
const STALE_MS = 60_000;
const PATIENCE_MS = 90_000;
const RETRY_MS = 15;

/** One caller after the other, for each key. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(task, task);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}

/**
 * Runs `task` while no other process runs one under the same lock file. A lock whose process has died is taken over.
 * @throws MlError `CONFLICT` when another process does not let go
 */
export async function withLock<T>(path: string, task: () => Promise<T>): Promise<T> {
  const me = JSON.stringify({ host: hostname(), pid: process.pid });
  for (let waitedMs = 0; !(await tryLock(path, me)); waitedMs += RETRY_MS) {
    if (waitedMs > PATIENCE_MS) {
      throw new MlError('CONFLICT', `Another process holds ${path}; if none is running, delete that file.`);
    }
    if (await isStale(path)) await breakLock(path);
    else await sleep(RETRY_MS);
  }
  try {
    return await task();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(owner).finally(() => file.close());
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    const owner = JSON.parse(await readFile(path, 'utf8')) as { host?: unknown; pid?: unknown };
    return owner.host === hostname() && typeof owner.pid === 'number' && hasEnded(owner.pid);
  } catch {
    return false; // gone by now, or still being written
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/** Only one of those who find a lock stale can move it away. */
async function breakLock(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    await rm(aside, { force: true });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
