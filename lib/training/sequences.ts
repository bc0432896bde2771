import { MlError } from '../core/errors';
import type { Reading } from '../core/readings';

/** What a message says of the sequence that it belongs to (`msg.parts`, `msg.complete`). */
export interface Part {
  /** Empty: the message names no sequence. */
  readonly id: string;
  /** Place in the sequence, from 0; undefined: after those that came before. */
  readonly index?: number;
  /** Messages in the sequence; undefined: not known, `last` ends it. */
  readonly count?: number;
  readonly last: boolean;
}

interface Pending {
  readonly parts: Map<number, readonly Reading[]>;
  readings: number;
  count: number | undefined;
  changedMs: number;
}

export interface SequenceLimits {
  readonly maxPending: number;
  readonly maxReadings: number;
  /** A sequence of which nothing came for so long is given up. */
  readonly timeoutMs: number;
}

/** What is known of a sequence that was given up. */
export interface GivenUp {
  readonly id: string;
  readonly received: number;
  readonly count: number | undefined;
}

/** The sequence of a message, or undefined where it belongs to none. Takes anything. */
export function partOf(message: { readonly parts?: unknown; readonly complete?: unknown }): Part | undefined {
  const last = message.complete !== undefined && message.complete !== false;
  if (typeof message.parts !== 'object' || message.parts === null) return last ? { id: '', last } : undefined;
  const { id, index, count } = message.parts as Record<string, unknown>;
  const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : '',
    ...(whole(index) && { index }),
    ...(whole(count) && { count }),
    last,
  };
}

/** Puts sequences of messages together, whatever the order in which their parts come. */
export class Sequences {
  readonly #pending = new Map<string, Pending>();
  #readings = 0;

  constructor(private readonly limits: SequenceLimits) {}

  get pending(): number {
    return this.#pending.size;
  }

  /**
   * @param given - one that names no sequence belongs to the only one that is open, where there is just one
   * @returns all readings of the sequence when this part completes it, else null
   * @throws MlError `LIMIT` when more is pending than may be; the sequence is then dropped
   */
  add(given: Part, readings: readonly Reading[], nowMs: number): readonly Reading[] | null {
    const [only] = this.#pending.keys();
    const part = given.id === '' && this.#pending.size === 1 ? { ...given, id: only! } : given;
    const sequence = this.#sequenceOf(part, nowMs);
    const index = part.index ?? sequence.parts.size;
    const change = readings.length - (sequence.parts.get(index)?.length ?? 0);
    sequence.parts.set(index, readings);
    sequence.readings += change;
    this.#readings += change;
    sequence.count = part.count ?? sequence.count;
    sequence.changedMs = nowMs;
    if (this.#readings > this.limits.maxReadings) {
      this.#drop(part.id);
      const message = `A sequence may bring at most ${this.limits.maxReadings} readings together with those still open; send fewer.`;
      throw new MlError('LIMIT', message);
    }
    const complete = part.last || (sequence.count !== undefined && sequence.parts.size >= sequence.count);
    if (!complete) return null;
    this.#drop(part.id);
    return [...sequence.parts].sort(([a], [b]) => a - b).flatMap(([, part]) => part);
  }

  /** Gives up the sequences that have waited too long. */
  expire(nowMs: number): readonly GivenUp[] {
    const late = [...this.#pending].filter(([, { changedMs }]) => nowMs - changedMs >= this.limits.timeoutMs);
    return late.map(([id, { parts, count }]) => {
      this.#drop(id);
      return { id, received: parts.size, count };
    });
  }

  #sequenceOf(part: Part, nowMs: number): Pending {
    let sequence = this.#pending.get(part.id);
    if (sequence === undefined) {
      if (this.#pending.size >= this.limits.maxPending) {
        const message = `${this.limits.maxPending} sequences are open already; complete them (msg.parts.count, or msg.complete) first.`;
        throw new MlError('LIMIT', message);
      }
      sequence = { parts: new Map(), readings: 0, count: undefined, changedMs: nowMs };
      this.#pending.set(part.id, sequence);
    }
    return sequence;
  }

  #drop(id: string): void {
    this.#readings -= this.#pending.get(id)?.readings ?? 0;
    this.#pending.delete(id);
  }
}
