import type { Profile } from './profile';
import { customInfo } from './profiles/custom';
import { pumpStation } from './profiles/pump-station';
import { server } from './profiles/server';

/** The profiles that need nothing to be told; the first is the default. `customProfile` makes others. */
export const profiles: readonly Profile[] = [pumpStation, server];

/** What a form must know of a profile. */
export interface ProfileInfo {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly device: string;
  readonly fields: readonly { readonly name: string; readonly unit: string }[];
  readonly scenarios: readonly { readonly id: string; readonly title: string; readonly summary: string }[];
}

const infoOf = ({ id, title, summary, device, fields, scenarios }: ProfileInfo): ProfileInfo => ({
  id,
  title,
  summary,
  device,
  fields: fields.map(({ name, unit }) => ({ name, unit })),
  scenarios: scenarios.map((scenario) => ({ id: scenario.id, title: scenario.title, summary: scenario.summary })),
});

/** All profiles, as plain data for a form; the fields of `custom` are the user's own. */
export const profileInfos: readonly ProfileInfo[] = [...profiles.map(infoOf), infoOf({ ...customInfo, fields: [] })];
