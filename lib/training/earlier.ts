import type { DetectorAlgorithm, ForecasterAlgorithm, ModelState } from '../core/algorithm';
import { SHARED_DEVICE, type Artifact } from '../core/artifact';
import { messageOf, MlError } from '../core/errors';
import type { ModelStore } from '../store/store';
import type { EarlierVersion, TrainingPlan } from './request';

/** A larger state is not sent along to a worker. */
const MAX_START_BYTES = 64 * 2 ** 20;

/** What the version in use means for the next one. */
export interface Earlier {
  readonly start?: EarlierVersion;
  /** Why a new version cannot go on from it, for the card. */
  readonly problem?: string;
}

/**
 * Looks at the version of a model that is in use before a new one is trained.
 * @param warmStart - the new one is to go on from it
 * @throws MlError `CONFLICT` where it is of another kind: whoever uses it could not use the new one
 */
export async function lookBack(
  store: ModelStore,
  { name, task }: Pick<TrainingPlan, 'name' | 'task'>,
  device: string,
  warmStart: boolean,
): Promise<Earlier> {
  const found = await activeVersion(store, name, device);
  if (typeof found === 'string') return warmStart ? { problem: `Started from nothing: ${found}` } : {};
  if (found === null) return {};
  const kind = task === 'forecast' ? 'forecaster' : 'detector';
  if (found.kind !== kind) {
    const [is, wanted] = kind === 'forecaster' ? ['detects', 'forecasts'] : ['forecasts', 'detects'];
    const whose = device === SHARED_DEVICE ? 'all devices' : device;
    throw new MlError(
      'CONFLICT',
      `The model "${name}" for ${whose} ${is}: give the one that ${wanted} another name, or delete the old one.`,
    );
  }
  if (!warmStart) return {};
  const { state, algorithm, version } = found;
  if (bytesOf(state) > MAX_START_BYTES) return { problem: `Started from nothing: version ${version} is too large.` };
  return { start: { state, stateVersion: algorithm.stateVersion, algorithm: algorithm.id, version } };
}

/** True where the earlier version is one that the algorithm can go on from. */
export function canStartFrom(
  { id, traits }: DetectorAlgorithm | ForecasterAlgorithm,
  start: EarlierVersion | undefined,
): start is EarlierVersion {
  return start?.algorithm === id && traits.warmStart === true;
}

/** For the card of a version that was started from an earlier one. */
export function startedFrom({ version }: EarlierVersion): string {
  return `Started from version ${version}, as far as that fits these readings.`;
}

/** A damaged version is no reason not to train a new one: then why it cannot be read. */
async function activeVersion(store: ModelStore, name: string, device: string): Promise<Artifact | string | null> {
  try {
    return (await store.active({ name, device }))?.artifact ?? null;
  } catch (error) {
    return messageOf(error);
  }
}

function bytesOf({ tensors }: ModelState): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
}
