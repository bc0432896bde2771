import type { ReadingTable } from '../core/readings';
import { mean } from '../core/statistics';
import { hourAngle, weekdayAngle } from '../readings/calendar';
import { zoneOffset } from '../readings/time-zone';

const DAY_MS = 86_400_000;
const HOURS = 24;
const SATURDAY = 5;
/** With fewer days, one that is out of the way makes what is usual at its hours. */
const LEAST_DAYS = 7;
/** The other half of the days must leave at most so much of a half's variance unexplained. */
const MOST_UNEXPLAINED = 0.5;
/** Where hours leave so many times the variance that hours of workdays and of weekends leave, the days are not alike. */
const WEEKEND_APART = 1.5;

/**
 * True where a field follows the time of day: hourly means learned from its older half explain at least half of the
 * variance of its newer one, and the other way round. False with less than a week of readings, and where weekends are
 * otherwise: what is usual at an hour is then not one thing.
 */
export function hasDailyRhythm({ timestampsMs, data, fields }: ReadingTable, field: string, timeZone: string): boolean {
  const column = fields.indexOf(field);
  if (column < 0 || !(timestampsMs.at(-1)! - timestampsMs[0]! >= LEAST_DAYS * DAY_MS)) return false;
  const offset = zoneOffset(timeZone);
  const samples: Sample[] = [];
  timestampsMs.forEach((time, row) => {
    const value = data[row * fields.length + column]!;
    if (!Number.isFinite(value)) return;
    const hour = Math.floor((HOURS * hourAngle(time, offset)) / (2 * Math.PI));
    const weekday = Math.round((7 * weekdayAngle(time, offset)) / (2 * Math.PI));
    samples.push({ hour, hourOfWeek: weekday < SATURDAY ? hour : HOURS + hour, value });
  });
  if (
    variance(departures(samples, ({ hour }) => hour)) >
    WEEKEND_APART * variance(departures(samples, ({ hourOfWeek }) => hourOfWeek))
  )
    return false;
  const half = samples.length >> 1;
  const [older, newer] = [samples.slice(0, half), samples.slice(half)];
  return unexplained(older, newer) <= MOST_UNEXPLAINED && unexplained(newer, older) <= MOST_UNEXPLAINED;
}

interface Sample {
  readonly hour: number;
  /** Those of weekends follow those of workdays. */
  readonly hourOfWeek: number;
  readonly value: number;
}

/** Share of the variance of `others` that is left after the hourly means of `learned` were taken off, levels apart. */
function unexplained(learned: readonly Sample[], others: readonly Sample[]): number {
  const hourly = Array.from({ length: HOURS }, (_, hour) => learned.filter((sample) => sample.hour === hour));
  if (hourly.some(({ length }) => length === 0)) return 1;
  const means = hourly.map((samples) => mean(samples.map(({ value }) => value)));
  const left = variance(others.map(({ hour, value }) => value - means[hour]!));
  const all = variance(others.map(({ value }) => value));
  return all > 0 ? left / all : 1;
}

/** What is left of the values after the mean of their group was taken off. */
function departures(samples: readonly Sample[], groupOf: (sample: Sample) => number): number[] {
  const groups = new Map<number, number[]>();
  for (const sample of samples) {
    const group = groups.get(groupOf(sample));
    if (group === undefined) groups.set(groupOf(sample), [sample.value]);
    else group.push(sample.value);
  }
  const means = new Map([...groups].map(([group, values]) => [group, mean(values)]));
  return samples.map((sample) => sample.value - means.get(groupOf(sample))!);
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}
