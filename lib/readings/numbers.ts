/** No plant measures more: larger numbers are error codes or damage, and their squares would leave the range of a number. */
const MAX_MAGNITUDE = 1e100;

/** The number itself where it can be a measurement (−0 as 0, which is what JSON makes of it), else NaN: missing. */
export function measured(value: number): number {
  return Math.abs(value) <= MAX_MAGNITUDE ? value + 0 : NaN;
}
