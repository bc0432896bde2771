import { MlError, show } from '../../core/errors';
import type { Random } from '../../core/random';
import type { Profile, Simulation } from '../profile';
import type { Moment, Scenario } from '../scenario';
import { clamp, dailyWave, Fluctuation, MINUTE_MS, weeklyWave } from '../signals';

const MAX_METRICS = 200;
/** What a reading already holds under another meaning, and a name that objects cannot hold. */
const RESERVED = ['timestamp', 'time', 'ts', 'device', 'label', '__proto__'];

/** One metric of the user's own. */
export interface Metric {
  readonly name: string;
  readonly base: number;
  /** Height of the daily rhythm, and of the difference that a weekend makes, above and below `base`, in its unit. */
  readonly daily: number;
  readonly weekly: number;
  /** Bound of the noise, as a share of `base`: 0.05 is ±5 %. */
  readonly noise: number;
  /** The metric never leaves these; null: no bound. */
  readonly minimum: number | null;
  readonly maximum: number | null;
}

const scenarios: readonly Scenario[] = [
  {
    id: 'level-shift',
    title: 'Level shift',
    summary: 'All metrics jump by half their usual value for 20–60 minutes.',
    share: 0.07,
    phases: [{ name: 'shifted', minMs: 20 * MINUTE_MS, maxMs: 60 * MINUTE_MS }],
  },
  {
    id: 'sensor-stuck',
    title: 'Sensor stuck',
    summary: 'One metric keeps repeating its last value for 20–60 minutes.',
    share: 0.04,
    phases: [{ name: 'stuck', minMs: 20 * MINUTE_MS, maxMs: 60 * MINUTE_MS }],
    sensorFault: 'stuck',
  },
  {
    id: 'sensor-drift',
    title: 'Sensor drift',
    summary: 'One metric creeps away from the truth, by up to 40 % in 4–8 hours.',
    share: 0.04,
    phases: [{ name: 'drift', minMs: 240 * MINUTE_MS, maxMs: 480 * MINUTE_MS }],
    sensorFault: 'drift',
  },
];

/** What all custom profiles have in common. */
export const customInfo = {
  id: 'custom',
  title: 'Own metrics',
  summary: 'Your own metrics: each a base value with a daily and a weekly rhythm and noise.',
  device: 'device-01',
  scenarios,
} as const;

function checkMetric(metric: Metric, seen: Set<string>): void {
  const { name } = metric;
  if (typeof name !== 'string' || name.trim() === '') throw new MlError('PARAMETER', 'Every metric needs a name.');
  if (RESERVED.includes(name))
    throw new MlError('PARAMETER', `A metric cannot be named ${show(name)}: choose another name.`);
  if (seen.has(name))
    throw new MlError('PARAMETER', `Two metrics are named ${show(name)}: give each a name of its own.`);
  seen.add(name);
  for (const key of ['base', 'daily', 'weekly', 'noise'] as const) {
    if (!Number.isFinite(metric[key])) {
      throw new MlError('PARAMETER', `Metric ${show(name)}: ${key} must be a number, got ${show(metric[key])}.`);
    }
  }
  if (metric.noise < 0) {
    throw new MlError('PARAMETER', `Metric ${show(name)}: noise must be 0 or more, got ${show(metric.noise)}.`);
  }
  for (const key of ['minimum', 'maximum'] as const) {
    if (metric[key] !== null && !Number.isFinite(metric[key])) {
      throw new MlError(
        'PARAMETER',
        `Metric ${show(name)}: ${key} must be a number or empty, got ${show(metric[key])}.`,
      );
    }
  }
  if ((metric.minimum ?? -Infinity) > (metric.maximum ?? Infinity)) {
    throw new MlError(
      'PARAMETER',
      `Metric ${show(name)}: the minimum ${metric.minimum} is above the maximum ${metric.maximum}.`,
    );
  }
}

class CustomSimulation implements Simulation {
  readonly #noise: readonly Fluctuation[];
  #lastMs: number | undefined;

  constructor(
    private readonly metrics: readonly Metric[],
    random: Random,
  ) {
    this.#noise = metrics.map(({ base, noise }) => new Fluctuation(random, Math.abs(base) * noise, MINUTE_MS));
  }

  next(timestampMs: number, moment: Moment | null): Float64Array {
    const elapsedMs = timestampMs - (this.#lastMs ?? timestampMs);
    this.#lastMs = timestampMs;
    const day = dailyWave(timestampMs, 14);
    const week = weeklyWave(timestampMs);
    const shift = moment?.scenario === 'level-shift' ? 0.5 : 0;
    return Float64Array.from(this.metrics, (metric, m) => {
      const usual = metric.base + metric.daily * day + metric.weekly * week;
      const value = usual + shift * Math.abs(metric.base) + this.#noise[m]!.next(elapsedMs);
      return clamp(value, metric.minimum ?? -Infinity, metric.maximum ?? Infinity);
    });
  }
}

/** Digits after the point that show a metric of this size to about four places. */
function decimalsFor(base: number): number {
  return clamp(3 - Math.floor(Math.log10(Math.abs(base) || 1)), 0, 9);
}

/**
 * A profile of the user's own metrics, each a base with rhythms and noise.
 * @param metrics - 1 to 200
 * @throws MlError `PARAMETER` naming the metric and what is wrong with it
 */
export function customProfile(metrics: readonly Metric[]): Profile {
  if (metrics.length < 1 || metrics.length > MAX_METRICS) {
    throw new MlError('PARAMETER', `The custom profile needs 1 to ${MAX_METRICS} metrics, got ${metrics.length}.`);
  }
  const seen = new Set<string>();
  for (const metric of metrics) checkMetric(metric, seen);
  return {
    ...customInfo,
    fields: metrics.map(({ name, base }) => ({ name, unit: '', decimals: decimalsFor(base), usual: Math.abs(base) })),
    simulate: (random: Random) => new CustomSimulation(metrics, random),
  };
}
