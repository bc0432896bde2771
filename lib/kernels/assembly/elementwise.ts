// Element by element over `count` floats, a multiple of 4.
import { add4, all4, load4, multiply4, multiplyAdd4, relu4, sigmoid4, store4, subtract4, tanh4 } from './vector';

/** to = a · b */
export function multiply(a: usize, b: usize, to: usize, count: u32): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) store4(to + at, multiply4(load4(a + at), load4(b + at)));
}

/** to += a · b */
export function addProduct(a: usize, b: usize, to: usize, count: u32): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    store4(to + at, multiplyAdd4(load4(a + at), load4(b + at), load4(to + at)));
  }
}

/** to += a */
export function add(a: usize, to: usize, count: u32): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) store4(to + at, add4(load4(to + at), load4(a + at)));
}

/** to = a */
export function copy(a: usize, to: usize, count: u32): void {
  memory.copy(to, a, count << 2);
}

/** to = value */
export function fill(to: usize, value: f32, count: u32): void {
  const bytes: usize = count << 2, v = all4(value);
  for (let at: usize = 0; at < bytes; at += 16) store4(to + at, v);
}

/** to = factor · to */
export function scale(to: usize, factor: f32, count: u32): void {
  const bytes: usize = count << 2, v = all4(factor);
  for (let at: usize = 0; at < bytes; at += 16) store4(to + at, multiply4(v, load4(to + at)));
}

/** Σ a², in double precision and in the order of memory. */
export function sumOfSquares(a: usize, count: u32): f64 {
  const bytes: usize = count << 2;
  let low = f64x2.splat(0), high = low;
  for (let at: usize = 0; at < bytes; at += 16) {
    const v = load4(a + at);
    const v01 = f64x2.promote_low_f32x4(v);
    const v23 = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(v01, v01));
    high = f64x2.add(high, f64x2.mul(v23, v23));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Activates in place: tanh (0), relu (1), sigmoid (2). */
export function activate(to: usize, kind: u32, count: u32): void {
  const bytes: usize = count << 2;
  if (kind == 0) for (let at: usize = 0; at < bytes; at += 16) store4(to + at, tanh4(load4(to + at)));
  else if (kind == 1) for (let at: usize = 0; at < bytes; at += 16) store4(to + at, relu4(load4(to + at)));
  else for (let at: usize = 0; at < bytes; at += 16) store4(to + at, sigmoid4(load4(to + at)));
}

/** The way back through `activate`: d is multiplied by the slope at the activated value y. */
export function activateBackward(y: usize, d: usize, kind: u32, count: u32): void {
  const bytes: usize = count << 2, one = all4(1);
  for (let at: usize = 0; at < bytes; at += 16) {
    const v = load4(y + at), gradient = load4(d + at);
    if (kind == 0) store4(d + at, multiply4(gradient, subtract4(one, multiply4(v, v))));
    else if (kind == 1) store4(d + at, v128.and(gradient, f32x4.gt(v, all4(0))));
    else store4(d + at, multiply4(gradient, multiply4(v, subtract4(one, v))));
  }
}

/**
 * Fills `mask` with 1 / keep (probability `keep`) or 0, from four xorshift32 generators (Marsaglia 2003).
 * @param state four non-zero 32-bit words, moved on
 */
export function dropoutMask(mask: usize, keep: f32, state: usize, count: u32): void {
  const bytes: usize = count << 2;
  const kept = all4(1 / keep), limit = i32x4.splat(<i32>(keep * 2147483647)), positive = i32x4.splat(0x7fffffff);
  let s = load4(state);
  for (let at: usize = 0; at < bytes; at += 16) {
    s = v128.xor(s, i32x4.shl(s, 13));
    s = v128.xor(s, i32x4.shr_u(s, 17));
    s = v128.xor(s, i32x4.shl(s, 5));
    store4(mask + at, v128.and(kept, i32x4.lt_s(v128.and(s, positive), limit)));
  }
  store4(state, s);
}
