import type { Random } from '../../core/random';
import type { Profile, ProfileField, Simulation } from '../profile';
import { roundTo } from '../rounding';
import type { Moment, Scenario } from '../scenario';
import { clamp, dailyWave, Fluctuation, HOUR_MS, Lag, MINUTE_MS, ramp, SECOND_MS, weeklyWave } from '../signals';

const MEMORY_MB = 8192;
const USUAL_ERROR_RATE = 0.01;
const STORM_ERROR_RATE = 0.25;
/** Intervals over which `error_rate_trend` is taken. */
const TREND_INTERVALS = 5;

const fields: readonly ProfileField[] = [
  { name: 'cpu_usage_percent', unit: '%', decimals: 2, usual: 30 },
  { name: 'memory_usage_mb', unit: 'MB', decimals: 1, usual: 2500 },
  { name: 'memory_usage_percent', unit: '%', decimals: 2, usual: 30 },
  { name: 'disk_usage_percent', unit: '%', decimals: 2, usual: 55 },
  { name: 'disk_io_read_mb', unit: 'MB/s', decimals: 2, usual: 18 },
  { name: 'disk_io_write_mb', unit: 'MB/s', decimals: 2, usual: 9 },
  { name: 'active_requests', unit: '', decimals: 0, usual: 120 },
  { name: 'error_rate', unit: '', decimals: 4, usual: USUAL_ERROR_RATE },
  { name: 'response_time_p50', unit: 'ms', decimals: 1, usual: 60 },
  { name: 'response_time_p95', unit: 'ms', decimals: 1, usual: 130 },
  { name: 'response_time_p99', unit: 'ms', decimals: 1, usual: 210 },
  { name: 'cpu_rate_of_change', unit: '%/min', decimals: 3, usual: 0 },
  { name: 'memory_rate_of_change', unit: '%/min', decimals: 3, usual: 0 },
  { name: 'error_rate_trend', unit: '1/min', decimals: 5, usual: 0 },
];

const minutes = (min: number, max = min): { minMs: number; maxMs: number } => ({
  minMs: min * MINUTE_MS,
  maxMs: max * MINUTE_MS,
});

const scenarios: readonly Scenario[] = [
  {
    id: 'cpu-spike',
    title: 'CPU spike',
    summary: 'CPU use climbs from 30 to 85 % in an hour, peaks for 10–15 minutes, and recovers.',
    share: 0.075,
    phases: [
      { name: 'build-up', ...minutes(60) },
      { name: 'peak', ...minutes(10, 15) },
      { name: 'drop', ...minutes(2) },
      { name: 'recovery', ...minutes(30) },
    ],
  },
  {
    id: 'memory-leak',
    title: 'Memory leak',
    summary: 'Memory use grows in a straight line from 30 to 90 % in 6–12 hours, then falls back at once.',
    share: 0.04,
    phases: [
      { name: 'leak', minMs: 6 * HOUR_MS, maxMs: 12 * HOUR_MS },
      { name: 'restart', ...minutes(1) },
    ],
  },
  {
    id: 'error-storm',
    title: 'Error storm',
    summary:
      'The error rate climbs from 0.01 to 0.25 for 5–10 minutes, slow responses follow, then 15 minutes of recovery.',
    share: 0.035,
    phases: [
      { name: 'storm', ...minutes(5, 10) },
      { name: 'recovery', ...minutes(15) },
    ],
  },
];

/** The phase that this scenario is in; empty while it is not on. */
function phaseIn(moment: Moment | null, scenario: string): string {
  return moment?.scenario === scenario ? moment.phase : '';
}

/** @param usual - what it would be now without the scenario; `jitter` is about ±1 */
function cpuOf(moment: Moment | null, usual: number, jitter: number): number {
  const progress = moment?.progress ?? 0;
  switch (phaseIn(moment, 'cpu-spike')) {
    case 'build-up':
      return ramp(30, 85, progress) * (1 + 0.02 * jitter);
    case 'peak':
      return 90 + 5 * jitter;
    case 'drop':
      return ramp(85, 35, progress);
    case 'recovery':
      return ramp(35, usual, progress);
    default:
      return usual;
  }
}

function memoryOf(moment: Moment | null, usual: number, jitter: number): number {
  return phaseIn(moment, 'memory-leak') === 'leak' ? ramp(30, 90, moment!.progress) * (1 + 0.02 * jitter) : usual;
}

/** How strong the error storm is, 0…1: up in its first half, then held, then dying down. */
function stormOf(moment: Moment | null): number {
  const progress = moment?.progress ?? 0;
  switch (phaseIn(moment, 'error-storm')) {
    case 'storm':
      return ramp(0, 1, progress * 2);
    case 'recovery':
      return (1 - progress) ** 3;
    default:
      return 0;
  }
}

/** A web server: everything follows its load, which has a daily and a weekly rhythm; noise is ±5–10 % throughout. */
class ServerSimulation implements Simulation {
  readonly #noise: Readonly<
    Record<'cpu' | 'memory' | 'disk' | 'read' | 'write' | 'requests' | 'errors' | 'p50' | 'p95' | 'p99', Fluctuation>
  >;
  readonly #jitter: Fluctuation;
  readonly #stormFelt = new Lag(MINUTE_MS, 0);
  #lastMs: number | undefined;
  #last: Float64Array | undefined;
  /** The latest error rates and their times, oldest first. */
  readonly #errorRates: { readonly timestampMs: number; readonly rate: number }[] = [];

  constructor(random: Random) {
    const noise = (width: number, correlationMs: number): Fluctuation => new Fluctuation(random, width, correlationMs);
    this.#noise = {
      cpu: noise(0.08, MINUTE_MS),
      memory: noise(0.05, 5 * MINUTE_MS),
      disk: noise(0.05, 5 * MINUTE_MS),
      read: noise(0.1, 30 * SECOND_MS),
      write: noise(0.1, 30 * SECOND_MS),
      requests: noise(0.08, MINUTE_MS),
      errors: noise(0.1, MINUTE_MS),
      p50: noise(0.06, 30 * SECOND_MS),
      p95: noise(0.08, 30 * SECOND_MS),
      p99: noise(0.1, 30 * SECOND_MS),
    };
    this.#jitter = noise(1, 30 * SECOND_MS);
  }

  next(timestampMs: number, moment: Moment | null): Float64Array {
    const elapsedMs = timestampMs - (this.#lastMs ?? timestampMs);
    const n = mapNoise(this.#noise, elapsedMs);
    const jitter = this.#jitter.next(elapsedMs);

    const load = 0.5 + 0.5 * dailyWave(timestampMs, 14) * (0.9 + 0.1 * weeklyWave(timestampMs));
    const cpu = clamp(cpuOf(moment, (22 + 16 * load) * (1 + n.cpu), jitter), 0, 100);
    const memory = clamp(memoryOf(moment, (28 + 5 * load) * (1 + n.memory), jitter), 0, 100);
    const storm = stormOf(moment);
    const stormFelt = this.#stormFelt.next(storm, elapsedMs);
    /** 0…1: how far cpu and memory are beyond what the server copes with. */
    const busy = clamp((cpu - 50) / 45, 0, 1);
    const swapping = clamp((memory - 65) / 25, 0, 1);

    const errors = ramp(USUAL_ERROR_RATE, STORM_ERROR_RATE, storm) * (1 + n.errors * (storm > 0 ? 0.5 : 1));
    const p50 = 45 * (1 + 0.6 * load) * (1 + 1.5 * busy + 1.2 * swapping + 3 * stormFelt) * (1 + n.p50);
    const p95 = p50 * 2.2 * (1 + 0.3 * busy + 0.5 * stormFelt) * (1 + n.p95);
    const p99 = p95 * 1.6 * (1 + 0.3 * swapping) * (1 + n.p99);

    const values = new Float64Array(fields.length);
    const put = (index: number, value: number): number => (values[index] = roundTo(value, fields[index]!.decimals));
    put(0, cpu);
    put(1, (put(2, memory) / 100) * MEMORY_MB);
    put(3, (55 + 3 * dailyWave(timestampMs, 2) + weeklyWave(timestampMs)) * (1 + n.disk));
    put(4, (8 + 20 * load + 40 * swapping) * (1 + n.read));
    put(5, (4 + 10 * load + 25 * swapping) * (1 + n.write));
    put(6, (40 + 160 * load) * (1 + 1.2 * busy + 0.8 * stormFelt) * (1 + n.requests));
    put(7, clamp(errors, 0, 1));
    put(8, p50);
    put(9, p95);
    put(10, p99);
    put(11, this.#perMinute(values, 0, elapsedMs));
    put(12, this.#perMinute(values, 2, elapsedMs));
    put(13, this.#errorTrend(timestampMs, values[7]!));
    this.#lastMs = timestampMs;
    this.#last = values;
    return values;
  }

  /** Change of a field since the reading before, per minute; 0 in the first reading. */
  #perMinute(values: Float64Array, index: number, elapsedMs: number): number {
    if (this.#last === undefined || elapsedMs === 0) return 0;
    return ((values[index]! - this.#last[index]!) * MINUTE_MS) / elapsedMs;
  }

  /** Mean change of the error rate per minute over the last five intervals. */
  #errorTrend(timestampMs: number, rate: number): number {
    this.#errorRates.push({ timestampMs, rate });
    if (this.#errorRates.length > TREND_INTERVALS + 1) this.#errorRates.shift();
    const oldest = this.#errorRates[0]!;
    const spanMs = timestampMs - oldest.timestampMs;
    return spanMs === 0 ? 0 : ((rate - oldest.rate) * MINUTE_MS) / spanMs;
  }
}

function mapNoise<K extends string>(noise: Readonly<Record<K, Fluctuation>>, elapsedMs: number): Record<K, number> {
  const out = {} as Record<K, number>;
  for (const key of Object.keys(noise) as K[]) out[key] = noise[key].next(elapsedMs);
  return out;
}

export const server: Profile = {
  id: 'server',
  title: 'Server',
  summary: 'Fourteen metrics of a web server with a daily and a weekly rhythm.',
  device: 'server-01',
  fields,
  scenarios,
  simulate: (random: Random) => new ServerSimulation(random),
};
