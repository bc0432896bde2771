import type { LagColumn } from './lag-columns';

/** Sums over origins of columns and of their products, pair by pair. */
export interface Products {
  readonly size: number;
  /** Origins summed over. */
  readonly count: number;
  readonly sums: Float64Array;
  /** `size × size`, symmetric. */
  readonly products: Float64Array;
}

/**
 * The products of lagged samples at the origins `from` … `to` − 1. Two lags that are as far apart as two others sum the
 * same terms, but for those at the ends: each distance between lags is summed once, in linear time, and then moved.
 * @param columns - single samples (`near` = `far`)
 */
export function laggedProducts(
  series: readonly Float64Array[],
  columns: readonly LagColumn[],
  from: number,
  to: number,
): Products {
  const [size, count] = [columns.length, to - from];
  const products = new Float64Array(size * size);
  const sums = Float64Array.from(columns, ({ series: s, near }) => sumOf(series[s]!, from - near, to - near));
  const lags = columns.map(({ near }) => near);
  const moving = new MovingSums(Math.max(...lags) - Math.min(...lags), count);
  const ofSeries = series.map((_, s) => [...columns.keys()].filter((i) => columns[i]!.series === s));
  for (let s = 0; s < series.length; s++) {
    for (let other = s; other < series.length; other++) {
      moving.between(series[s]!, series[other]!);
      for (const i of ofSeries[s]!) {
        for (const j of ofSeries[other]!) {
          if (s === other && j < i) continue;
          const sum = moving.at(from - lags[i]!, from - lags[j]!);
          products[i * size + j] = sum;
          products[j * size + i] = sum;
        }
      }
    }
  }
  return { size, count, sums, products };
}

function sumOf(values: Float64Array, start: number, end: number): number {
  let sum = 0;
  for (let t = start; t < end; t++) sum += values[t]!;
  return sum;
}

/** Sums over `count` products of samples of two series; neighbouring ones of the same distance are quick. */
class MovingSums {
  /** By distance, from −span to span: a sum, and where in the first series it starts; −1: not known yet. */
  readonly #sums: Float64Array;
  readonly #starts: Int32Array;
  #a: Float64Array = new Float64Array(0);
  #b: Float64Array = new Float64Array(0);

  constructor(
    private readonly span: number,
    private readonly count: number,
  ) {
    this.#sums = new Float64Array(2 * span + 1);
    this.#starts = new Int32Array(2 * span + 1);
  }

  between(a: Float64Array, b: Float64Array): void {
    this.#a = a;
    this.#b = b;
    this.#starts.fill(-1);
  }

  /** Sum of a[startA] · b[startB] and the `count` − 1 products that follow. */
  at(startA: number, startB: number): number {
    const a = this.#a;
    const b = this.#b;
    const { count } = this;
    const distance = startB - startA;
    const key = distance + this.span;
    const old = this.#starts[key]!;
    let sum = this.#sums[key]!;
    if (old < 0 || Math.abs(old - startA) >= count) {
      sum = dot(a.subarray(startA, startA + count), b.subarray(startB, startB + count));
    } else {
      for (let t = old - 1; t >= startA; t--)
        sum += a[t]! * b[t + distance]! - a[t + count]! * b[t + count + distance]!;
      for (let t = old; t < startA; t++) sum += a[t + count]! * b[t + count + distance]! - a[t]! * b[t + distance]!;
    }
    this.#starts[key] = startA;
    this.#sums[key] = sum;
    return sum;
  }
}

/** Four sums side by side: an addition takes several cycles, in which the processor can do others. */
function dot(a: Float64Array, b: Float64Array): number {
  const whole = a.length - (a.length % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < a.length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}

/** The same for columns that may be means, at every `stride`-th origin. */
export function rowProducts(
  series: readonly Float64Array[],
  columns: readonly LagColumn[],
  from: number,
  to: number,
  stride: number,
): Products {
  const size = columns.length;
  const sums = new Float64Array(size);
  const products = new Float64Array(size * size);
  const running = series.map(runningSums);
  const row = new Float64Array(size);
  let count = 0;
  for (let origin = from; origin < to; origin += stride, count++) {
    for (let i = 0; i < size; i++) {
      const { series: s, near, far } = columns[i]!;
      const value =
        near === far
          ? series[s]![origin - near]!
          : (running[s]![origin - near + 1]! - running[s]![origin - far]!) / (far - near + 1);
      row[i] = value;
      sums[i]! += value;
      for (let j = 0; j <= i; j++) products[i * size + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) products[j * size + i] = products[i * size + j]!;
  return { size, count, sums, products };
}

/** Entry i is the sum of the first i values. */
export function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  return sums;
}
