import type { JsonObject } from '../core/json';
import { either, integer, list, nothing, object, type Shape } from '../core/shape';

/** How many bins there are to each doubling; how many doublings are told apart. */
const BINS_PER_OCTAVE = 8;
const BINS = 24 * BINS_PER_OCTAVE;
/** When twice as many values have been counted, all counts are halved: what is much older is forgotten. */
const MEMORY = 4000;
/** The tail that is extrapolated: so large a share of the values, and at least so many. */
const TAIL_SHARE = 0.05;
const TAIL_COUNT = 8;
/** So many values of a size show that it is not unheard of; fewer may be the very fault that is looked for. */
const PRECEDENTS = 3;
/** The tail is not steeper than this, relative to where it starts and to the quantity's resolution. */
const STEEPEST = 0.1;
const STEEPEST_RESOLUTION = 0.6;
/** The fewest independent values that the tail is taken to rest on. */
const FEWEST = 1.5;
/** Anything smaller counts as zero. */
const TINY = 1e-200;

/** Middle of each bin, relative to the lower edge of bin 0; and from a bin's middle down to its edge. */
const MIDDLES = Float64Array.from({ length: BINS }, (_, bin) => 2 ** ((bin + 0.5) / BINS_PER_OCTAVE));
const TO_EDGE = 2 ** (-0.5 / BINS_PER_OCTAVE);

/**
 * The sizes that a quantity (zero or above) has had in the recent past, and how unusual a size is. A histogram with
 * logarithmic bins that slides to where the values are; the past fades by halving all counts now and then.
 *
 * Rare sizes: what exceeds a high level is taken as exponentially distributed (peaks over threshold), and its
 * probability is the predictive one, (1 + x / (k · mean))^−k after k exceedances, a Lomax distribution: the fewer
 * there were, the less is ruled out. Some 0.1 µs a value, 400 bytes.
 */
export class TrailingHistogram {
  readonly #counts = new Uint16Array(BINS);
  /** No bin above this one has any. */
  #highest = 0;
  /** Values below the lowest bin. */
  #zeros = 0;
  #total = 0;
  /** The lower edge of bin 0 is 2 ** (offset / BINS_PER_OCTAVE); null until there was a value above zero. */
  #offset: number | null = null;
  #edge = 0;
  #halvings = 0;
  /** The tail as `#findTail` left it: `count` values of `start` and more, on average `excess` above it. */
  #tailCount = 0;
  #tailStart = 0;
  #tailExcess = 0;

  /** @param correlation - how many neighbouring values say as much as one independent value */
  constructor(private readonly correlation: number) {}

  /** Values that are remembered. */
  get total(): number {
    return this.#total;
  }

  insert(value: number): void {
    if (this.#total >= 2 * MEMORY) this.#halve();
    this.#total++;
    if (!(value > TINY)) {
      this.#zeros++;
      return;
    }
    if (this.#offset === null) this.#moveTo(Math.floor(BINS_PER_OCTAVE * Math.log2(value)) - BINS / 2);
    let bin = Math.floor(this.#position(value));
    if (bin >= BINS) {
      this.#slideUp(bin - BINS + 1);
      bin = BINS - 1;
    }
    if (bin < 0) this.#zeros++;
    else this.#counts[bin]!++;
    if (bin > this.#highest) this.#highest = bin;
  }

  /**
   * Probability that a value is at least so large; 1 before the first one. Above a half it is not exact.
   * @param resolution - smallest step of the quantity
   */
  exceedance(value: number, resolution: number): number {
    const total = this.#total;
    if (total === 0 || !(value > TINY)) return 1;
    const counts = this.#counts;
    const position = this.#offset === null ? BINS : Math.min(this.#position(value), BINS);
    if (position < 0) return 1;
    const own = Math.floor(position);
    let above = 0;
    for (let bin = this.#highest; bin > own; bin--) {
      above += counts[bin]!;
      if (2 * above > total) return above / total;
    }
    if (own < BINS) above += counts[own]! * (1 - (position - own));
    if (above >= tailSize(total)) return above / total;

    const precedent = above >= PRECEDENTS ? above / total : 0;
    this.#findTail();
    const beyond = value - this.#tailStart;
    const share = this.#tailCount / total;
    if (beyond <= 0) return share;
    const independent = Math.max(FEWEST, this.#tailCount / this.correlation);
    return Math.max(precedent, share * (1 + beyond / (independent * this.#slope(resolution))) ** -independent);
  }

  /** The size that is exceeded with probability `p`; Infinity while all values were zero and the resolution is. */
  quantile(p: number, resolution: number): number {
    const total = this.#total;
    if (total === 0) return Infinity;
    this.#findTail();
    const share = this.#tailCount / total;
    const wanted = Math.max(p * total, PRECEDENTS);
    let bin = this.#highest + 1;
    for (let above = 0; bin > 0 && above < wanted;) above += this.#counts[--bin]!;
    const seen = bin > 0 ? this.#middle(bin) / TO_EDGE : 0;
    if (p >= share) return seen;
    const slope = this.#slope(resolution);
    if (slope === 0) return Infinity;
    const independent = Math.max(FEWEST, this.#tailCount / this.correlation);
    return Math.max(seen, this.#tailStart + independent * slope * ((share / p) ** (1 / independent) - 1));
  }

  snapshot(): JsonObject {
    const first = this.#counts.findIndex((count) => count > 0);
    const last = this.#counts.findLastIndex((count) => count > 0);
    return {
      offset: this.#offset,
      halvings: this.#halvings,
      zeros: this.#zeros,
      first: Math.max(0, first),
      counts: first < 0 ? [] : Array.from(this.#counts.subarray(first, last + 1)),
    };
  }

  /** @throws MlError `ARTIFACT` where the state is damaged */
  static restore(state: JsonObject, correlation: number): TrailingHistogram {
    savedShape(state, 'histogram');
    const { offset, halvings, zeros, first, counts } = state as unknown as Saved;
    const histogram = new TrailingHistogram(correlation);
    if (offset !== null) histogram.#moveTo(offset);
    histogram.#halvings = halvings;
    histogram.#zeros = histogram.#total = zeros;
    // Counts beyond the last bin could only come from a damaged state.
    for (const [i, count] of counts.slice(0, BINS - first).entries()) {
      histogram.#counts[first + i] = count;
      histogram.#highest = first + i;
      histogram.#total += count;
    }
    return histogram;
  }

  #position(value: number): number {
    return BINS_PER_OCTAVE * Math.log2(value) - (this.#offset ?? 0);
  }

  #middle(bin: number): number {
    return MIDDLES[bin]! * this.#edge;
  }

  #moveTo(offset: number): void {
    this.#offset = offset;
    this.#edge = 2 ** (offset / BINS_PER_OCTAVE);
  }

  /** Makes room for larger values; what falls off at the lower end counts as zero. */
  #slideUp(bins: number): void {
    const counts = this.#counts;
    for (let bin = 0; bin < Math.min(bins, BINS); bin++) this.#zeros += counts[bin]!;
    counts.copyWithin(0, bins);
    counts.fill(0, Math.max(0, BINS - bins));
    this.#moveTo(this.#offset! + bins);
  }

  /** Odd counts are rounded up and down in turn, so that single values fade as fast as all others. */
  #halve(): void {
    const counts = this.#counts;
    this.#halvings++;
    this.#total = this.#zeros >>= 1;
    for (let bin = 0; bin < BINS; bin++) {
      counts[bin] = (counts[bin]! + ((bin + this.#halvings) & 1)) >> 1;
      this.#total += counts[bin]!;
    }
  }

  /** Finds the largest values that the extrapolation rests on: a share of all, or what a gap of a doubling sets apart. */
  #findTail(): void {
    const counts = this.#counts;
    const enough = tailSize(this.#total);
    let count = 0;
    let sum = 0;
    let lowest = BINS;
    for (let bin = this.#highest; bin >= 0 && count < enough; bin--) {
      const here = counts[bin]!;
      if (here === 0) continue;
      if (count >= TAIL_COUNT && lowest - bin > BINS_PER_OCTAVE) break;
      count += here;
      sum += here * MIDDLES[bin]!;
      lowest = bin;
    }
    const reachesZero = count < TAIL_COUNT;
    this.#tailCount = reachesZero ? this.#total : count;
    this.#tailStart = reachesZero ? 0 : this.#middle(lowest) * TO_EDGE;
    this.#tailExcess = (sum * this.#edge) / this.#tailCount - this.#tailStart;
  }

  /** Mean excess of the tail, made no smaller than what can be told from so few and so coarse values. */
  #slope(resolution: number): number {
    return Math.max(this.#tailExcess, STEEPEST * this.#tailStart + STEEPEST_RESOLUTION * resolution);
  }
}

function tailSize(total: number): number {
  return Math.max(TAIL_COUNT, TAIL_SHARE * total);
}

interface Saved {
  readonly offset: number | null;
  readonly halvings: number;
  readonly zeros: number;
  readonly first: number;
  readonly counts: readonly number[];
}

const count = integer(0, 2 * MEMORY);
const savedShape: Shape = object<Saved>({
  offset: either('a whole number or null', integer(-10_000, 10_000), nothing),
  halvings: integer(0),
  zeros: count,
  first: integer(0, BINS - 1),
  counts: list(count, BINS),
});
