import type { JsonObject } from '../core/json';

/** Names one piece of running state: whose model, which device, and what of it (`learning`, `alarm`, `features` …). */
export interface StateKey {
  readonly model: string;
  readonly device: string;
  readonly kind: string;
}

/**
 * What must survive a restart though it is no model: learning detectors, alarm states, windows.
 * Kept in memory, written seldom (flash wears out); a crash loses at most what came since the last write.
 */
export interface StateStore {
  /** The last state put, or null where there is none or it was damaged (reported, then forgotten). Never rejects. */
  load(key: StateKey): Promise<JsonObject | null>;
  /** The devices that have a state of that kind, the one longest not put first. Never rejects. */
  devices(model: string, kind: string): Promise<readonly string[]>;
  /**
   * Says that the state has changed. Cheap: may be called for every reading.
   * @param snapshot - gives the state as plain JSON; called when it is written, not before
   */
  put(key: StateKey, snapshot: () => JsonObject): void;
  /** Forgets a state, as for a reset. */
  delete(key: StateKey): void;
  /** Writes all that has changed, now. Never rejects: what could not be written is reported. */
  flush(): Promise<void>;
}
