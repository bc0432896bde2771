/** A number for people, with its noun: `10,080 rows`, `1 row`. */
export function count(number: number, noun?: string): string {
  const digits = number.toLocaleString('en-US');
  if (noun === undefined) return digits;
  return `${digits} ${noun}${number === 1 ? '' : 's'}`;
}

/** Names for a sentence, at most ten of them. */
export function listed(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return names.slice(0, 10).join(', ') + more;
}

/** ISO 8601, UTC; times beyond what a date can hold are cut. */
export function isoTime(epochMs: number): string {
  return new Date(Math.min(8.64e15, Math.max(-8.64e15, epochMs))).toISOString();
}
