import { MlError, show } from '../../lib/core/errors';
import type { ParamSpecs } from '../../lib/core/params';
import type { Profile } from '../../lib/synthetic/profile';
import { profiles } from '../../lib/synthetic/profiles';
import { customProfile } from '../../lib/synthetic/profiles/custom';
import { listSetting, numberSettings } from '../shared/settings';
import type { MlSyntheticConfig } from './config';

const MAX_DEVICES = 1000;

/** The numbers of the form. */
export const settingSpecs = {
  rate: { type: 'number', default: 1, min: 0.01, max: 86_400, unit: 's', doc: 'Time between live readings.' },
  speed: {
    type: 'number',
    default: 1,
    min: 0.01,
    max: 10_000,
    doc: 'How much faster than the clock the machine lives.',
  },
  interval: {
    type: 'number',
    default: 60,
    min: 0.001,
    max: 86_400,
    unit: 's',
    doc: 'Time between the rows of a batch.',
  },
  days: { type: 'number', default: 30, min: 0.001, max: 3660, unit: 'd', doc: 'Length of a batch.' },
  seed: { type: 'int', default: 1, min: 0, max: 2 ** 32 - 1, doc: 'The same seed gives the same readings.' },
} as const satisfies ParamSpecs;

/** A node's configuration, read and checked. */
export interface SyntheticSettings {
  readonly profile: Profile;
  readonly devices: readonly string[];
  readonly mode: 'live' | 'batch';
  readonly rateMs: number;
  readonly speed: number;
  readonly intervalMs: number;
  readonly days: number;
  /** Time of a batch's first row; null: so that the last row is now. */
  readonly startMs: number | null;
  readonly format: 'rows' | 'csv';
  readonly scenarios: boolean;
  readonly seed: number;
}

/**
 * Reads a node's configuration; what is missing or blank gets its default, so that a node works unopened.
 * @throws MlError `PARAMETER` saying what is wrong
 */
export function settingsOf(config: Partial<MlSyntheticConfig>): SyntheticSettings {
  const { rate, speed, interval, days, seed } = numberSettings('ml-synthetic', settingSpecs, config);
  const profile = profileOf(config);
  return {
    profile,
    devices: devicesOf(config.devices, profile.device),
    mode: config.mode ?? 'live',
    rateMs: rate * 1000,
    speed,
    intervalMs: interval * 1000,
    days,
    startMs: startOf(config.start),
    format: config.format ?? 'rows',
    scenarios: config.scenarios ?? true,
    seed,
  };
}

function profileOf({ profile: id, metrics }: Partial<MlSyntheticConfig>): Profile {
  if (id === undefined || id === '') return profiles[0]!;
  if (id === 'custom') return customProfile(metrics ?? []);
  const found = profiles.find((profile) => profile.id === id);
  if (found !== undefined) return found;
  const names = [...profiles.map((profile) => profile.id), 'custom'].join(', ');
  throw new MlError('PARAMETER', `ml-synthetic: the profiles are ${names}; got ${show(id)}.`);
}

function devicesOf(text: string | undefined, usual: string): readonly string[] {
  const devices = listSetting(text);
  if (devices.length <= MAX_DEVICES) return devices.length === 0 ? [usual] : devices;
  throw new MlError('LIMIT', `ml-synthetic can play ${MAX_DEVICES} devices at most, got ${devices.length}.`);
}

function startOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null;
  const startMs = Date.parse(text);
  if (!Number.isNaN(startMs)) return startMs;
  throw new MlError(
    'PARAMETER',
    `ml-synthetic: the start must be a time such as 2026-01-31T08:00:00Z, or empty; got ${show(text)}.`,
  );
}
