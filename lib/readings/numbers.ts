/** No plant measures more: larger numbers are error codes or damage, and their squares would leave the range of a number. */
const MAX_MAGNITUDE = 1e100;
/** Longer text is no measurement, however many digits it has. */
const MAX_DIGITS = 64;
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** The number itself where it can be a measurement (−0 as 0, which is what JSON makes of it), else NaN: missing. */
export function measured(value: number): number {
  return Math.abs(value) <= MAX_MAGNITUDE ? value + 0 : NaN;
}

/** What counts as a number: numbers, numeric text in decimal or scientific notation, booleans; NaN for anything else. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return measured(value);
  if (typeof value === 'string')
    return value.length <= MAX_DIGITS && DECIMAL.test(value) ? measured(Number(value)) : NaN;
  return typeof value === 'boolean' || typeof value === 'bigint' ? measured(Number(value)) : NaN;
}

/** True for what stands for "no value": null, undefined, NaN, infinities, blank text. */
export function isBlank(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'number' && !Number.isFinite(value);
}
