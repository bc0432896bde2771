import { RawReadingBuilder, type RawReading } from './raw-reading';
import { timeOf } from './time';

/** One value of a Sparkplug B payload, as the usual nodes decode it. */
interface Metric {
  readonly name: string;
  readonly value: unknown;
  readonly timestampMs: number | undefined;
}

/** True for `{name: 'flow', value: 3.2, …}`. */
export function isMetric(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'value' in value && typeof value.name === 'string'
  );
}

/**
 * The readings in the metrics of one message. All are one reading, with the newest of their times, unless a name comes
 * more than once (stored values, sent together later): then each round of names is one.
 * @param fallback - the message's own time
 */
export function metricReadings(metrics: readonly unknown[], fallback: unknown): RawReading[] {
  const known = metrics.filter(isMetric).map((metric) => toMetric(metric as Record<string, unknown>));
  // Sorting is stable: metrics without a time of their own stay where they are.
  if (known.every(({ timestampMs }) => timestampMs !== undefined)) {
    known.sort((a, b) => a.timestampMs! - b.timestampMs!);
  }
  const rounds: Map<string, Metric>[] = [];
  for (const metric of known) {
    const round = rounds.at(-1);
    if (round === undefined || round.has(metric.name)) rounds.push(new Map([[metric.name, metric]]));
    else round.set(metric.name, metric);
  }
  return rounds.map((round) => readingOf([...round.values()], fallback));
}

function readingOf(metrics: readonly Metric[], fallback: unknown): RawReading {
  const builder = new RawReadingBuilder();
  let newestMs: number | undefined;
  for (const { name, value, timestampMs } of metrics) {
    builder.addField(name, value);
    if (timestampMs !== undefined) newestMs = Math.max(timestampMs, newestMs ?? timestampMs);
  }
  builder.add('timestamp', newestMs ?? fallback);
  return builder.build();
}

function toMetric({ name, value, timestamp, isNull, is_null }: Record<string, unknown>): Metric {
  const isMissing = isNull === true || is_null === true;
  return {
    name: name as string,
    value: isMissing ? null : whole(value),
    timestampMs: timeOf(whole(timestamp), `The timestamp of ${JSON.stringify(name)}`),
  };
}

/** 64-bit whole numbers come as two halves from some decoders. */
function whole(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('low' in value && 'high' in value)) return value;
  const { low, high } = value;
  if (typeof low !== 'number' || typeof high !== 'number') return value;
  const isUnsigned = 'unsigned' in value && value.unsigned === true;
  return (isUnsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0);
}
