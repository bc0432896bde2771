import type { JsonObject } from '#lib/core/json';
import type { StateKey, StateStore } from '#lib/store/state-store';

/** A state store in memory that goes through JSON text as a real one does, and writes when it is flushed. */
export class MemoryStates implements StateStore {
  readonly texts = new Map<string, string>();
  readonly #pending = new Map<string, () => JsonObject>();

  load(key: StateKey): Promise<JsonObject | null> {
    const text = this.texts.get(textOf(key));
    return Promise.resolve(text === undefined ? null : (JSON.parse(text) as JsonObject));
  }

  devices(model: string, kind: string): Promise<readonly string[]> {
    const keys = [...new Set([...this.texts.keys(), ...this.#pending.keys()])].map(
      (text) => JSON.parse(text) as StateKey,
    );
    return Promise.resolve(keys.filter((key) => key.model === model && key.kind === kind).map(({ device }) => device));
  }

  put(key: StateKey, snapshot: () => JsonObject): void {
    this.#pending.set(textOf(key), snapshot);
  }

  delete(key: StateKey): void {
    this.texts.delete(textOf(key));
    this.#pending.delete(textOf(key));
  }

  flush(): Promise<void> {
    for (const [key, snapshot] of this.#pending) this.texts.set(key, JSON.stringify(snapshot()));
    this.#pending.clear();
    return Promise.resolve();
  }
}

function textOf({ model, device, kind }: StateKey): string {
  return JSON.stringify({ model, device, kind });
}
