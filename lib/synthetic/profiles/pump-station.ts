import type { Random } from '../../core/random';
import type { Profile, ProfileField, Simulation } from '../profile';
import type { Moment, Scenario } from '../scenario';
import { dailyWave, Fluctuation, HOUR_MS, Lag, MINUTE_MS, SECOND_MS } from '../signals';

/** Where the pump runs at rated speed against the usual pipe. */
const RATED = { speed: 1480, flow: 120, pressure: 4.1, current: 38 } as const;

/** Where it usually runs, in units of the rated point. */
const USUAL = { speed: 0.92, current: 0.79 } as const;

/** How far above the ambient temperature a motor and a bearing end up, in K. */
const motorHeating = (current: number): number => 40 * current * current;
const bearingHeating = (speed: number): number => 28 * speed;

const fields: readonly ProfileField[] = [
  { name: 'flow', unit: 'm³/h', decimals: 2, usual: 108 },
  { name: 'pressure', unit: 'bar', decimals: 3, usual: 3.4 },
  { name: 'motorCurrent', unit: 'A', decimals: 2, usual: 30 },
  { name: 'vibration', unit: 'mm/s', decimals: 3, usual: 1.2 },
  { name: 'bearingTemperature', unit: '°C', decimals: 2, usual: 44 },
  { name: 'motorTemperature', unit: '°C', decimals: 2, usual: 49 },
  { name: 'speed', unit: '1/min', decimals: 0, usual: 1350 },
];

const phase = (name: string, minMinutes: number, maxMinutes = minMinutes): Scenario['phases'][number] => ({
  name,
  minMs: minMinutes * MINUTE_MS,
  maxMs: maxMinutes * MINUTE_MS,
});

const scenarios: readonly Scenario[] = [
  {
    id: 'cavitation',
    title: 'Cavitation',
    summary: 'Vapour bubbles at the inlet: vibration jumps, flow and pressure fall and fluctuate.',
    share: 0.04,
    phases: [phase('onset', 1), phase('cavitating', 15, 45), phase('recovery', 2)],
  },
  {
    id: 'bearing-wear',
    title: 'Bearing wear',
    summary: 'Vibration and bearing temperature grow over 6–12 hours; the bearing is then replaced and cools down.',
    share: 0.04,
    phases: [{ name: 'wear', minMs: 6 * HOUR_MS, maxMs: 12 * HOUR_MS }, phase('cooling', 45)],
  },
  {
    id: 'blocked-valve',
    title: 'Blocked valve',
    summary:
      'A valve in the discharge closes: flow and current fall, pressure rises; the motor cools and warms up again.',
    share: 0.03,
    phases: [phase('closing', 1, 3), phase('blocked', 20, 60), phase('opening', 2), phase('warming', 45)],
  },
  {
    id: 'sensor-stuck',
    title: 'Sensor stuck',
    summary: 'One sensor keeps repeating its last value for 20–60 minutes.',
    share: 0.02,
    phases: [phase('stuck', 20, 60)],
    sensorFault: 'stuck',
  },
  {
    id: 'sensor-drift',
    title: 'Sensor drift',
    summary: 'One sensor creeps away from the truth, by up to 40 % in 4–8 hours, until it is calibrated.',
    share: 0.02,
    phases: [phase('drift', 240, 480)],
    sensorFault: 'drift',
  },
];

/** How strong a fault of the machine is, 0…1. */
function strengthOf(moment: Moment | null, scenario: string): number {
  if (moment?.scenario !== scenario) return 0;
  switch (moment.phase) {
    case 'onset':
    case 'closing':
    case 'wear':
      return moment.progress;
    case 'recovery':
    case 'opening':
      return 1 - moment.progress;
    case 'cooling':
    case 'warming':
      return 0;
    default:
      return 1;
  }
}

type NoiseName =
  | 'duty'
  | 'demand'
  | 'speed'
  | 'flow'
  | 'pressure'
  | 'current'
  | 'vibration'
  | 'draught'
  | 'bearing'
  | 'motor'
  | 'rattle';

/**
 * A centrifugal pump on a frequency converter that keeps a tank full. In units of its rated point, with relative speed n:
 * the pump gives the head 1.25 n² − 0.25 q² (affinity laws), the pipe asks for 0.35 + 0.65 z q², where z is its
 * resistance; flow and head are where the two meet. Shaft power is n³ (0.4 + 0.6 q/n). Temperatures lag behind.
 */
class PumpStationSimulation implements Simulation {
  readonly #speed = new Lag(8 * SECOND_MS, USUAL.speed);
  readonly #motorHeat = new Lag(15 * MINUTE_MS, motorHeating(USUAL.current));
  readonly #bearingHeat = new Lag(12 * MINUTE_MS, bearingHeating(USUAL.speed));
  readonly #noise: Readonly<Record<NoiseName, Fluctuation>>;
  #lastMs: number | undefined;

  constructor(random: Random) {
    const noise = (width: number, correlationMs: number): Fluctuation => new Fluctuation(random, width, correlationMs);
    this.#noise = {
      duty: noise(0.035, MINUTE_MS),
      demand: noise(0.1, 20 * SECOND_MS),
      speed: noise(0.004, 5 * SECOND_MS),
      flow: noise(0.02, SECOND_MS),
      pressure: noise(0.01, SECOND_MS),
      current: noise(0.02, SECOND_MS),
      vibration: noise(0.15, 5 * SECOND_MS),
      draught: noise(1.5, 90 * SECOND_MS),
      bearing: noise(0.5, 5 * SECOND_MS),
      motor: noise(0.5, 5 * SECOND_MS),
      rattle: noise(1, SECOND_MS),
    };
  }

  next(timestampMs: number, moment: Moment | null): Float64Array {
    const elapsedMs = timestampMs - (this.#lastMs ?? timestampMs);
    this.#lastMs = timestampMs;
    const noise = (of: NoiseName): number => this.#noise[of].next(elapsedMs);
    const cavitation = strengthOf(moment, 'cavitation');
    const wear = strengthOf(moment, 'bearing-wear') ** 1.5;
    const blockage = strengthOf(moment, 'blocked-valve');
    const rattle = noise('rattle');

    const duty = USUAL.speed + noise('duty') + 0.003 * dailyWave(timestampMs, 18);
    const n = this.#speed.next(duty, elapsedMs) * (1 + noise('speed'));
    const demand = 1 + noise('demand');
    const z = (1 + 14 * blockage) / (demand * demand);
    const q = Math.sqrt((1.25 * n * n - 0.35) / (0.25 + 0.65 * z)) * (1 - cavitation * (0.12 + 0.06 * rattle));
    const head = (1.25 * n * n - 0.25 * q * q) * (1 - cavitation * (0.18 + 0.08 * rattle));
    const power = n ** 3 * (0.4 + (0.6 * q) / n) * (1 + 0.04 * wear);
    const current = Math.sqrt(0.09 + 0.91 * power * power);

    const offDesign = q / n - 1;
    const vibration =
      1.5 * n * n * (1 + 1.5 * offDesign * offDesign) + cavitation * (3.5 + 1.2 * rattle) + wear * (5 + 0.5 * rattle);
    const ambient = 20 + 0.5 * dailyWave(timestampMs, 15) + noise('draught');
    const motorHeat = this.#motorHeat.next(motorHeating(current), elapsedMs);
    const bearingHeat = this.#bearingHeat.next(bearingHeating(n) * (1 + 0.05 * cavitation + 1.1 * wear), elapsedMs);

    return Float64Array.of(
      RATED.flow * q * (1 + noise('flow')),
      RATED.pressure * head * (1 + noise('pressure')),
      RATED.current * current * (1 + noise('current')),
      Math.max(0, vibration * (1 + noise('vibration'))),
      ambient + bearingHeat + noise('bearing'),
      ambient + motorHeat + noise('motor'),
      RATED.speed * n,
    );
  }
}

export const pumpStation: Profile = {
  id: 'pump-station',
  title: 'Pump station',
  summary:
    'A centrifugal pump filling a tank: seven measurements that move together, with faults of machine and sensors.',
  device: 'pump-01',
  fields,
  scenarios,
  simulate: (random: Random) => new PumpStationSimulation(random),
};
