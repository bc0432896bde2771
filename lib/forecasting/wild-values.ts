import type { History } from '../core/history';
import { quantileSorted } from '../core/statistics';

/** The usual range of a series: all but one in two hundred of its values at either end. */
const USUAL = 0.995;
/** A value that lies so many usual ranges beyond the usual range was not measured. */
const WILD = 10;
/** Of fewer samples nobody knows what is usual. */
const LEAST_SAMPLES = 200;
/** Longer runs are taken for what they are: a new state. */
const MAX_RUN = 3;

/**
 * The same history with single values out of all proportion, such as the 65,535 or −999 of a sensor that failed,
 * replaced by the value before them. One of them would otherwise set the size of all that is learned.
 * @returns the history itself where there are none
 */
export function withoutWildValues<H extends History>(history: H): { readonly history: H; readonly replaced: number } {
  const target = cleaned(history.target);
  const others = history.others.map((values) => cleaned(values).values);
  return { history: { ...history, target: target.values, others }, replaced: target.replaced };
}

function cleaned(values: Float64Array): { values: Float64Array; replaced: number } {
  if (values.length < LEAST_SAMPLES) return { values, replaced: 0 };
  const sorted = values.slice().sort();
  const low = quantileSorted(sorted, 1 - USUAL);
  const high = quantileSorted(sorted, USUAL);
  const reach = WILD * (high - low);
  const isWild = (value: number): boolean => value < low - reach || value > high + reach;
  // Where nearly all values are the same, any other one is far away.
  if (!(reach > 0) || !(isWild(sorted[0]!) || isWild(sorted.at(-1)!))) return { values, replaced: 0 };
  const clean = values.slice();
  let replaced = 0;
  for (let start = 0; start < values.length; start++) {
    if (!isWild(values[start]!)) continue;
    let end = start + 1;
    while (end < values.length && isWild(values[end]!)) end++;
    if (end - start <= MAX_RUN && end < values.length) {
      clean.fill(start > 0 ? clean[start - 1]! : values[end]!, start, end);
      replaced += end - start;
    }
    start = end;
  }
  return replaced > 0 ? { values: clean, replaced } : { values, replaced };
}
