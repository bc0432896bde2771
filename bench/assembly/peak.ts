/**
 * Multiply-adds on registers alone: what 128-bit WebAssembly SIMD can reach on this core.
 * Twelve independent sums, enough to hide the latency of each; 96 floating-point operations a round.
 */
export function multiplyAdds(rounds: u32): f32 {
  const x = f32x4.splat(0.9999), y = f32x4.splat(0.0001);
  let a = f32x4.splat(0.1), b = f32x4.splat(0.2), c = f32x4.splat(0.3), d = f32x4.splat(0.4);
  let e = f32x4.splat(0.5), f = f32x4.splat(0.6), g = f32x4.splat(0.7), h = f32x4.splat(0.8);
  let i = f32x4.splat(0.9), j = f32x4.splat(1.0), k = f32x4.splat(1.1), l = f32x4.splat(1.2);
  while (rounds) {
    a = f32x4.add(f32x4.mul(a, x), y); b = f32x4.add(f32x4.mul(b, x), y);
    c = f32x4.add(f32x4.mul(c, x), y); d = f32x4.add(f32x4.mul(d, x), y);
    e = f32x4.add(f32x4.mul(e, x), y); f = f32x4.add(f32x4.mul(f, x), y);
    g = f32x4.add(f32x4.mul(g, x), y); h = f32x4.add(f32x4.mul(h, x), y);
    i = f32x4.add(f32x4.mul(i, x), y); j = f32x4.add(f32x4.mul(j, x), y);
    k = f32x4.add(f32x4.mul(k, x), y); l = f32x4.add(f32x4.mul(l, x), y);
    rounds--;
  }
  const sum = f32x4.add(
    f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h))),
    f32x4.add(f32x4.add(i, j), f32x4.add(k, l)),
  );
  return f32x4.extract_lane(sum, 0);
}
