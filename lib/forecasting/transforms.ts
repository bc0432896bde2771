/** The scale on which a member is fitted: on the square root or the logarithm, errors count in proportion. */
export type Transform = 'identity' | 'sqrt' | 'log';
export const TRANSFORMS: readonly Transform[] = ['identity', 'sqrt', 'log'];

/** Largest over smallest value from which it matters whether the scale is bent. */
const BENT_FROM = 1.2;

/** The scales that suit these values: all three where they are positive and differ enough. */
export function suitableTransforms(values: Float64Array): readonly Transform[] {
  const { low, high } = rangeOf(values);
  return low > 0 && high > BENT_FROM * low ? TRANSFORMS : ['identity'];
}

/**
 * Values on the scale.
 * @param floor - smallest number that may come out: what has no square root or logarithm becomes it
 */
export function transformed(transform: Transform, values: Float64Array, floor = -Infinity): Float64Array {
  if (transform === 'identity') return values;
  const bend = transform === 'sqrt' ? Math.sqrt : Math.log;
  return values.map((value) => (value > 0 ? Math.max(floor, bend(value)) : floor));
}

/** The value in the target's unit. */
export function untransformed(transform: Transform, scaled: number): number {
  if (transform === 'identity') return scaled;
  return transform === 'sqrt' ? Math.max(0, scaled) ** 2 : Math.exp(scaled);
}

/** Smallest and largest of at least one value. */
export function rangeOf(values: Float64Array): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
