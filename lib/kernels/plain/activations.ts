/** The same rational approximation as the SIMD kernels, in double precision. */
export function tanh(value: number): number {
  const x = Math.min(Math.max(value, -7.90531110763549805), 7.90531110763549805);
  const x2 = x * x;
  let p = -2.76076847742355e-16;
  p = p * x2 + 2.00018790482477e-13;
  p = p * x2 - 8.60467152213735e-11;
  p = p * x2 + 5.12229709037114e-8;
  p = p * x2 + 1.48572235717979e-5;
  p = p * x2 + 6.37261928875436e-4;
  p = p * x2 + 4.89352455891786e-3;
  let q = 1.19825839466702e-6;
  q = q * x2 + 1.18534705686654e-4;
  q = q * x2 + 2.268434632439e-3;
  q = q * x2 + 4.89352518554385e-3;
  return (x * p) / q;
}

export function sigmoid(value: number): number {
  return 0.5 + 0.5 * tanh(0.5 * value);
}

export function relu(value: number): number {
  return value > 0 ? value : 0;
}
