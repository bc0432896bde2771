// Four 32-bit floats at a time. Every kernel works on whole vectors: lengths are padded to multiples of 4 by the caller.

// @ts-ignore: decorator
@inline export function load4(address: usize): v128 {
  return v128.load(address);
}
// @ts-ignore: decorator
@inline export function store4(address: usize, value: v128): void {
  v128.store(address, value);
}
/** The float at `address`, in all four lanes. */
// @ts-ignore: decorator
@inline export function splat4(address: usize): v128 {
  return v128.load_splat<f32>(address);
}
// @ts-ignore: decorator
@inline export function all4(value: f32): v128 {
  return f32x4.splat(value);
}
// @ts-ignore: decorator
@inline export function add4(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}
// @ts-ignore: decorator
@inline export function subtract4(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}
// @ts-ignore: decorator
@inline export function multiply4(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}
/** a · b + c, rounded twice: WebAssembly SIMD has no fused multiply-add with one rounding. */
// @ts-ignore: decorator
@inline export function multiplyAdd4(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sums of four vectors as one vector. */
// @ts-ignore: decorator
@inline export function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = add4(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = add4(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return add4(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/**
 * Hyperbolic tangent by the rational approximation of Eigen's `ptanh` (a polynomial of degree 13 over one of degree 6),
 * a few units in the last place off; beyond ±7.905 it is ±1.
 */
// @ts-ignore: decorator
@inline export function tanh4(value: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, all4(-7.90531110763549805)), all4(7.90531110763549805));
  const x2 = multiply4(x, x);
  let p = all4(-2.76076847742355e-16);
  p = multiplyAdd4(p, x2, all4(2.00018790482477e-13));
  p = multiplyAdd4(p, x2, all4(-8.60467152213735e-11));
  p = multiplyAdd4(p, x2, all4(5.12229709037114e-8));
  p = multiplyAdd4(p, x2, all4(1.48572235717979e-5));
  p = multiplyAdd4(p, x2, all4(6.37261928875436e-4));
  p = multiplyAdd4(p, x2, all4(4.89352455891786e-3));
  let q = all4(1.19825839466702e-6);
  q = multiplyAdd4(q, x2, all4(1.18534705686654e-4));
  q = multiplyAdd4(q, x2, all4(2.268434632439e-3));
  q = multiplyAdd4(q, x2, all4(4.89352518554385e-3));
  return f32x4.div(multiply4(x, p), q);
}

/** The logistic function, as ½ + ½ tanh(x / 2). */
// @ts-ignore: decorator
@inline export function sigmoid4(value: v128): v128 {
  return multiplyAdd4(tanh4(multiply4(value, all4(0.5))), all4(0.5), all4(0.5));
}

// @ts-ignore: decorator
@inline export function relu4(value: v128): v128 {
  return f32x4.max(value, all4(0));
}
