import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlError } from '../core/errors';
import { hasCode } from './files';

/** A lock is held while one version is written; one so old was left by a crash on another machine. */
const STALE_MS = 60_000;
/** The owner's name follows at once; where it does not, the process died in between. */
const NAMELESS_MS = 1000;
const PATIENCE_MS = 90_000;
const RETRY_MS = 15;

const STARTED = performance.timeOrigin;

interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly started: number;
}

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
  const me = JSON.stringify({ host: hostname(), pid: process.pid, started: STARTED } satisfies Owner);
  for (let waitedMs = 0; !(await tryLock(path, me)); waitedMs += RETRY_MS) {
    if (waitedMs > PATIENCE_MS) {
      throw new MlError('CONFLICT', `Another process holds ${path}; if none is running, delete that file.`);
    }
    if (!(await breakStale(path, me))) await sleep(RETRY_MS);
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
    try {
      await file.writeFile(owner);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    const owner = parseOwner(await readFile(path, 'utf8'));
    if (owner === null) return ageMs > NAMELESS_MS;
    return ageMs > STALE_MS || hasEnded(owner);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false; // let go by now
    throw error;
  }
}

function parseOwner(text: string): Owner | null {
  try {
    const { host, pid, started } = JSON.parse(text) as Owner;
    return typeof pid === 'number' ? { host, pid, started } : null;
  } catch {
    return null;
  }
}

/** True where it is sure: of a process on another machine, or in another container, nothing is known. */
function hasEnded({ host, pid, started }: Owner): boolean {
  if (host !== hostname()) return false;
  // A restarted container has the same name and often the same process id.
  if (pid === process.pid) return started !== STARTED;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/**
 * Removes a lock that a crash has left. One process at a time looks and removes, so that nobody removes the lock which
 * another one has just put in the stale one's place.
 */
async function breakStale(path: string, me: string): Promise<boolean> {
  if (!(await isStale(path))) return false;
  const breaker = `${path}.break`;
  if (!(await tryLock(breaker, me))) {
    if (await isStale(breaker)) await rm(breaker, { force: true });
    return false;
  }
  try {
    const stale = await isStale(path);
    if (stale) await rm(path, { force: true });
    return stale;
  } finally {
    await rm(breaker, { force: true });
  }
}
