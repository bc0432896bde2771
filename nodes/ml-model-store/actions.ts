import { MlError, show } from '../../lib/core/errors';
import type { OpenStore } from '../../lib/store/open-store';
import type { ImportReport, ModelKey } from '../../lib/store/store';
import type { StoreAction } from './config';
import { modelOf, type StoreRequest } from './request';

/** What goes into `msg.payload`, and the number that the node's status shows. */
export interface Answer {
  readonly payload: unknown;
  readonly number: number;
  /** What else goes into the message. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

type Action = (request: StoreRequest, store: OpenStore) => Promise<Answer>;

/** What each action does. @throws MlError with a sentence for the user */
export const actions: Readonly<Record<StoreAction, Action>> = {
  list: async (request, { models }) => {
    const payload = await models.list(filterOf(request));
    return { payload, number: payload.length };
  },

  get: async (request, { models }) => {
    const key = await modelOf(request, models);
    const { card, version } = await models.get(key, request.version);
    const [manifest] = await models.list(key);
    return { payload: { card, manifest }, number: version };
  },

  activate: async (request, { models }) => {
    const key = await modelOf(request, models);
    const { version } = request;
    if (version === undefined) throw new MlError('PARAMETER', 'To activate a version, give its number in msg.version.');
    return { payload: await models.activate(key, version), number: version };
  },

  rollback: async (request, { models }) => {
    const payload = await models.rollback(await modelOf(request, models), request.version);
    return { payload, number: payload.active ?? 0 };
  },

  delete: async (request, { models }) => {
    const key = await modelOf(request, models);
    const [before] = await models.list(key);
    await models.delete(key, request.version);
    const { version = null } = request;
    return { payload: { ...key, version }, number: version === null ? (before?.versions.length ?? 0) : 1 };
  },

  threshold: async (request, { models }) => {
    const key = await modelOf(request, models);
    const { threshold } = request;
    if (threshold === undefined) {
      throw new MlError(
        'PARAMETER',
        'Give the threshold, a score from 0 to 1, in msg.threshold; null goes back to the one that training chose.',
      );
    }
    return { payload: await models.setThreshold(key, threshold), number: threshold ?? 0 };
  },

  export: async (request, { models }) => {
    const one = request.version === undefined ? filterOf(request) : await modelOf(request, models);
    const payload = await models.export(one, request.version);
    return { payload, number: payload.length };
  },

  import: async ({ payload }, { models }) => {
    const report = await models.import(textOf(payload));
    refuseEmpty(report);
    return { payload: report, number: report.imported.length };
  },

  prune: async (request, { models, keep }) => {
    const deleted = await models.prune(request.keep ?? keep, filterOf(request));
    return { payload: { deleted }, number: deleted };
  },
};

function filterOf({ name, device }: StoreRequest): Partial<ModelKey> {
  return { ...(name !== undefined && { name }), ...(device !== undefined && { device }) };
}

function textOf(payload: unknown): string {
  if (Buffer.isBuffer(payload)) return payload.toString('utf8');
  if (typeof payload === 'string') return payload;
  throw new MlError('PARAMETER', `To import, give the text of an export in msg.payload, got ${show(payload)}.`);
}

function refuseEmpty({ imported, failed }: ImportReport): void {
  const [first] = failed;
  if (imported.length > 0 || first === undefined) return;
  throw new MlError('ARTIFACT', `Nothing could be imported; ${first.what}: ${first.reason}`);
}
