import type { SqlClient } from '../postgres/sql';
import { type ChangeRows, channelOf } from './change-rows';
import type { ModelKey } from './store';
import type { Timers } from './timers';

/** Notices come at once; looking so often finds what a connection pooler swallows, and what came while it was away. */
const POLL_MS = 1000;
/** Models that could not be read while the database was away, of which users are told when it is back. */
const MOST_MISSED = 10_000;

interface WatchOptions {
  readonly client: SqlClient;
  readonly schema: string;
  readonly rows: ChangeRows;
  readonly timers: Timers;
  /** Awaited before anything is read. */
  readonly ready: () => Promise<void>;
  readonly notify: (key: ModelKey) => void;
}

/** Notices what other processes do to models: by notices from the database, and by looking at the number of changes. */
export class ChangeWatch {
  /** The last change that was told of; null: nobody has looked yet. */
  #last: number | null = null;
  /** Changes of this process, which has told of them itself. */
  readonly #own = new Set<number>();
  readonly #missed = new Map<string, ModelKey>();
  #running: object | null = null;
  #cancel: () => void = () => undefined;
  #stopListening: Promise<() => Promise<void>> | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;

  constructor(private readonly options: WatchOptions) {}

  /** Remembers where the changes are now: to be called before a model is read. */
  async begin(): Promise<void> {
    if (this.#last !== null) return;
    const last = await this.options.rows.last(this.options.client);
    this.#last ??= last;
  }

  /** This process makes that change. @returns takes it back, where it does not come about */
  own(change: number): () => void {
    if (this.#running !== null) this.#own.add(change);
    return () => this.#own.delete(change);
  }

  /** A model could not be read since the database was away. */
  missed(key: ModelKey): void {
    if (this.#missed.size < MOST_MISSED) this.#missed.set(JSON.stringify([key.name, key.device]), key);
  }

  start(): void {
    if (this.#running !== null) return;
    this.#schedule((this.#running = {}));
  }

  stop(): void {
    this.#running = null;
    this.#cancel();
    this.#stopListening?.then((stop) => stop()).catch(() => undefined);
    this.#stopListening = null;
    this.#own.clear();
    this.#last = null;
  }

  #schedule(run: object): void {
    if (this.#running !== run) return;
    this.#look()
      .catch(() => undefined) // the database is away, which its connection says; or a listener failed
      .finally(() => {
        if (this.#running === run) this.#cancel = this.options.timers.after(POLL_MS, () => this.#schedule(run));
      });
  }

  /** One look at a time; who comes during one has another one follow. */
  #look(): Promise<void> {
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return this.#looking;
    }
    const looking = this.#lookOnce().finally(() => {
      this.#looking = null;
      if (!this.#lookAgain) return;
      this.#lookAgain = false;
      this.#look().catch(() => undefined);
    });
    return (this.#looking = looking);
  }

  async #lookOnce(): Promise<void> {
    const { client, rows, ready, notify } = this.options;
    await ready();
    this.#listen();
    await this.begin();
    const before = this.#last!;
    const last = await rows.last(client);
    const missed = [...this.#missed.values()];
    this.#missed.clear();
    for (const key of missed) notify(key);
    if (last === before || this.#running === null) return;
    // A lower number: another database has taken this one's place, such as a backup, and all may be different.
    const since = last < before ? 0 : before;
    const changes = await rows.since(client, since);
    this.#last = since;
    for (const { key, change } of changes) {
      this.#last = change;
      if (!this.#own.delete(change)) notify(key);
    }
  }

  #listen(): void {
    if (this.#stopListening !== null || this.#running === null) return;
    const listening = this.options.client.listen(channelOf(this.options.schema), () => {
      this.#look().catch(() => undefined);
    });
    this.#stopListening = listening;
    listening.catch(() => {
      if (this.#stopListening === listening) this.#stopListening = null;
    });
  }
}
