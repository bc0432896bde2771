import type { Timers } from '#lib/store/timers';

/** A clock that stands still until it is told to advance. */
export class ManualTimers implements Timers {
  readonly #tasks = new Map<() => void, number>();
  #nowMs = Date.UTC(2026, 0, 1);

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const own = (): void => task();
    this.#tasks.set(own, this.#nowMs + delayMs);
    return () => this.#tasks.delete(own);
  }

  /** Tasks that wait. */
  get waiting(): number {
    return this.#tasks.size;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const [task, dueMs] of [...this.#tasks]) {
      if (dueMs > this.#nowMs) continue;
      this.#tasks.delete(task);
      task();
    }
  }
}
