/**
 * How does the detector that learns as it goes do, unopened? Alarms (three anomalous readings in a row) in 100,000 normal
 * readings of many kinds of signal, and how soon it sees a fault in the 3,001st reading. Five seeds of 20,000 readings,
 * one a minute, and 40 faults of each kind.
 */
import { Random } from '#lib/core/random';
import { StreamingDetector, DEFAULT_WARM_UP } from '#lib/detectors/streaming';
import { normalSignals } from '../test/support/signals';
import { bench, fixed, printMachine, printTable } from './support/report';
import { medianOf } from './support/timing';

/** Raw score from which a reading is an anomaly, and how many in a row raise an alarm. */
const ANOMALY = 3;
const RAISE_AFTER = 3;

const SEEDS = [1, 2, 3, 4, 5];
const ROWS = 20_000;
/** Between readings: the series are two weeks long, so that the calendar has its say in most of each. */
const STEP_MS = 60_000;
const BEFORE_FAULT = 3000;
const FAULT_ROWS = 60;
const FAULTS = 40;

/** What becomes of a value: `deviation` is that of the signal's noise, `last` the last value before the fault. */
type Fault = (value: number, i: number, deviation: number, last: number) => number;

const FAULT_KINDS: Readonly<Record<string, Fault>> = {
  'spike of 8 deviations': (value, i, deviation) => (i === 0 ? value + 8 * deviation : value),
  'shift by 3 deviations': (value, _, deviation) => value + 3 * deviation,
  'shift by 5 deviations': (value, _, deviation) => value + 5 * deviation,
  'shift by 10 deviations': (value, _, deviation) => value + 10 * deviation,
  'sensor stuck': (_value, _i, _deviation, last) => last,
};

/** Signals that faults are put into, with the deviation of their noise. */
const FAULTY_SIGNALS = { 'white noise': 1, 'a daily rhythm, by the minute': 1, 'on and off, every minute or so': 0.1 };

/** One field through the detector: the score of each value before it is learned. */
class Watch {
  readonly #detector = new StreamingDetector(DEFAULT_WARM_UP);
  #run = 0;
  #timestampMs = Date.UTC(2026, 0, 5);

  constructor() {
    this.#detector.add('x');
  }

  /** Whether the value is an anomaly, and whether it raises an alarm. */
  next(value: number): { readonly anomaly: boolean; readonly alarm: boolean } {
    const data = Float64Array.of(value);
    this.#timestampMs += STEP_MS;
    const table = { columns: this.#detector.features, rows: 1, data };
    const anomaly = this.#detector.score(table, this.#timestampMs)[0]! >= ANOMALY;
    this.#detector.learnOne(data, this.#timestampMs);
    this.#run = anomaly ? this.#run + 1 : 0;
    return { anomaly, alarm: this.#run === RAISE_AFTER };
  }
}

function falseAlarms(kind: string): { anomalies: number; alarms: number } {
  let [anomalies, alarms] = [0, 0];
  for (const seed of SEEDS) {
    const signal = normalSignals[kind]!(new Random(seed));
    const watch = new Watch();
    for (let i = 0; i < ROWS; i++) {
      const { anomaly, alarm } = watch.next(signal());
      if (anomaly) anomalies++;
      if (alarm) alarms++;
    }
  }
  return { anomalies, alarms };
}

/** Share of the faults with an anomaly, with an alarm, and how many readings the alarm took. */
function seen(kind: string, deviation: number, fault: Fault): { flagged: number; alarmed: number; delay: number } {
  const delays: number[] = [];
  let flagged = 0;
  for (let seed = 1; seed <= FAULTS; seed++) {
    const signal = normalSignals[kind]!(new Random(seed));
    const watch = new Watch();
    let last = 0;
    for (let i = 0; i < BEFORE_FAULT; i++) watch.next((last = signal()));
    let [isFlagged, delay] = [false, -1];
    for (let i = 0; i < FAULT_ROWS; i++) {
      const { anomaly, alarm } = watch.next(fault(signal(), i, deviation, last));
      isFlagged ||= anomaly;
      if (alarm && delay < 0) delay = i + 1;
    }
    if (isFlagged) flagged++;
    if (delay > 0) delays.push(delay);
  }
  return {
    flagged: flagged / FAULTS,
    alarmed: delays.length / FAULTS,
    delay: delays.length > 0 ? medianOf(delays) : NaN,
  };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

// eslint-disable-next-line @typescript-eslint/require-await
bench(async () => {
  printMachine();
  const normal = Object.keys(normalSignals).map((kind) => ({ kind, ...falseAlarms(kind) }));
  printTable(
    ['normal readings', 'anomalies in 100,000', 'alarms in 100,000'],
    normal.map(({ kind, anomalies, alarms }) => [kind, anomalies, alarms]),
  );
  const faults = Object.entries(FAULTY_SIGNALS).flatMap(([kind, deviation]) =>
    Object.entries(FAULT_KINDS).map(([name, fault]) => ({ kind, name, ...seen(kind, deviation, fault) })),
  );
  printTable(
    ['faults', 'in', 'an anomaly', `an alarm within ${FAULT_ROWS}`, 'after, median'],
    faults.map(({ kind, name, flagged, alarmed, delay }) => [
      name,
      kind,
      percent(flagged),
      percent(alarmed),
      fixed(delay, 0),
    ]),
  );
  return {
    alarms: Object.fromEntries(normal.map(({ kind, alarms }) => [kind, alarms])),
    seen: Object.fromEntries(faults.map(({ kind, name, flagged }) => [`${name}: ${kind}`, flagged])),
  };
});
