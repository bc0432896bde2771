import { stat } from 'node:fs/promises';
import type { ModelKey } from './store';
import type { Timers } from './timers';

const POLL_MS = 3000;
/** Manifests looked at in one poll: of many models each has its turn, and the cost stays the same. */
const BATCH = 250;
const MOST_WATCHED = 10_000;

interface Watched {
  readonly key: ModelKey;
  readonly signature: string;
}

/**
 * Notices what other processes do to models in use, by looking at their manifests' age every few seconds: notices from
 * the file system do not come on network disks and in some containers.
 */
export class ManifestWatch {
  readonly #watched = new Map<string, Watched>();
  #running: object | null = null;
  #cancel: () => void = () => undefined;
  #next = 0;

  constructor(
    private readonly timers: Timers,
    private readonly notify: (key: ModelKey) => void,
  ) {}

  /** Remembers a manifest as it is now: called before it is read, and after this process has written it. */
  async saw(key: ModelKey, path: string): Promise<void> {
    this.#watched.set(path, { key, signature: await signatureOf(path) });
    if (this.#watched.size > MOST_WATCHED) this.#watched.delete(this.#watched.keys().next().value!);
  }

  start(): void {
    if (this.#running === null) this.#schedule((this.#running = {}));
  }

  stop(): void {
    this.#running = null;
    this.#cancel();
  }

  #schedule(run: object): void {
    this.#cancel = this.timers.after(POLL_MS, () => {
      this.#poll()
        .catch(() => undefined) // a listener's failure must not end the watch
        .finally(() => {
          if (this.#running === run) this.#schedule(run);
        });
    });
  }

  async #poll(): Promise<void> {
    const paths = [...this.#watched.keys()];
    if (this.#next >= paths.length) this.#next = 0;
    const batch = paths.slice(this.#next, this.#next + BATCH);
    this.#next += batch.length;
    for (const path of batch) {
      const signature = await signatureOf(path);
      const watched = this.#watched.get(path);
      if (watched === undefined || watched.signature === signature) continue;
      this.#watched.set(path, { key: watched.key, signature });
      this.notify(watched.key);
    }
  }
}

async function signatureOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'none';
  }
}
