/** The newest scores, at most a given number, and the same in rising order. */
export class ScoreWindow {
  /** A ring once it is full: the oldest score is at `#oldest`. */
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #length = 0;
  #oldest = 0;

  /** @param scores - the oldest first; only the newest `capacity` are kept */
  constructor(capacity: number, scores: Float64Array) {
    const newest = scores.subarray(Math.max(0, scores.length - capacity));
    this.#length = newest.length;
    this.#ring = new Float64Array(capacity);
    this.#ring.set(newest);
    this.#sorted = new Float64Array(capacity);
    this.#sorted.set(Float64Array.from(newest).sort());
  }

  /** Rising. Valid until the next `push`. */
  get sorted(): Float64Array {
    return this.#sorted.subarray(0, this.#length);
  }

  push(score: number): void {
    if (this.#length < this.#ring.length) {
      this.#ring[this.#length] = score;
      this.#insert(score, this.#length++);
      return;
    }
    const leaving = this.#ring[this.#oldest]!;
    this.#ring[this.#oldest] = score;
    this.#oldest = (this.#oldest + 1) % this.#ring.length;
    const place = this.#firstFrom(leaving, this.#length);
    this.#sorted.copyWithin(place, place + 1);
    this.#insert(score, this.#length - 1);
  }

  /** The scores, the oldest first. */
  inOrder(): Float64Array {
    const out = new Float64Array(this.#length);
    for (let i = 0; i < this.#length; i++) out[i] = this.#ring[(this.#oldest + i) % this.#ring.length]!;
    return out;
  }

  /** @param count - how many are sorted already */
  #insert(score: number, count: number): void {
    const place = this.#firstFrom(score, count);
    this.#sorted.copyWithin(place + 1, place, count);
    this.#sorted[place] = score;
  }

  /** Place of the first sorted score that is at least `score`. */
  #firstFrom(score: number, count: number): number {
    let from = 0;
    let to = count;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#sorted[middle]! < score) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
