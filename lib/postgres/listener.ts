import { Client, type ClientConfig } from 'pg';
import { identifier } from './sql';

const AGAIN_MS = 2_000;

/** Listens to one channel over a connection of its own, and opens another one when it breaks. */
export class Listener {
  #client: Client | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param onNotice - called with null when notices may have been missed */
  constructor(
    private readonly config: ClientConfig,
    private readonly channel: string,
    private readonly onNotice: (payload: string | null) => void,
  ) {}

  /** @throws what the connection says */
  async open(): Promise<void> {
    const client = new Client(this.config);
    let isOpen = true;
    const onEnd = (): void => {
      if (!isOpen) return;
      isOpen = false;
      // Unheard, what a broken connection says would end the process.
      client.end().catch(() => undefined);
      if (this.#client !== client) return;
      this.#client = null;
      this.#again();
    };
    client.on('error', onEnd);
    client.on('end', onEnd);
    client.on('notification', ({ payload }) => this.onNotice(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${identifier(this.channel)}`);
    } catch (error) {
      onEnd();
      throw error;
    }
    if (this.#stopped) onEnd();
    else this.#client = client;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #again(): void {
    if (this.#stopped) return;
    const retry = (): void => {
      this.open().then(
        () => this.onNotice(null),
        () => this.#again(),
      );
    };
    this.#timer = setTimeout(retry, AGAIN_MS).unref();
  }
}
