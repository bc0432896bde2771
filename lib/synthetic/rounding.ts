/** `value` to so many digits after the point, as a sensor of that resolution gives it. */
export function roundTo(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
