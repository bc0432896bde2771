import { fieldOfColumn } from './feature-columns';

/** Features, numbers and times as people on the shop floor name them; for texts that are read on a phone. */

const STATISTIC_WORDS: Readonly<Record<string, string>> = {
  mean: 'average',
  deviation: 'fluctuation of',
  minimum: 'lowest',
  maximum: 'highest',
  lag: 'earlier',
  rate: 'rate of change of',
};

/** A feature without brackets: `average flow` for `mean(flow, 5)`; null where it is the hour or the day. */
export function featureWords(feature: string): string | null {
  const field = fieldOfColumn(feature);
  if (field === feature) return feature;
  const bracket = feature.indexOf('(');
  return bracket < 0 ? null : `${STATISTIC_WORDS[feature.slice(0, bracket)]!} ${field}`;
}

/** Time of day: `14:02 UTC`. @param iso - ISO 8601, UTC */
export function timeText(iso: string): string {
  return `${iso.slice(11, 16)} UTC`;
}

/** Day and time: `3 May 14:02 UTC`. @param iso - ISO 8601, UTC */
export function dayAndTimeText(iso: string): string {
  const date = new Date(iso);
  const month = date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  return `${date.getUTCDate()} ${month} ${timeText(iso)}`;
}

/** The two largest units: `45 s`, `18 min`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return together(hours, 'h', minutes % 60, 'min');
  return together(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function together(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/**
 * A value outside its expected range: `8.2, expected 1.9 to 2.4`, with as many decimals as it takes to tell the three
 * numbers apart.
 */
export function outsideText(value: number, low: number, high: number): string {
  const width = high - low;
  let decimals = width > 0 ? Math.max(0, Math.ceil(-Math.log10(width))) : 0;
  while (decimals < 9 && !isOutside(value, low, high, decimals)) decimals++;
  const [v, l, h] = [value, low, high].map((number) => numberText(number, decimals));
  return `${v}, expected ${l === h ? l : `${l} to ${h}`}`;
}

function isOutside(value: number, low: number, high: number, decimals: number): boolean {
  const [v, l, h] = [value, low, high].map((number) => Number(numberText(number, decimals))) as [
    number,
    number,
    number,
  ];
  return v < l || v > h;
}

/** A number by itself, with at most six digits that matter: `71.25`, `1234570`. */
export function numberInText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function numberText(value: number, decimals: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-6)) return String(Number(value.toPrecision(3)));
  return String(Number(value.toFixed(decimals)));
}
