import { MlError } from '../core/errors';
import type { JsonObject } from '../core/json';
import { packFloats, unpackFloats } from '../core/packed';
import { integer, number, object, text } from '../core/shape';

/** Share of a slot's newest mean in what is known of the slot: the last three times say most. */
const RATE = 0.3;

/** Lowest and highest of what was looked at; `low` above `high`: nothing was. */
export interface Range {
  low: number;
  high: number;
}

/**
 * What a quantity usually is at each time of a recurring period: the day in steps of ten minutes, the week in hours.
 * The mean over a slot goes into what is known of it when the slot is over.
 */
export class SlotProfile {
  readonly #slots: Float32Array;
  /** The slot that is going on, counted from 1970, and what has come in it. */
  #now = 0;
  #sum = 0;
  #count = 0;

  /** @param length - slots a period */
  constructor(
    private readonly slotMs: number,
    private readonly length: number,
    saved?: JsonObject,
  ) {
    if (saved === undefined) {
      this.#slots = new Float32Array(length).fill(NaN);
      return;
    }
    savedShape(saved, 'profile');
    const { slots, now, sum, count } = saved as unknown as Saved;
    const numbers = unpackFloats(slots, length);
    if (numbers === null) throw new MlError('ARTIFACT', `profile.slots must be ${length} packed numbers.`);
    this.#slots = numbers;
    this.#now = now;
    this.#sum = sum;
    this.#count = count;
  }

  /**
   * Widens a range by what is known of the slot of a moment and of its neighbours; where nothing is known of the slot
   * itself, by nothing: a neighbour that was met for the first time an hour ago is no precedent.
   * @param localMs - local time, epoch ms
   * @param reach - neighbours on either side
   */
  widen(range: Range, localMs: number, reach: number): void {
    const middle = Math.floor(localMs / this.slotMs);
    if (Number.isNaN(this.#slots[this.#indexOf(middle)])) return;
    for (let slot = middle - reach; slot <= middle + reach; slot++) {
      const usual = this.#slots[this.#indexOf(slot)]!;
      if (usual < range.low) range.low = usual;
      if (usual > range.high) range.high = usual;
    }
  }

  learn(localMs: number, value: number): void {
    const slot = Math.floor(localMs / this.slotMs);
    if (slot !== this.#now) {
      this.#close();
      this.#now = slot;
      this.#sum = this.#count = 0;
    }
    this.#sum += value;
    this.#count++;
  }

  snapshot(): JsonObject {
    return { slots: packFloats(this.#slots), now: this.#now, sum: this.#sum, count: this.#count };
  }

  #close(): void {
    if (this.#count === 0) return;
    const index = this.#indexOf(this.#now);
    const mean = this.#sum / this.#count;
    const usual = this.#slots[index]!;
    this.#slots[index] = Number.isNaN(usual) ? mean : usual + RATE * (mean - usual);
  }

  #indexOf(slot: number): number {
    return ((slot % this.length) + this.length) % this.length;
  }
}

interface Saved {
  readonly slots: string;
  readonly now: number;
  readonly sum: number;
  readonly count: number;
}

const savedShape = object<Saved>({ slots: text(), now: integer(), sum: number(), count: integer(0) });
