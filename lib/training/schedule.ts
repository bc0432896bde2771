import type { Json, JsonObject } from '../core/json';

/** When collected readings train a model by themselves. */
export interface ScheduleSettings {
  /** Rows at which a model is trained for the first time; undefined: never for this reason. */
  readonly afterRows?: number;
  /** Time between trainings; undefined: no schedule. */
  readonly everyMs?: number;
  /** Rows without which a scheduled training would only fail. */
  readonly minRows: number;
}

interface State {
  trained: boolean;
  /** Rows that came since the last attempt. */
  newRows: number;
  /** Epoch ms of the last attempt, before it of the first reading. */
  sinceMs: number;
}

/** Keeps count of what each model (by device, or `*`) has collected, and says when its training is due. */
export class Schedule {
  readonly #states = new Map<string, State>();

  constructor(private readonly settings: ScheduleSettings) {}

  collected(device: string, nowMs: number): void {
    this.#stateOf(device, nowMs).newRows++;
  }

  /** @param rows - rows in the window now */
  isDue(device: string, rows: number, nowMs: number): boolean {
    const state = this.#states.get(device);
    if (state === undefined || state.newRows === 0) return false;
    const { afterRows, everyMs, minRows } = this.settings;
    // A first training that failed is tried again when as many rows again have come.
    if (afterRows !== undefined && !state.trained && rows >= afterRows && state.newRows >= afterRows) return true;
    return everyMs !== undefined && rows >= minRows && nowMs - state.sinceMs >= everyMs;
  }

  attempted(device: string, nowMs: number): void {
    const state = this.#stateOf(device, nowMs);
    state.newRows = 0;
    state.sinceMs = nowMs;
  }

  succeeded(device: string): void {
    const state = this.#states.get(device);
    if (state !== undefined) state.trained = true;
  }

  forget(device: string): void {
    this.#states.delete(device);
  }

  snapshot(device: string): Json {
    const state = this.#states.get(device);
    return state === undefined ? null : { ...state };
  }

  restore(device: string, snapshot: Json, nowMs: number): void {
    if (snapshot === null || typeof snapshot !== 'object') return;
    const { trained, newRows, sinceMs } = snapshot as JsonObject;
    this.#states.set(device, {
      trained: trained === true,
      newRows: typeof newRows === 'number' ? newRows : 0,
      sinceMs: typeof sinceMs === 'number' ? Math.min(sinceMs, nowMs) : nowMs,
    });
  }

  #stateOf(device: string, nowMs: number): State {
    let state = this.#states.get(device);
    if (state === undefined) this.#states.set(device, (state = { trained: false, newRows: 0, sinceMs: nowMs }));
    return state;
  }
}
