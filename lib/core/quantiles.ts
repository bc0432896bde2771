/**
 * Quantile of the standard normal distribution, right to seven digits (M. Wichura: Algorithm AS 241, PPND7. Applied
 * Statistics 37, 1988).
 * @param p - in (0, 1)
 */
export function normalQuantile(p: number): number {
  const fromMiddle = p - 0.5;
  if (Math.abs(fromMiddle) <= 0.425) {
    const r = 0.180625 - fromMiddle * fromMiddle;
    const above = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    const below = ((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1;
    return (fromMiddle * above) / below;
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p)));
  const size = r <= 5 ? nearTail(r - 1.6) : farTail(r - 5);
  return fromMiddle < 0 ? -size : size;
}

function nearTail(r: number): number {
  return (
    (((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777) /
    ((0.12021132975 * r + 0.7370016425) * r + 1)
  );
}

function farTail(r: number): number {
  return (
    (((0.017337203997 * r + 0.42868294337) * r + 3.081222638) * r + 6.657905115) /
    ((0.012258202635 * r + 0.24197894225) * r + 1)
  );
}

/**
 * Quantile of Student's t distribution (G. Hill: Algorithm 396, Student's t-quantiles. Communications of the ACM 13,
 * 1970): exact for two degrees of freedom, for more right to three digits or better.
 * @param p - in (0, 1)
 * @param freedom - degrees of freedom, at least 2, not necessarily whole
 */
export function studentQuantile(p: number, freedom: number): number {
  const tails = 2 * Math.min(p, 1 - p);
  const size = freedom === 2 ? Math.sqrt(2 / (tails * (2 - tails)) - 2) : Math.sqrt(freedom * hill(tails, freedom));
  return p < 0.5 ? -size : size;
}

/** t² / n of the quantile that both tails together exceed with probability `tails`. The names are the paper's. */
function hill(tails: number, n: number): number {
  const a = 1 / (n - 0.5);
  const b = 48 / (a * a);
  let c = (((20_700 * a) / b - 98) * a - 16) * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n;
  let y = Math.pow(d * tails, 2 / n);
  if (y <= 0.05 + a) {
    // Far out: an expansion of the distribution's tail.
    const inner = 1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3);
    return (((inner + 0.5 / (n + 4)) * y - 1) * (n + 1)) / (n + 2) + 1 / y;
  }
  // Near the middle: an expansion about the normal quantile.
  const x = normalQuantile(tails / 2);
  y = x * x;
  if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
  c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
  y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
  return Math.expm1(a * y * y);
}
