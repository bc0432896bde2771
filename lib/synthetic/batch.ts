import { MlError, show } from '../core/errors';
import type { Reading } from '../core/readings';
import { SyntheticDevice } from './generator';
import type { Profile } from './profile';
import { DAY_MS } from './signals';

/** A year at one minute of one device. */
export const MAX_BATCH_ROWS = 600_000;

export interface BatchOptions {
  readonly profile: Profile;
  readonly devices: readonly string[];
  /** Time of the first row, epoch ms. */
  readonly startMs: number;
  readonly days: number;
  readonly intervalMs: number;
  /** True: labelled scenarios in the profile's shares; false: normal rows only. */
  readonly scenarios: boolean;
  readonly seed: number;
}

/**
 * Times in a batch, one row a device at each.
 * @throws MlError `PARAMETER` for times that cannot be, `LIMIT` for more than `MAX_BATCH_ROWS` rows
 */
export function batchSteps({
  devices,
  days,
  intervalMs,
}: Pick<BatchOptions, 'devices' | 'days' | 'intervalMs'>): number {
  if (!(days > 0)) throw new MlError('PARAMETER', `A batch must span more than 0 days, got ${show(days)}.`);
  if (!(intervalMs >= 1)) {
    throw new MlError('PARAMETER', `The interval between rows must be at least 1 ms, got ${show(intervalMs)} ms.`);
  }
  const steps = Math.max(1, Math.round((days * DAY_MS) / intervalMs));
  const rows = steps * devices.length;
  if (!(rows <= MAX_BATCH_ROWS)) {
    throw new MlError(
      'LIMIT',
      `A batch can have ${MAX_BATCH_ROWS} rows at most, and this one would have ${rows}: ask for fewer days or devices, or a longer interval.`,
    );
  }
  return steps;
}

/**
 * The readings of a batch in the order of time, one by one, so that the caller decides how many to make at once.
 * @throws MlError as `batchSteps`
 */
export function* makeBatch(options: BatchOptions): Generator<Reading, void, undefined> {
  const { profile, startMs, intervalMs, seed } = options;
  const steps = batchSteps(options);
  const devices = options.devices.map((name) => new SyntheticDevice(profile, name, seed));
  if (options.scenarios) for (const device of devices) device.plan(startMs, startMs + steps * intervalMs);
  for (let step = 0; step < steps; step++) {
    for (const device of devices) yield device.next(startMs + step * intervalMs);
  }
}
