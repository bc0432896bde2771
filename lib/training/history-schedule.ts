import { SHARED_DEVICE } from '../core/artifact';
import type { StateKey, StateStore } from '../store/state-store';

/**
 * When a model is trained on past readings again: so long after the last time, over restarts. The first time comes so
 * long after the first start, since whoever sets it up trains by hand.
 */
export class HistorySchedule {
  readonly #key: StateKey;
  #sinceMs = Infinity;

  /** @param everyMs - undefined: never by itself */
  constructor(
    model: string,
    private readonly everyMs: number | undefined,
    private readonly states: StateStore,
  ) {
    this.#key = { model, device: SHARED_DEVICE, kind: 'history-schedule' };
  }

  /** Takes up when it was trained before a restart. */
  async restore(nowMs: number): Promise<void> {
    if (this.everyMs === undefined) return;
    const { sinceMs } = (await this.states.load(this.#key)) ?? {};
    this.attempted(typeof sinceMs === 'number' ? Math.min(sinceMs, nowMs) : nowMs);
  }

  isDue(nowMs: number): boolean {
    return this.everyMs !== undefined && nowMs - this.#sinceMs >= this.everyMs;
  }

  /** All devices are being trained, by itself or because somebody asked. */
  attempted(nowMs: number): void {
    if (this.everyMs === undefined) return;
    this.#sinceMs = nowMs;
    this.states.put(this.#key, () => ({ sinceMs: this.#sinceMs }));
  }
}
